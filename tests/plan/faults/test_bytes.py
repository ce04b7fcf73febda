from __future__ import annotations

import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import PlanError, UsageError
from streamsim.plan.faults import parse_fault
from streamsim.sse import parse
from tests.builders import chat, exchange, sse
from tests.plan.faults.bodies import CHAT, GZIPPED, NO_STREAM, data, sent, stream
from tests.plan.faults.scenes import CHUNKED, ONE, THREE, TWO, plan

EOLS = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}
LINES = (b"event: a\ndata: one\n\n", b": hi\n\ndata: two\ndata:\n\n", b"id: 7\n\ndata: three\n\n")


@pytest.mark.parametrize("eol", EOLS.values())
@pytest.mark.parametrize("style", EOLS)
def test_line_ends_are_all_of_one_style(eol: bytes, style: str) -> None:
    """Every one, whatever it was; chunks and events stay."""
    result = plan(stream(*LINES, eol=eol), f"line_ends:style={style}")
    assert sent(result) == [frame.replace(b"\n", EOLS[style]) for frame in LINES]
    assert parse(result.body) == parse(b"".join(LINES))
    assert result.outcomes == ["missed" if eol == EOLS[style] else "applied"]


def test_line_ends_are_crlf_by_default() -> None:
    """As many servers write them."""
    assert plan(None, "line_ends").body == (ONE + TWO + THREE).replace(b"\n", b"\r\n")


@pytest.mark.parametrize("style", [*EOLS, "mixed"])
def test_a_line_end_over_two_chunks_stays_over_two_chunks(style: str) -> None:
    """Its CR ends one and its LF begins the next, if there are both; else it is one byte."""
    one = exchange(headers=CHUNKED, chunks=[b"data: x\r", b"\n\r", b"\ndata: y\r\n\r\n"])
    result = plan(one, f"line_ends:style={style}")
    assert data(result) == ["x", "y"]
    if style == "crlf":
        assert sent(result) == sent(plan(one))
    if style == "cr":
        assert sent(result) == [b"data: x\r", b"\r", b"data: y\r\r"]


@given(
    st.lists(st.sampled_from([*LINES, ONE, b"\n"]), max_size=6), st.sampled_from([*EOLS.values()]), st.integers(0, 9)
)
def test_mixed_line_ends_keep_every_line(frames: list[bytes], eol: bytes, seed: int) -> None:
    """Events are the same, and so are the lines between which an LF never follows a CR of another."""
    result = plan(stream(ONE, *frames, eol=eol), "line_ends:style=mixed", seed=seed)
    assert parse(result.body) == parse(ONE + b"".join(frames))
    assert re.split(rb"\r\n|\r|\n", result.body) == (ONE + b"".join(frames)).split(b"\n")


def test_mixed_line_ends_are_of_all_styles() -> None:
    """Drawn for each line; the same seed draws the same."""
    result = plan(stream(*LINES * 9), "line_ends:style=mixed")
    assert set(re.findall(rb"\r\n|\r|\n", result.body)) == {b"\r\n", b"\r", b"\n"}
    assert result == plan(stream(*LINES * 9), "line_ends:style=mixed")
    assert result.body != plan(stream(*LINES * 9), "line_ends:style=mixed", seed=1).body


def test_mixed_line_ends_are_drawn_by_place() -> None:
    """A comment more does not change the lines of the events."""
    one = stream(*LINES * 9)
    plain, more = (sent(plan(one, *fault, "line_ends:style=mixed")) for fault in ([], ["comment_keepalive:at_event=9"]))
    changed = [index for index, (old, new) in enumerate(zip(plain, more, strict=True)) if old != new]
    assert len(changed) == 1
    assert more[changed[0]].endswith(plain[changed[0]][-8:])


@pytest.mark.parametrize("place", range(1, 35))
def test_other_line_ends_move_no_place(place: int) -> None:
    """A connection that closes after so many recorded bytes closes after what now stands for them."""
    result = plan(None, "line_ends", f"reset_peer:at_byte={place}")
    assert result.body == (ONE + TWO + THREE)[:place].replace(b"\n", b"\r\n")


def test_bom_is_in_the_first_chunk() -> None:
    """Before the first field, and all else as it was."""
    result = plan(None, "bom")
    assert sent(result) == [b"\xef\xbb\xbf" + ONE, TWO, THREE]
    assert data(result) == ["one", "two", "three"]


def test_bom_can_be_split() -> None:
    """Its first byte then comes alone, at the time of the first chunk."""
    result = plan(None, "bom:split=true")
    assert result.shown[1:4] == [(120, b"\xef"), (120, b"\xbb\xbf" + ONE), (140, TWO)]
    assert data(result) == ["one", "two", "three"]


def test_bom_comes_before_whatever_other_faults_insert() -> None:
    """Elsewhere it would be a character."""
    result = plan(None, "bom", "comment_keepalive:at_event=0", "field_without_colon:at_event=0")
    assert sent(result)[0] == b"\xef\xbb\xbf: keepalive\n\ndata\n" + ONE


