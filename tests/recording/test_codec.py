from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import RecordingError
from streamsim.recording import codec
from streamsim.recording.model import Chunk, Entry, Header, Kept, Recording, Response, as_text
from tests.builders import as_file, exchange, recording
from tests.recording.drawn import files

HEADER = b'{"streamsim":1}\n'
REQUEST = (
    b'{"kind":"request","exchange":1,"connection":1,"at_us":0,"method":"POST","target":"/v1","headers":[["host","h"]],'
    b'"text":"{}"}\n'
)
RESPONSE = (
    b'{"kind":"response","exchange":1,"dt_us":5,"status":200,"reason":"OK","http":"1.1","framing":"chunked",'
    b'"headers":[]}\n'
)
CHUNK = b'{"kind":"chunk","exchange":1,"dt_us":7,"text":"data: hi\\n\\n"}\n'
END = b'{"kind":"end","exchange":1,"dt_us":9,"cause":"complete"}\n'
HEAD = HEADER + REQUEST + RESPONSE
WHOLE = HEAD + CHUNK + END


def load(data: bytes, *, salvage: bool = False) -> Recording:
    """Return what ``data`` holds as the file a.jsonl."""
    return codec.decode([data], source="a.jsonl", salvage=salvage)


def refused(data: bytes) -> str:
    """Return the message with which ``data`` is refused."""
    with pytest.raises(RecordingError) as caught:
        load(data)
    return str(caught.value)


# What is written.


@given(files())
def test_what_is_read_is_written_back_byte_for_byte(lines: list[bytes]) -> None:
    """A file that this codec wrote, with anything unknown in it, survives reading and writing unchanged."""
    assert as_file(load(b"".join(lines))) == b"".join(lines)


