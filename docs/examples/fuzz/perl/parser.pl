#!/usr/bin/perl
# A parser in Perl and the other side of `streamsim fuzz --command 'perl docs/examples/fuzz/perl/parser.pl'`.
# Nothing but what comes with Perl; the protocol is told in docs/reference/fuzz-protocol.md.

use strict;
use warnings;
use Encode qw(decode);
use JSON::PP;

# The parser: a closure that is fed bytes and calls back with each event.
sub parser {
    my ($on_event) = @_;
    my ($head, $began, $partial, $after_cr, $id, $type, @data) = ('', 0, '', 0, '', '');
    my $line = sub {
        my ($text) = @_;
        if ($text eq '') {
            $on_event->(join("\n", @data), $type eq '' ? 'message' : $type, $id) if @data;
            ($type, @data) = ('');
            return;
        }
        my ($field, $value) = $text =~ /\A([^:]*):? ?(.*)\z/s;
        if    ($field eq 'data')  { push @data, $value }
        elsif ($field eq 'event') { $type = $value }
        elsif ($field eq 'id')    { $id = $value unless $value =~ /\0/ }
    };
    return sub {
        my ($chunk) = @_;
        if (!$began) {
            $head .= $chunk;
            return if length($head) < 3 && index("\xef\xbb\xbf", $head) == 0;
            ($chunk = $head) =~ s/\A\xef\xbb\xbf//;
            $began = 1;
        }
        while ($chunk =~ /\G([^\r\n]*)([\r\n])/gc) {
            my ($text, $end) = ($partial . $1, $2);
            # An LF right after a CR is part of that line end, even when it comes in the next chunk.
            my $rest_of_end = $after_cr && $text eq '' && $end eq "\n";
            ($partial, $after_cr) = ('', $end eq "\r");
            $line->(decode('UTF-8', mended($text))) unless $rest_of_end;
        }
        $partial .= substr($chunk, pos($chunk) // 0);
        $after_cr &&= $partial eq '';
    };
}

# UTF-8 with U+FFFD for what is none, as the Encoding standard has it: Perl itself takes more bytes for one character.
my $more = qr/[\x80-\xBF]/;
my $begun = qr/\xE0[\xA0-\xBF]|[\xE1-\xEC\xEE\xEF]$more|\xED[\x80-\x9F]|(?:\xF0[\x90-\xBF]|[\xF1-\xF3]$more|\xF4[\x80-\x8F])$more?/;
my $whole = qr/[\x00-\x7F]|[\xC2-\xDF]$more|(?:\xE0[\xA0-\xBF]|[\xE1-\xEC\xEE\xEF]$more|\xED[\x80-\x9F])$more|(?:\xF0[\x90-\xBF]|[\xF1-\xF3]$more|\xF4[\x80-\x8F])$more$more/;

sub mended {
    my ($text) = @_;
    $text =~ s/\G((?:$whole)+)|\G(?:$begun|.)/defined $1 ? $1 : "\xEF\xBF\xBD"/gse;
    return $text;
}

# One stream, by a fresh parser.
sub reading {
    my ($chunks) = @_;
    my ($given, @events) = (0);
    my $feed = parser(sub { push @events, {data => $_[0], type => $_[1], id => $_[2], after => $given} });
    my $error = eval { for my $hex (@$chunks) { $given++; $feed->(pack 'H*', $hex) } 1 } ? '' : $@;
    return {events => \@events, error => $error};
}

# The same chunks many times over, of which nothing is kept, so that the process can be looked at from outside.
sub repeated {
    my ($chunks, $times) = @_;
    my $feed = parser(sub { });
    for (1 .. $times) { $feed->(pack 'H*', $_) for @$chunks }
    return {};
}

my $json = JSON::PP->new->utf8->canonical;
$| = 1;
while (my $said = <STDIN>) {
    my $case = $json->decode($said);
    if (!exists $case->{case}) {
        print $json->encode({name => 'a parser in Perl', prompt => JSON::PP::true, repeats => JSON::PP::true}), "\n";
        next;
    }
    my $read = $case->{times} ? repeated($case->{chunks}, $case->{times}) : reading($case->{chunks});
    print $json->encode({case => $case->{case}, %$read}), "\n";
}