def test_a_body_with_a_bom_gets_no_other() -> None:
    """And faults of its first event leave the one there is in its place."""
    marked = stream(b"\xef\xbb\xbf" + ONE, TWO)
    assert plan(marked, "bom").outcomes == ["missed"]
    assert sent(plan(marked, "field_without_colon:at_event=0"))[0] == b"\xef\xbb\xbfdata\n" + ONE
    assert sent(plan(marked, "no_space:at_event=0"))[0] == b"\xef\xbb\xbfdata:one\n\n"


def test_bom_stays_with_the_first_byte() -> None:
    """What closes before the body sends no mark."""
    assert plan(None, "bom", "reset_peer:at=headers").body == b""


@pytest.mark.parametrize(
    ("char", "code"), [("2028", "\u2028"), ("2029", "\u2029"), ("0085", "\x85"), ("000b", "\x0b"), ("000c", "\x0c")]
)
def test_a_character_that_is_no_line_end(char: str, code: str) -> None:
    """It stands raw at the beginning of the text, and a conforming reader sees the same events with it."""
    result = plan(CHAT, f"unicode_newline:char={char}")
    assert [text.count(code) for text in data(result)] == [0, 1, 1, 0, 0, 0]
    assert f'"content":"{code}Hel"' in data(result)[1]
    assert [text.replace(code, "") for text in data(result)] == data(plan(CHAT))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{"type":"content_block_delta","delta":{"type":"text_delta","text":"Hi"}}', '"text":"\u2028Hi"'),
        ('{"type":"response.output_text.delta","delta" : "Hi"}', '"delta" : "\u2028Hi"'),
        ('[{"content":"Hi"}]', '"content":"\u2028Hi"'),
        ("Hi", "\u2028Hi"),
    ],
)
def test_where_a_text_stands(value: str, expected: str) -> None:
    """Under the keys of the providers, or as it is."""
    assert expected in data(plan(stream(*sse(value)), "unicode_newline"))[0]


@pytest.mark.parametrize("value", ["[DONE]", '{"type":"message_stop"}', '{"content":""}', "{}"])
def test_what_has_no_text_gets_no_character(value: str) -> None:
    """Neither ends of streams nor empty texts."""
    assert plan(stream(*sse(value)), "unicode_newline:at_event=0").outcomes == ["missed"]


def test_invalid_bytes_are_halfway_into_the_data() -> None:
    """Of the event halfway by default, and never inside a character: it is replaced, and no other."""
    assert sent(plan(None, "invalid_utf8")) == [ONE, b"data: t\xff\xfewo\n\n", THREE]
    assert data(plan(None, "invalid_utf8")) == ["one", "t\ufffd\ufffdwo", "three"]
    snow = stream("data: ☃☃\n\n".encode())
    assert data(plan(snow, "invalid_utf8:hex=C0")) == ["☃\ufffd☃"]
    odd = stream("data: a☃\n\n".encode())
    assert data(plan(odd, "invalid_utf8")) == ["a\ufffd\ufffd☃"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("fff", "invalid_utf8: hex: 'fff' is no hexadecimal; write pairs of digits: fffe"),
        ("xx", "invalid_utf8: hex: 'xx' is no hexadecimal; write pairs of digits: fffe"),
        ("e29883", "invalid_utf8: hex: 'e29883' is UTF-8; write pairs of digits: fffe"),
    ],
)
def test_bytes_must_be_invalid(value: str, message: str) -> None:
    """What is no bytes, or a character, is refused."""
    with pytest.raises(UsageError) as raised:
        parse_fault(f"invalid_utf8:hex={value}")
    assert str(raised.value).endswith(message)


def test_replacement_deltas_replace_byte_by_byte() -> None:
    """Three for a snowman; ASCII and escapes stay, and the line ends."""
    result = plan(stream('data: {"content":"a☃\\u2603é"}\n\n'.encode()), "replacement_deltas")
    assert data(result) == ['{"content":"a\ufffd\ufffd\ufffd\\u2603\ufffd\ufffd"}']
    assert plan(None, "replacement_deltas").outcomes == ["missed"]


def test_a_huge_event_is_the_first_by_default() -> None:
    """A megabyte of spaces in its JSON, which says the same."""
    result = plan(CHAT, "huge_event")
    first, *rest = sent(result)
    assert len(first) == len(sent(plan(CHAT))[0]) + (1 << 20)
    assert first.startswith(b"data: { ")
    assert rest == sent(plan(CHAT))[1:]
    assert first.replace(b" " * (1 << 20), b"") == sent(plan(CHAT))[0]


def test_huge_text_is_huge() -> None:
    """Data that is no JSON object grows by x's."""
    assert sent(plan(None, "huge_event:at_event=1,size=3")) == [ONE, b"data: xxxtwo\n\n", THREE]


