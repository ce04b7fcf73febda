"""The pages under ``/__streamsim__/``, which are streamsim's own: what is served, how it is, what was counted.

Law: to look at one changes nothing, and is counted nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from streamsim.engine.answers import body_answer, error_answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.engine.requests import Request
    from streamsim.engine.script import Script
    from streamsim.plan.planner import Planner

CONTROL: Final = "/__streamsim__/"
_KNOWN: Final = "known are GET /__streamsim__/, live, ready and metrics under it, and POST /__streamsim__/reset"
_NO_METRICS: Final = (
    "metrics are written by prometheus-client, for 'streamsim serve'; install it: pip install 'streamsim[metrics]'"
)


def page_of(request: Request) -> tuple[str, str]:
    """Return method and name of the page that is asked for; a HEAD asks for what a GET does."""
    name = request.target[len(CONTROL) :].partition("?")[0]
    return "GET" if request.method == "HEAD" else request.method, name


def told(request: Request, what: object) -> Script:
    """Return ``what``, as JSON."""
    return json_answer(200, "OK", what, head_only=request.method == "HEAD")


def well(request: Request, wanted: str, *, draining: bool) -> Script:
    """Say that the process lives, or is ready for clients, as probes ask; while it drains it is not."""
    if wanted == "ready" and draining:
        told_ = {"status": "draining"}
        return json_answer(503, "Service Unavailable", told_, head_only=request.method == "HEAD")
    return told(request, {"status": wanted})


def measured(request: Request, metrics: Callable[[str], tuple[str, bytes]] | None) -> Script:
    """Return what ``metrics`` says in the format that ``request`` accepts, or what is missing for that."""
    head_only = request.method == "HEAD"
    if metrics is None:
        return error_answer(501, "Not Implemented", _NO_METRICS, head_only=head_only)
    content_type, text = metrics(request.fields.get(b"accept", b"").decode("latin-1"))
    return body_answer(200, "OK", ((("content-type", content_type),), text), head_only=head_only)


def unknown(request: Request) -> Script:
    """Name the pages that there are."""
    return error_answer(404, "Not Found", _KNOWN, head_only=request.method == "HEAD")


def described(planner: Planner) -> dict[str, object]:
    """Return what a recording holds, as plain data."""
    exchanges = [
        {
            "exchange": exchange.number,
            "method": exchange.request.method,
            "target": exchange.request.target,
            "status": exchange.response.status if exchange.response else None,
            "chunks": len(exchange.chunks),
            "end": exchange.end.cause if exchange.end else None,
        }
        for exchange in planner.recording.exchanges
    ]
    return {"name": planner.name, "digest": planner.digest, "exchanges": exchanges}
