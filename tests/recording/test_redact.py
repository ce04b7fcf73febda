"""No secret that was met reaches a recording; all else does, as it was."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from streamsim.recording import codec
from streamsim.recording.model import Chunk, Ending, Info, Request, Response, as_text
from streamsim.recording.redact import REDACTED, Redactor, is_secret

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from streamsim.recording.model import Line
    from streamsim.wire import Framing, Headers

KEY = "sk-proj-0123456789abcdef"


def request(target: str = "/", headers: Headers = (("Authorization", f"Bearer {KEY}"),), body: bytes = b"") -> Request:
    """Return a request line; by default the one that tells the secret."""
    text = as_text(body)
    b64 = body if text is None else None
    return Request(
        exchange=1, connection=1, at_us=0, method="POST", target=target, headers=headers, text=text or None, b64=b64
    )


def response(headers: Headers = (), framing: Framing = "chunked", reason: str = "OK") -> Response:
    return Response(exchange=1, dt_us=10, status=200, reason=reason, framing=framing, headers=headers)


def chunk(data: bytes, exchange: int = 1, dt_us: int = 7) -> Chunk:
    text = as_text(data)
    return Chunk(exchange=exchange, dt_us=dt_us, text=text, b64=data if text is None else None)


def end(data: bytes = b"", trailers: Headers = ()) -> Ending:
    return Ending(
        exchange=1, dt_us=3, cause="protocol_error" if data else "complete", trailers=trailers, text=as_text(data)
    )


def redacted(*lines: Line) -> list[Line]:
    redactor = Redactor()
    return [clean for line in lines for clean in redactor.lines(line)]


def bodies(lines: Iterable[Line]) -> list[bytes]:
    return [line.data for line in lines if isinstance(line, Chunk)]


def answered(*chunks: bytes, framing: Framing = "chunked") -> list[bytes]:
    """Return the clean chunks of an answer to a request that told the secret."""
    return bodies(redacted(request(), response(framing=framing), *map(chunk, chunks), end()))


SECRET_NAMES = [
    *("authorization", "Authorization", "proxy-authorization", "cookie", "Set-Cookie", "set-cookie2", "x-auth"),
    *("x-api-key", "api-key", "apikey", "x-goog-api-key", "Ocp-Apim-Subscription-Key", "x-functions-key"),
    *("x-amz-security-token", "x-csrf-token", "X-Auth-Token", "x-ms-token-aad-access-token", "cf-access-client-secret"),
    *("x-hub-signature", "cf-access-jwt-assertion", "x-user-password", "Mcp-Session-Id"),
    *("key", "api_key", "access_token", "accessToken", "client_secret", "sig", "X-Amz-Signature", "X-Amz-Credential"),
    *("token", "password", "jwt", "signature", "private-key"),
]
HARMLESS_NAMES = [
    *("x-ratelimit-remaining-tokens", "x-ratelimit-limit-tokens", "idempotency-key", "x-streamsim-key"),
    *("sec-websocket-key", "x-amz-cf-cache-key", "cache-key", "surrogate-key", "x-public-key", "www-authenticate"),
    *("max_tokens", "keyword", "monkey", "x-request-id", "host", "openai-organization", "etag", "design", "author"),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_what_is_called_like_a_secret_is_one(name: str) -> None:
    """Headers and query parameters of these names lose their values, and the recording's header can say so."""
    redactor = Redactor()
    (line,) = redactor.lines(request(f"/v1?a=1&{name}=s3cr3t-value&b=2", ((name, "s3cr3t-value"),)))
    assert is_secret(name)
    assert line == request(f"/v1?a=1&{name}=[redacted]&b=2", ((name, "[redacted]"),))
    assert redactor.removed == {name.lower()}


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_what_only_looks_like_a_secret_stays(name: str) -> None:
    """Counters, cache keys and ids are needed to understand a recording."""
    redactor = Redactor()
    line = request(f"/v1?{name}=plain-value", ((name, "plain-value"),), b"plain-value")
    assert redactor.lines(line) == [line]
    assert redactor.removed == set()


def test_an_empty_value_is_no_secret() -> None:
    """There is nothing to remove."""
    line = request("/?key=&token", (("Authorization", ""),))
    assert redacted(line) == [line]


def test_a_name_may_be_percent_encoded() -> None:
    """The parameter is the same to the server, and so to us."""
    (line,) = redacted(request("/?api%5Fkey=s3cr3t-value", ()))
    assert line == request("/?api%5Fkey=[redacted]", ())


