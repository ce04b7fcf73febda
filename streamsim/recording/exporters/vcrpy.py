"""vcrpy's cassettes, version 1, in YAML: played by vcrpy and pytest-recording.

A body is text where it is UTF-8 and else ``!!binary``, which vcrpy writes and reads alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from streamsim.errors import UsageError
from streamsim.recording.exporters.told import plain, upstream, url
from streamsim.recording.model import as_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamsim.recording.model import Exchange, Recording
    from streamsim.wire import Headers

# PyYAML reads these as line ends, unless they are escaped.
_OTHER_LINE_ENDS = frozenset("\r\x85\u2028\u2029")


class _Text(str):
    """A body."""

    __slots__ = ()


def write(recording: Recording, exchanges: Sequence[Exchange]) -> bytes:
    """Return the cassette.

    Raises:
        UsageError: There is no YAML library.

    """
    try:
        import yaml  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("--format vcrpy", "to write YAML takes PyYAML", "pip install 'streamsim[import]'") from error

    class Dumper(yaml.SafeDumper):
        """Writes bodies in the most readable form that keeps them."""

    Dumper.add_representer(_Text, _represent)
    interactions = [_interaction(one, upstream(recording)) for one in exchanges]
    told: bytes = yaml.dump(
        {"interactions": interactions, "version": 1}, Dumper=Dumper, encoding="utf-8", allow_unicode=True, width=1 << 20
    )
    return told


def _represent(dumper: Any, text: _Text) -> Any:
    block = "\n" in text and not _OTHER_LINE_ENDS & set(text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|" if block else '"')


def _interaction(exchange: Exchange, origin: str) -> dict[str, object]:
    request, response = exchange.request, exchange.response
    assert response is not None  # noqa: S101 - only such are exported
    pieces, headers = plain(exchange)
    return {
        "request": {
            "body": _body(request.data) if request.data else None,
            "headers": _table(request.headers),
            "method": request.method,
            "uri": url(exchange, origin),
        },
        "response": {
            "body": {"string": _body(b"".join(pieces))},
            "headers": _table(headers),
            "status": {"code": response.status, "message": response.reason},
        },
    }


def _body(data: bytes) -> _Text | bytes:
    text = as_text(data)
    return data if text is None else _Text(text)


def _table(headers: Headers) -> dict[str, list[str]]:
    """Return all values of each header; a name in several cases is one header."""
    spelt: dict[str, str] = {}
    table: dict[str, list[str]] = {}
    for name, value in headers:
        table.setdefault(spelt.setdefault(name.lower(), name), []).append(value)
    return table