def test_sizes_are_limited() -> None:
    """A request cannot fill the memory, neither at once nor by repetition."""
    with pytest.raises(
        UsageError, match=r"huge_event: size: 67108865 is not from 1 to 67108864; write size=1 or more$"
    ):
        parse_fault("huge_event:size=67108865")
    many = "huge_event:probability=1,size=60000000"
    with pytest.raises(PlanError, match=r"^huge_event: its events would be larger than 134217728 bytes; strike fewer"):
        plan(CHAT, many)
    with pytest.raises(PlanError, match=r"^duplicate: its events would be larger than 134217728 bytes"):
        plan(None, "huge_event:at_event=1,size=1000000", "duplicate:at_event=1,times=1000")


@pytest.mark.parametrize("bits", [1, 2, 7, 255])
def test_corrupt_flips_so_many_bits(bits: int) -> None:
    """In the event halfway, all of them different, and nowhere else; drawn by the seed."""
    result = plan(CHAT, f"corrupt:bits={bits}")
    before, after = sent(plan(CHAT)), sent(result)
    assert flipped(b"".join(before), b"".join(after)) == bits
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, True, False, True, True]
    assert sent(plan(CHAT, f"corrupt:bits={bits}")) == after != sent(plan(CHAT, f"corrupt:bits={bits}", seed=1))


def test_corrupt_flips_at_most_all_bits() -> None:
    """A byte has eight."""
    assert plan(None, "corrupt:at_byte=0,bits=9").body == bytes([ord("d") ^ 0xFF]) + (ONE + TWO + THREE)[1:]


@pytest.mark.parametrize("other", ["line_ends", "bom", "gzip", "slicer", "field_without_colon"])
@pytest.mark.parametrize("place", [0, 11, 20, 34])
def test_corrupt_at_a_byte_flips_a_bit_of_it(place: int, other: str) -> None:
    """Whatever other faults made of the bytes around it, one bit is all that differs."""
    hit, whole = (
        zlib.decompressobj(31).decompress(result.body) if other == "gzip" else result.body
        for result in (plan(None, other, f"corrupt:at_byte={place}"), plan(None, other))
    )
    assert flipped(hit, whole) == (0 if other == "field_without_colon" and place not in (0, 11) else 1)


def test_corrupt_by_chance() -> None:
    """Chance picks the events, and a bit flips in each."""
    one = stream(*[b"data: %02d\n\n" % number for number in range(60)])
    pairs = zip(sent(plan(one)), sent(plan(one, "corrupt:probability=1/3")), strict=True)
    bits = [flipped(old, new) for old, new in pairs]
    assert set(bits) == {0, 1}
    assert 10 < sum(bits) < 30


def test_corrupt_needs_the_byte() -> None:
    """Byte 35 of 35 is none; of a body without events, any byte will do, and without a place nothing is hit."""
    with pytest.raises(PlanError, match=r"^corrupt: there is no byte 35 of 35; bytes count from 0$"):
        plan(None, "corrupt:at_byte=35")
    with pytest.raises(PlanError, match=r"^corrupt: there is no event 0 of 0; events count from 0$"):
        plan(NO_STREAM, "corrupt:at_event=0")
    assert plan(NO_STREAM, "corrupt").outcomes == ["missed"]
    assert plan(NO_STREAM, "corrupt:at_byte=3").outcomes == ["applied"]
    assert plan(GZIPPED, "corrupt:at_byte=3").outcomes == ["applied"]


def test_corrupt_behind_a_closing_is_not_reached() -> None:
    """The byte right after the place is not sent."""
    assert plan(None, "corrupt:at_byte=11", "reset_peer:at_event=1").outcomes == ["not reached", "applied"]
    assert plan(None, "corrupt:at_byte=10", "reset_peer:at_event=1").outcomes == ["applied", "applied"]
    assert plan(None, "corrupt:at_event=1", "reset_peer:at_event=1").outcomes == ["not reached", "applied"]


def test_a_byte_of_an_event_that_was_lost_is_lost() -> None:
    """There is nothing to corrupt in it."""
    assert plan(None, "corrupt:at_byte=12", "drop:at_event=1").outcomes == ["missed", "applied"]


@pytest.mark.parametrize("fault", ["line_ends", "bom"])
def test_a_body_that_is_no_stream_keeps_its_bytes(fault: str) -> None:
    """JSON has neither lines nor marks of a stream."""
    assert plan(NO_STREAM, fault).outcomes == ["missed"]


@pytest.mark.parametrize("fault", ["corrupt:bits=0", "gzip_truncated:cut=0", "huge_event:size=0", "corrupt:bits=256"])
def test_nothing_and_too_much_are_refused(fault: str) -> None:
    """Each says what it takes."""
    with pytest.raises(UsageError, match=r": \d+ is not from 1 to \d+; write \w+=1 or more$"):
        parse_fault(fault)


def test_bytes_of_a_chat_are_those_of_the_builder() -> None:
    """The chat that these tests use has six events, two of them with text."""
    assert sent(plan(CHAT)) == chat("Hel", "lo ☃", usage=True)


def flipped(one: bytes, other: bytes) -> int:
    """Return how many bits differ."""
    return sum((a ^ b).bit_count() for a, b in zip(one, other, strict=True))