SPELLINGS = [
    ("Bearer", "Authorization", f"Bearer {KEY}", KEY),
    ("the whole value", "Authorization", f"Bearer {KEY}", f"Bearer {KEY}"),
    ("without scheme", "x-api-key", KEY, KEY),
    ("Basic", "Authorization", "Basic " + b64encode(b"user:pass-word").decode(), b64encode(b"user:pass-word").decode()),
    ("the password of Basic", "Authorization", "Basic " + b64encode(b"user:pass-word").decode(), "pass-word"),
    ("the pair of Basic", "Authorization", "Basic " + b64encode(b"user:pass-word").decode(), "user:pass-word"),
    ("a key as the user of Basic", "Authorization", "Basic " + b64encode(f"{KEY}:".encode()).decode(), KEY),
    ("a parameter", "Authorization", 'AWS4-HMAC-SHA256 Credential="AKIAEXAMPLE/2", Signature=fe5f80f77d', "fe5f80f77d"),
    ("a quoted parameter", "Authorization", 'X Credential="AKIAEXAMPLE/2", Signature=1', "AKIAEXAMPLE/2"),
    ("a cookie", "Cookie", "a=1; sid=abcdefgh-1; b=2", "abcdefgh-1"),
    ("another cookie", "Cookie", 'a="abcdefgh-2"; b=2', "abcdefgh-2"),
    ("a cookie without name", "Cookie", "abcdefgh-3", "abcdefgh-3"),
    ("percent-encoded", "x-api-key", "ab+cd/ef==", "ab%2Bcd%2Fef%3D%3D"),
    ("percent-encoded in lower case", "x-api-key", "ab+cd/ef==", "ab%2bcd%2fef%3d%3d"),
    ("percent-encoded in part", "x-api-key", "ab+cd/ef==", "ab%2Bcd/ef%3D%3D"),
    ("percent-decoded", "Cookie", "sid=ab%2Bcd%2Fef", "ab+cd/ef"),
    ("as JSON", "x-api-key", 'ab"cd\\efg', r"ab\"cd\\efg"),
    ("as PHP writes JSON", "x-api-key", "ab+cd/ef==", r"ab+cd\/ef=="),
    ("as Gson writes JSON", "x-api-key", "ab+cd/ef==", r"ab+cd/ef\u003d\u003d"),
    ("as .NET writes JSON", "x-api-key", "ab+cd/ef==", r"ab\u002Bcd/ef=="),
]


@pytest.mark.parametrize(
    ("name", "value", "found"), [case[1:] for case in SPELLINGS], ids=[case[0] for case in SPELLINGS]
)
def test_the_value_is_hunted_as_it_may_be_written(name: str, value: str, found: str) -> None:
    """In the request's own body and in the answer, in each spelling and in its parts."""
    data = f"data: <{found}> {found}\n\n".encode()
    lines = redacted(request(headers=((name, value),), body=data), response(), chunk(data), end())
    clean = b"data: <[redacted]> [redacted]\n\n"
    assert lines[0] == request(headers=((name, REDACTED),), body=clean)
    assert bodies(lines) == [clean]


def test_attributes_of_a_cookie_are_no_secret() -> None:
    """Else every HttpOnly and every domain would vanish from the bodies."""
    cookie = "sid=abcdefgh-1; Domain=api.example.com; HttpOnly; Max-Age=31536000"
    body = b"HttpOnly api.example.com 31536000 abcdefgh-1"
    (*_, clean, _) = redacted(response((("Set-Cookie", cookie),)), chunk(body), end())
    assert clean == chunk(b"HttpOnly api.example.com 31536000 [redacted]")


def test_a_scheme_is_no_secret() -> None:
    """It is in each of its requests, and says nothing."""
    body = b"Negotiate AWS4-HMAC-SHA256"
    headers = (("Authorization", f"Negotiate {KEY}"), ("Proxy-Authorization", f"AWS4-HMAC-SHA256 {KEY}"))
    assert redacted(request(headers=headers, body=body))[0] == request(
        headers=(("Authorization", REDACTED), ("Proxy-Authorization", REDACTED)), body=body
    )


def test_a_short_value_is_removed_but_not_hunted() -> None:
    """A word like "test" would vanish from every answer."""
    lines = redacted(request(headers=(("x-api-key", "test"),)), response(), chunk(b"a test"), end())
    assert lines[0] == request(headers=(("x-api-key", REDACTED),))
    assert bodies(lines) == [b"a test"]


def test_other_headers_that_repeat_a_secret_are_cleaned() -> None:
    """Before it and after it, in heads, reasons, trailers and targets."""
    echo = (("x-echo", f"<{KEY}>"), ("Authorization", f"Bearer {KEY}"), ("X-Echo", KEY))
    clean = (("x-echo", "<[redacted]>"), ("Authorization", REDACTED), ("X-Echo", REDACTED))
    info = Info(exchange=1, dt_us=1, status=103, reason=f"no {KEY}", headers=echo)
    lines = redacted(request(f"/{KEY}/models", echo), info, response(echo, reason=KEY), end(trailers=echo))
    assert lines == [
        request("/[redacted]/models", clean),
        Info(exchange=1, dt_us=1, status=103, reason="no [redacted]", headers=clean),
        response(clean, reason=REDACTED),
        end(trailers=clean),
    ]