@given(files(), st.data())
def test_blocks_may_be_cut_anywhere(lines: list[bytes], data: st.DataObject) -> None:
    """However a file is cut into blocks, the recording is the same."""
    whole = b"".join(lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    blocks = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert codec.decode(blocks) == codec.decode([whole])


def test_one_byte_at_a_time_gives_the_same_recording() -> None:
    """Even a file that comes byte by byte reads the same."""
    assert codec.decode(bytes([byte]) for byte in WHOLE) == codec.decode([WHOLE])


@given(st.binary(max_size=60))
def test_any_bytes_survive_in_a_body(data: bytes) -> None:
    """Bytes are kept exactly, as text where they are UTF-8 and else in base64."""
    one = recording(exchange(chunks=[data]))
    again = load(as_file(one)).exchanges[0].chunks[0]
    assert again.data == data
    assert (again.text is None) == (as_text(data) is None)


@pytest.mark.parametrize(
    ("data", "stands"),
    [
        (b"data: \xe2\x98\x83\n\n", '"text":"data: ☃\\n\\n"'),
        (b"", '"text":""'),
        (b"\0\x1f\x7f", '"text":"\\u0000\\u001f\x7f"'),
        (b"\xef\xbb\xbfdata", '"text":"\ufeffdata"'),
        (b"\xe2\x98", '"b64":"4pg="'),
        (b"\xed\xa0\x80", '"b64":"7aCA"'),
        (b"\xc0\x80", '"b64":"wIA="'),
    ],
)
def test_text_is_preferred_where_it_is_exact(data: bytes, stands: str) -> None:
    """UTF-8 stands as text; halves of characters, surrogates and overlong forms stand in base64."""
    assert stands.encode() in as_file(recording(exchange(chunks=[data])))


def test_what_others_take_for_line_ends_is_escaped() -> None:
    """U+0085, U+2028 and U+2029 never stand raw in a line, and read back as themselves."""
    text = "a\u0085b\u2028c\u2029d☃"
    line = codec.write(Chunk(exchange=1, dt_us=0, text=text))
    assert line == '{"kind":"chunk","exchange":1,"dt_us":0,"text":"a\\u0085b\\u2028c\\u2029d☃"}\n'.encode()
    assert len(line.decode().splitlines()) == 1
    assert load(HEAD + line).exchanges[0].chunks[0].text == text


def test_a_line_reads_as_the_format_shows_it() -> None:
    """Keys stand in their documented order, and what is default is left out, but never the HTTP version."""
    assert as_file(load(WHOLE)) == WHOLE
    response = Response(exchange=1, dt_us=5, status=200, reason="OK", framing="chunked", headers=())
    assert codec.write(response) == RESPONSE


# What does not change the digest, and what does.


def test_header_and_comments_are_outside_the_digest() -> None:
    """Another header and other comments give the same digest."""
    other = b'{"streamsim":1,"created":"now","x":1}\n# why\n' + WHOLE[len(HEADER) :] + b"#end\n"
    assert codec.digest(load(other)) == codec.digest(load(WHOLE))


@pytest.mark.parametrize(
    "other",
    [
        WHOLE.replace(b'"dt_us":7', b'"dt_us":8'),
        WHOLE.replace(b"hi", b"ho"),
        WHOLE.replace(b'"exchange":1', b'"exchange":2'),
        WHOLE + b'{"kind":"marker"}\n',
        HEAD + CHUNK,
    ],
)
def test_all_other_lines_are_inside_the_digest(other: bytes) -> None:
    """Any other difference, an unknown line too, gives another digest."""
    assert codec.digest(load(other)) != codec.digest(load(WHOLE))


def test_spelling_is_outside_the_digest() -> None:
    """Spaces, the order of keys, and a default written out change nothing that is said."""
    spelt = WHOLE.replace(b'"http":"1.1",', b"").replace(b'"dt_us":7,', b' "dt_us" : 7 , "cut":false,')
    assert spelt != WHOLE
    assert codec.digest(load(spelt)) == codec.digest(load(WHOLE))


@pytest.mark.parametrize("together", [1, 2, 4096])
def test_the_digest_is_that_of_the_lines(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many lines are spelt at once, each counts as it is written, and comments do not."""
    monkeypatch.setattr(codec, "TOGETHER", together)
    one = load(HEAD + CHUNK + "# é\n".encode() + CHUNK.replace(b"hi", "\x85é\u2028".encode()) + CHUNK + b"\n" + END)
    lines = [codec.write(entry) for entry in one.entries]
    assert codec.digest(one) == sha256(b"".join(line for line in lines if line[:1] != b"#")).hexdigest()


def test_the_digest_has_a_known_answer() -> None:
    """The digest of a recording names it for good."""
    assert codec.digest(load(WHOLE)) == "43d690e9c2f930b6a9bbb7a413a87db48cf9b6f60654a0620068aec870a57bf6"


# What survives.


def test_unknown_keys_survive_beside_known_ones() -> None:
    """A known line with an unknown key is understood, and written back as it was."""
    line = CHUNK.replace(b'"dt_us":7', b'"dt_us":7, "x_tokens": {"n":[1,{}]}')
    one = load(HEAD + line + END)
    assert one.exchanges[0].chunks[0].dt_us == 7
    assert as_file(one) == HEAD + line + END


def test_a_key_of_another_kind_is_an_unknown_key_too() -> None:
    """What only responses have may stand in a chunk line, and means nothing there."""
    line = CHUNK.replace(b'"dt_us":7', b'"dt_us":7,"status":"fine"')
    assert as_file(load(HEAD + line)) == HEAD + line


def test_an_unknown_key_does_not_excuse_a_wrong_value() -> None:
    """Beside an unknown key a known one is checked all the same."""
    line = b'{"kind":"chunk","exchange":1,"dt_us":"7","x":1}\n'
    assert refused(HEAD + line) == (
        "a.jsonl:4: expected `int`, got `str` - at `$.dt_us`; mend the line, or read up to it with --salvage"
    )


def test_unknown_header_keys_survive() -> None:
    """A header with more in it is written back as it was."""
    data = b'{"streamsim":1, "title":"x"}\n' + REQUEST
    assert as_file(load(data)) == data
    assert load(data).header == Kept(b'{"streamsim":1, "title":"x"}')


def test_comments_and_blank_lines_hold_no_exchange() -> None:
    """They are kept where they stand and say nothing."""
    one = load(HEADER + b"# {\n\n  \n" + REQUEST)
    assert one.entries[:3] == (Kept(b"# {"), Kept(b""), Kept(b"  "))
    assert len(one.exchanges) == 1


# What a file may look like from outside.


def test_a_byte_order_mark_is_passed_over() -> None:
    """A BOM before the header is no part of it."""
    assert as_file(load(b"\xef\xbb\xbf" + WHOLE)) == WHOLE


def test_a_file_with_crlf_says_the_same() -> None:
    """CR before LF is blank space of JSON."""
    data = WHOLE.replace(b"\n", b"\r\n")
    assert load(data).exchanges == load(WHOLE).exchanges
    assert codec.digest(load(data)) == codec.digest(load(WHOLE))


def test_a_last_line_without_its_line_end_is_whole() -> None:
    """A file whose last line is complete but for its LF is not torn."""
    one = load(WHOLE.removesuffix(b"\n"))
    assert not one.torn
    assert as_file(one) == WHOLE


def test_a_header_alone_is_an_empty_recording() -> None:
    """A recorder that saw nothing leaves a recording without exchanges."""
    assert load(HEADER).exchanges == ()
    assert load(HEADER.strip()).exchanges == ()


def test_an_exchange_without_end_is_told_so() -> None:
    """What a killed recorder had written of an exchange is there, and its end is not."""
    one = load(HEAD + CHUNK).exchanges[0]
    assert (one.body, one.end) == (b"data: hi\n\n", None)


def test_a_file_cut_in_its_header_is_refused() -> None:
    """Without a whole first line there is no recording."""
    for size in range(1, len(HEADER) - 1):
        assert refused(WHOLE[:size]).startswith("a.jsonl:1: not a streamsim recording")


def test_a_file_cut_behind_its_header_loads() -> None:
    """Wherever it is cut, every whole line is there, and the half of a line makes it torn."""
    ends = {size for size in range(len(WHOLE) + 1) if b"\n" in (WHOLE[size - 1 : size], WHOLE[size : size + 1])}
    for size in range(len(HEADER) - 1, len(WHOLE) + 1):
        one = load(WHOLE[:size])
        assert one.torn == (size not in ends)
        assert as_file(one) == WHOLE[: WHOLE.rfind(b"\n", 0, size + 1) + 1]


# What is refused, and how.

MEND = "mend the line, or read up to it with --salvage"
NEWER = "read it with the streamsim that wrote it, or a newer one"
FIRST = 'the first line must read {"streamsim":1,…}'


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "a.jsonl: the file is empty; name a recording, or make one: streamsim record"),
        (b"\n", f"a.jsonl:1: not a streamsim recording (input data was truncated); {FIRST}"),
        (
            b"{}\n",
            f"a.jsonl:1: not a streamsim recording (object missing required field `streamsim`); {FIRST}",
        ),
        (b"[1]\n", f"a.jsonl:1: not a streamsim recording (expected `object`, got `array`); {FIRST}"),
        (
            b"data: hi\n\n",
            f"a.jsonl:1: not a streamsim recording (JSON is malformed: invalid character (byte 0)); {FIRST}",
        ),
        (b'{"streamsim":1,"created":"\xff"}\n', f"a.jsonl:1: not a streamsim recording (it is not UTF-8); {FIRST}"),
        (
            b'{"streamsim":2}\n',
            f"a.jsonl:1: format version 2, and this streamsim reads version 1; {NEWER}",
        ),
        (HEADER + b"{]\n", f"a.jsonl:2: JSON is malformed: object keys must be strings (byte 1); {MEND}"),
        (HEADER + b"[]\n", f"a.jsonl:2: expected `object`, got `array`; {MEND}"),
        (HEADER + b"{}\n", f"a.jsonl:2: object missing required field `kind`; {MEND}"),
        (HEADER + b'{"kind":5}\n', f"a.jsonl:2: expected `str`, got `int` - at `$.kind`; {MEND}"),
        (HEADER + b'{"kind":"chunk"}\n', f"a.jsonl:2: object missing required field `exchange`; {MEND}"),
        (HEAD + CHUNK.replace(b"7", b"-7"), f"a.jsonl:4: expected `int` >= 0 - at `$.dt_us`; {MEND}"),
        (HEAD + CHUNK.replace(b"7", b"7.5"), f"a.jsonl:4: expected `int`, got `float` - at `$.dt_us`; {MEND}"),
        (
            HEAD + CHUNK.replace(b"7", b"9007199254740992"),
            f"a.jsonl:4: expected `int` <= 9007199254740991 - at `$.dt_us`; {MEND}",
        ),
        (HEAD + CHUNK.replace(b"hi", b"h\xff"), f"a.jsonl:4: it is not UTF-8; {MEND}"),
        (HEAD + b"# fine\n\xff\xfe\n", f"a.jsonl:5: JSON is malformed: invalid character (byte 0); {MEND}"),
        (
            HEAD + b'{"kind":"chunk","exchange":1,"dt_us":1,"b64":"4p"}\n',
            f"a.jsonl:4: invalid base64 encoded string - at `$.b64`; {MEND}",
        ),
        (HEADER + b'{"kind":"x","deep":' + b"[" * 100_000 + b"\n", f"a.jsonl:2: it is nested too deeply; {MEND}"),
        (HEAD + RESPONSE, f"a.jsonl:4: a second response line of exchange 1 after its response line; {MEND}"),
        (
            HEADER + REQUEST + RESPONSE.replace(b"200", b"199"),
            f"a.jsonl:3: expected `int` >= 200 - at `$.status`; {MEND}",
        ),
        (
            HEADER + REQUEST + RESPONSE.replace(b"200", b"1000"),
            f"a.jsonl:3: expected `int` <= 999 - at `$.status`; {MEND}",
        ),
        (
            HEADER + REQUEST + b'{"kind":"info","exchange":1,"dt_us":0,"status":200}\n',
            f"a.jsonl:3: expected `int` <= 199 - at `$.status`; {MEND}",
        ),
        (
            HEAD + CHUNK.replace(b'"text"', b'"b64":"4pg=","text"'),
            f"a.jsonl:4: both text and b64: the bytes are one or the other; {MEND}",
        ),
        (
            HEAD + CHUNK.strip() + CHUNK,
            f"a.jsonl:4: JSON is malformed: trailing characters (byte {len(CHUNK)}); {MEND}",
        ),
        (
            HEAD + CHUNK.strip() + CHUNK + b"\n" + END,
            f"a.jsonl:4: JSON is malformed: trailing characters (byte {len(CHUNK)}); {MEND}",
        ),
        (HEAD + CHUNK.replace(b",", b",\n"), f"a.jsonl:4: input data was truncated; {MEND}"),
    ],
)
def test_what_is_wrong_is_named_with_file_and_line(data: bytes, message: str) -> None:
    """Each way to be wrong is one line: where, what, and what to do."""
    assert refused(data) == message


def test_a_first_line_after_a_comment_is_no_header() -> None:
    """The header is the first line, and nothing may stand before it."""
    assert refused(b"# hi\n" + WHOLE).startswith("a.jsonl:1: not a streamsim recording")


def test_line_numbers_count_over_blocks() -> None:
    """The line that is named is the line of the file, not of the block it came in."""
    with pytest.raises(RecordingError, match=r"^a\.jsonl:5: "):
        codec.decode([HEADER + REQUEST, RESPONSE[:9], RESPONSE[9:] + b"#\n", b"{]\n", END], source="a.jsonl")


def test_a_line_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line longer than any recording's is refused as soon as that shows, wherever in the file it stands."""
    monkeypatch.setattr(codec, "LINE_LIMIT", 1 << 20)

    def blocks() -> list[bytes]:
        return [HEAD, *[b"x" * 65_536] * 17]

    with pytest.raises(RecordingError) as caught:
        codec.decode(blocks(), source="a.jsonl")
    assert str(caught.value) == "a.jsonl:4: a line of over 1 MiB; name a recording, or split its chunk"
    assert codec.decode(blocks()[:16]).torn


# What salvage brings back.


@pytest.mark.parametrize("bad", [b"{]\n", b"\xff\n", REQUEST, b'{"kind":"chunk","exchange":9,"dt_us":1}\n'])
def test_salvage_brings_back_all_before_a_bad_line(bad: bytes) -> None:
    """With salvage the lines before the first bad one are the recording."""
    assert refused(HEAD + CHUNK + bad + END).startswith("a.jsonl:5: ")
    assert as_file(load(HEAD + CHUNK + bad + END, salvage=True)) == HEAD + CHUNK


def test_salvage_needs_a_header() -> None:
    """Where the first line is bad there is nothing to salvage."""
    with pytest.raises(RecordingError, match=r"^a\.jsonl:1: "):
        load(b"{]\n" + WHOLE, salvage=True)


def test_salvage_changes_nothing_in_a_good_file() -> None:
    """A file without a bad line reads the same either way."""
    assert load(WHOLE, salvage=True) == load(WHOLE)


def test_entries_come_in_batches_with_their_line_numbers() -> None:
    """A reader that must not hold the whole file gets it block by block, one entry a line."""
    reader = codec.Reader("a.jsonl")
    batches = list(reader.batches([HEADER + REQUEST, RESPONSE + CHUNK[:5], CHUNK[5:] + b"#x\n" + END]))
    assert [(first, len(entries)) for first, entries in batches] == [(2, 1), (3, 1), (4, 3)]
    assert reader.require_header() == Header(version=1)


def test_every_line_is_one_json_object_for_other_tools() -> None:
    """Any JSON reader understands every line that we write."""
    told = [json.loads(line) for line in as_file(recording(exchange(chunks=[b"a", b"\xff"]))).splitlines()]
    assert [line.get("kind") for line in told] == [None, "request", "response", "chunk", "chunk", "end"]


def test_lines_are_the_same_written_together() -> None:
    """With lines among them that are kept as they were, and without."""
    chunks: list[Entry] = [
        Chunk(exchange=1, dt_us=nth, text=text) for nth, text in enumerate(("a\u2028\x85", "é", "a"))
    ]
    for entries in (chunks, [*chunks, Kept(b"# a comment")]):
        assert codec.write_all(entries) == b"".join(map(codec.write, entries))
