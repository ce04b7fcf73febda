"""From what a file tells to a recording: nothing invented, nothing secret, nothing that cannot be replayed."""

from __future__ import annotations

import pytest

from streamsim.errors import RecordingError
from streamsim.recording import codec
from tests.recording.importers.inputs import BODY, EVENTS, FRAMES, cassette, chunks, header, imported, interaction, only


def file_of(*interactions: object) -> bytes:
    """Return the recording's file."""
    return b"".join(codec.encode(imported(cassette(*interactions)).recording))


def test_what_is_imported_is_a_recording() -> None:
    """The lines can be written and read again, and are those of one request and its answer."""
    assert file_of(interaction()).decode() == (
        '{"streamsim":1,"upstream":"https://api.test","imported":"vcrpy","lacks":["boundaries","times"]}\n'
        '{"kind":"request","exchange":1,"connection":1,"at_us":0,"method":"POST","target":"/v1/x",'
        '"headers":[["host","api.test"]],"text":"{}"}\n'
        '{"kind":"response","exchange":1,"dt_us":0,"status":200,"reason":"OK","http":"1.1","framing":"chunked",'
        '"headers":[["content-type","text/event-stream"],["transfer-encoding","chunked"]]}\n'
        '{"kind":"chunk","exchange":1,"dt_us":0,"text":"data: {\\"n\\":1}\\n\\n"}\n'
        '{"kind":"chunk","exchange":1,"dt_us":0,"text":"data: {\\"n\\":2}\\n\\n"}\n'
        '{"kind":"end","exchange":1,"dt_us":0,"cause":"complete"}\n'
    )
    assert codec.decode([file_of(interaction())]).exchanges[0].body == BODY


def test_no_secret_is_imported() -> None:
    """Keys in headers, in the query and before the host go, also from bodies, also from earlier exchanges."""
    first = interaction(string="data: sk-later-key user-secret\n\n")
    second = interaction(
        uri="https://me:user-secret@api.test/v1/x?key=query-secret&a=b",
        asked={"Authorization": ["Bearer sk-later-key"]},
    )
    data = file_of(first, second)
    assert [word for word in (b"sk-later", b"user-secret", b"query-secret") if word in data] == []
    assert b'"target":"/v1/x?key=[redacted]&a=b"' in data
    assert header(imported(cassette(first, second))).redacted == ("authorization", "key", "userinfo")


def test_a_cookie_that_is_set_goes_from_a_sized_body_without_changing_its_length() -> None:
    """A body of declared length keeps it."""
    told = interaction(headers={"set-cookie": ["id=long-cookie-value"]}, string='{"id":"long-cookie-value"}')
    exchange = only(imported(cassette(told)))
    assert exchange.body == b'{"id":"[redacted]*******"}'
    assert exchange.response is not None
    assert exchange.response.headers == (("set-cookie", "[redacted]"), ("content-length", "26"))


@pytest.mark.parametrize(
    ("url", "target", "host"),
    [
        ("https://api.test", "/", "api.test"),
        ("https://api.test:8443/a?b#c", "/a?b", "api.test:8443"),
        ("https://api.test?q=1", "/?q=1", "api.test"),
        ("/v1/x", "/v1/x", ""),
        ("<API_BASE>/api/chat", "/api/chat", "<API_BASE>"),
        ("localhost:11434/api/chat", "/api/chat", "localhost:11434"),
        ("http://me:pass@[no/x", "/x", "[no"),
        ("", "/", ""),
        ("https://api.test/Grüße/a b", "/Gr%C3%BC%C3%9Fe/a%20b", "api.test"),
    ],
)
def test_a_url_becomes_a_target_and_a_host(url: str, target: str, host: str) -> None:
    """Whatever stands before the path is the host; the target is one that a request line can hold."""
    request = only(imported(cassette(interaction(uri=url)))).request
    assert (request.target, dict(request.headers).get("host", "")) == (target, host)


def test_a_host_header_of_the_file_stays_the_only_one() -> None:
    """What the tool kept is not added again."""
    request = only(imported(cassette(interaction(asked={"Host": ["other.test"], "a": "1"})))).request
    assert request.headers == (("Host", "other.test"), ("a", "1"))


def test_requests_to_several_servers_name_no_upstream() -> None:
    """The header names the server only where it is one."""
    told = imported(cassette(interaction(uri="https://a.test/"), interaction(uri="https://b.test/")))
    assert header(told).upstream == ""


def test_headers_that_http_1_cannot_say_are_left_out_or_escaped() -> None:
    """Pseudo headers go; line ends become spaces, characters beyond ISO 8859-1 escapes."""
    headers = {**EVENTS, ":status": ["200"], "x-a": "1\r\nx-b: 2", "x-name": "é☃", "Transfer-Encoding": "chunked"}
    response = only(imported(cassette(interaction(headers=headers)))).response
    assert response is not None
    assert response.headers == (
        ("content-type", "text/event-stream"),
        ("x-a", "1  x-b: 2"),
        ("x-name", "é\\u2603"),
        ("transfer-encoding", "chunked"),
    )


def test_a_method_that_is_none_is_an_error_that_names_the_exchange() -> None:
    """What cannot be a request is not imported."""
    with pytest.raises(RecordingError) as caught:
        imported(cassette(interaction(), interaction(method="GET IT")))
    assert str(caught.value) == "file: exchange 2: the method 'GET IT' is no token; mend that in the file"


def test_exchanges_without_an_answer_are_left_out_and_counted() -> None:
    """What failed before an answer came has nothing to replay."""
    none = interaction()
    none["response"] = {"status": {"code": -1}}
    told = imported(cassette(none, interaction(), none))
    assert [exchange.number for exchange in told.recording.exchanges] == [1]
    assert told.notes == ("left out 2 exchanges without an answer",)
    assert imported(cassette(none, interaction())).notes == ("left out 1 exchange without an answer",)
    with pytest.raises(RecordingError) as caught:
        imported(cassette(none))
    assert str(caught.value) == "file: no exchange with an answer is in it, read as vcrpy; check it, or say --format"


def test_a_stream_without_bytes_is_noted() -> None:
    """A tool that keeps no streamed body leaves an empty one, which nobody should take for the stream."""
    told = imported(cassette(interaction(string="")))
    assert only(told).chunks == []
    assert told.notes == ("exchange 1: the file holds nothing of its stream; some tools keep no streamed body",)


@pytest.mark.parametrize(("status", "method"), [(204, "POST"), (304, "GET"), (200, "HEAD")])
def test_an_answer_that_has_no_body_has_none(status: int, method: str) -> None:
    """What a tool noted as a body where none can be is left out, and so is the framing."""
    told = interaction(method=method, string="x", headers={"content-length": ["1"]})
    assert isinstance(told["response"], dict)
    told["response"]["status"] = {"code": status}
    exchange = only(imported(cassette(told)))
    assert exchange.response is not None
    assert (exchange.response.framing, exchange.response.headers, exchange.chunks) == ("none", (), [])


def test_times_beyond_what_a_recording_holds_are_brought_into_it() -> None:
    """No time is negative, none beyond 2^53 - 1 µs."""
    row = {"request": {"url": "/", "method": "GET"}, "response": {"body": "x", "code": 200, "duration": 1 << 70}}
    response = only(imported({"interactions": [row]})).response
    assert response is not None
    assert response.dt_us == 2**53 - 1


def test_frames_are_chunks_where_no_boundaries_are_told() -> None:
    """Each frame of a stream is a chunk."""
    assert chunks(only(imported(cassette(interaction())))) == FRAMES