def test_urls_in_headers_are_cleaned_like_targets() -> None:
    """A redirect can carry a signature, and a referer the page's own key."""
    headers = (
        ("Location", "https://h/a?x=1&sig=abcdefgh&y=2#f"),
        ("Referer", "https://me:pass-word@h/?key=1"),
        ("Link", "<https://h/?token=abcdefgh>; rel=next, <https://h/?p=2>; rel=last"),
        ("X-Other", "?key=1"),
    )
    (line,) = redacted(response(headers))
    assert line == response(
        (
            ("Location", "https://h/a?x=1&sig=[redacted]&y=2#f"),
            ("Referer", "https://[redacted]@h/?key=[redacted]"),
            ("Link", "<https://h/?token=[redacted]>; rel=next, <https://h/?p=2>; rel=last"),
            ("X-Other", "?key=1"),
        )
    )


@pytest.mark.parametrize(
    ("user", "hunted"), [("me:pass-word", b"pass-word"), (f"{KEY}:", KEY.encode()), (KEY, KEY.encode())]
)
def test_the_user_of_a_url_is_removed(user: str, hunted: bytes) -> None:
    """A client that takes us for its proxy sends whole URLs."""
    redactor = Redactor()
    (line,) = redactor.lines(request(f"http://{user}@h/v1?q=a@b", (), hunted))
    assert line == request("http://[redacted]@h/v1?q=a@b", (), b"[redacted]")
    assert redactor.removed == {"userinfo"}


def test_what_was_met_elsewhere_is_hunted_too() -> None:
    """The recorder knows credentials that no client sent."""
    redactor = Redactor()
    redactor.remember("authorization", f"Bearer {KEY}")
    assert redactor.lines(request("/", (), KEY.encode())) == [request("/", (), b"[redacted]")]
    assert redactor.removed == set()


def test_a_secret_is_found_in_every_later_exchange() -> None:
    """One client's key may come back in another's answer."""
    redactor = Redactor()
    redactor.lines(request())
    assert redactor.lines(chunk(KEY.encode(), exchange=2)) == [chunk(b"[redacted]", exchange=2)]


@pytest.mark.parametrize("first", range(1, len(KEY)))
def test_a_secret_that_a_chunk_cuts_is_covered(first: int) -> None:
    """Where it begins stands the cover; the rest of it is gone from the next chunk."""
    data = KEY.encode()
    assert answered(b"a" + data[:first], data[first:] + b"b") == [b"a[redacted]", b"b"]


def test_a_secret_may_be_cut_more_than_once() -> None:
    """A chunk within it stays, empty."""
    data = KEY.encode()
    assert answered(b"a" + data[:5], data[5:9], data[9:] + b"b" + data[:5], data[5:]) == [
        b"a[redacted]",
        b"",
        b"b[redacted]",
        b"",
    ]


def test_what_only_begins_like_a_secret_stays() -> None:
    """It is held back until that is sure, and given as it was: with its time, and its order."""
    redactor = Redactor()
    redactor.lines(request())
    redactor.lines(response())
    data = KEY.encode()
    held = [chunk(b"a" + data[:5], dt_us=11), chunk(data[5:9], dt_us=12)]
    assert [redactor.lines(line) for line in held] == [[], []]
    assert redactor.lines(chunk(data[:3], exchange=2)) == []
    assert redactor.lines(chunk(b"no\n", dt_us=13)) == [*held, chunk(b"no\n", dt_us=13)]
    assert redactor.lines(chunk(b"data: a\n\n")) == [chunk(b"data: a\n\n")]
    assert redactor.lines(chunk(data[:5])) == []
    assert redactor.lines(end()) == [chunk(data[:5]), end()]


def test_a_secret_that_the_end_line_completes_is_covered() -> None:
    """The bytes that broke the protocol may go on with a chunk's."""
    data = KEY.encode()
    lines = redacted(request(), response(), chunk(data[:5]), end(data[5:] + b"!"))
    assert lines[2:] == [chunk(b"[redacted]"), end(b"!")]


def test_a_longer_secret_goes_before_a_shorter() -> None:
    """One that is the beginning of another is not taken before the other is ruled out."""
    headers = (("x-api-key", "secret-one"), ("x-auth-token", "secret-one-and-two"))
    redactor = Redactor()
    redactor.lines(request(headers=headers))
    assert redactor.lines(chunk(b"secret-one")) == []
    assert redactor.lines(chunk(b"-and-two.")) == [chunk(b"[redacted]"), chunk(b".")]
    assert redactor.lines(chunk(b"secret-one")) == []
    assert redactor.lines(chunk(b"-more")) == [chunk(b"[redacted]"), chunk(b"-more")]


def test_a_body_of_known_length_keeps_it() -> None:
    """Else its replay would end too soon, or too late."""
    data = KEY.encode()
    cover = b"[redacted]" + b"*" * (len(data) - 10)
    assert answered(b"<" + data + b">", framing="content-length") == [b"<" + cover + b">"]
    for first in range(1, len(data)):
        assert answered(data[:first], data[first:], framing="content-length") == [cover[:first], cover[first:]]
    lines = redacted(
        request(headers=(("x-api-key", "12345678"),)), response(framing="content-length"), chunk(b"12345678"), end()
    )
    assert bodies(lines) == [b"[redacte"]


def test_bytes_that_are_no_text_are_hunted_too() -> None:
    """A chunk that is no UTF-8 stays base64 where it still must be."""
    assert redacted(request(body=b"\xff" + KEY.encode()))[0] == request(
        headers=(("Authorization", REDACTED),), body=b"\xff[redacted]"
    )
    assert answered(b"\xff" + KEY.encode()) == [b"\xff[redacted]"]


def test_without_redaction_lines_pass_untouched() -> None:
    """As asked for: nothing is removed, nothing held back."""
    redactor = Redactor(enabled=False)
    lines: list[Line] = [request(), response((("set-cookie", KEY),)), chunk(KEY[:5].encode()), end()]
    assert [redactor.lines(line) for line in lines] == [[line] for line in lines]
    assert redactor.removed == set()


printable = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=8, max_size=24)


def pieces(data: bytes, places: Sequence[int]) -> list[bytes]:
    cuts = sorted(place % (len(data) + 1) for place in places)
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@given(
    secret=printable,
    other=printable,
    noise=st.lists(st.binary(max_size=6), min_size=3, max_size=3),
    places=st.lists(st.integers(0, 1000), max_size=8),
    framing=st.sampled_from(["chunked", "close", "content-length"]),
)
def test_no_secret_reaches_a_recording(
    secret: str, other: str, noise: list[bytes], places: list[int], framing: Framing
) -> None:
    """Whatever it is and however its answer is cut: neither a line nor the joined body contains it; bounds stay."""
    spelt = [secret.encode(), other.encode(), json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode()]
    stream = noise[0] + spelt[0] + noise[1] + spelt[1] + spelt[2] + noise[2] + spelt[3] + spelt[0][:-1]
    asked = request(f"/?q={spelt[3].decode()}", (("x-api-key", secret), ("x-auth-token", other)), stream)
    chunks = [chunk(data, dt_us=number) for number, data in enumerate(pieces(stream, places))]
    lines = redacted(asked, response((("x-echo", secret),), framing), *chunks, end())
    kept = [line for line in lines if isinstance(line, Chunk)]
    assert [line.dt_us for line in kept] == [line.dt_us for line in chunks]
    told = [b"".join(line.data for line in kept), *(codec.write(line) for line in lines)]
    told += [line.data for line in lines if isinstance(line, Request | Chunk)]
    hidden = [word for word in spelt if word not in b'"text""b64""kind""exchange"[redacted]***************']
    assert [(word, data) for word in hidden for data in told if word in data] == []
    if framing == "content-length":
        assert [len(line.data) for line in kept] == [len(line.data) for line in chunks]


@given(st.lists(st.binary(max_size=9)), st.lists(st.integers(0, 1000), max_size=5))
def test_what_holds_no_secret_is_kept_as_it_is(noise: list[bytes], places: list[int]) -> None:
    """Held back or not, lines come out as they went in, in their order."""
    stream = KEY[:-1].encode().join(noise)
    assume(KEY.encode() not in stream)
    chunks = [chunk(data) for data in pieces(stream, places)]
    assert redacted(request(), response(), *chunks, end())[2:] == [*chunks, end()]


parts = st.sampled_from((b"data: hello\n\n", KEY.encode(), KEY[:9].encode(), KEY[9:].encode(), b"\n", b"\xff", b"s"))
batches = st.lists(st.lists(st.builds(chunk, parts, st.integers(1, 2)), max_size=4), max_size=5)


@given(batches, st.booleans())
def test_lines_together_are_as_clean_as_one_by_one(batches: list[list[Chunk]], enabled: bool) -> None:  # noqa: FBT001
    """However many are looked at in one go, the same is written, in the same order, and the same is held back."""
    together, alone = Redactor(enabled=enabled), Redactor(enabled=enabled)
    written: list[Sequence[Line]] = [[request(), response()], *batches, [end()]]
    for lines in written:
        assert together.clean([*lines]) == [clean for line in lines for clean in alone.lines(line)]
