"""The corpus of real streams, served by one real server, and what inspect reports of each."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from streamsim.analysis import inspect
from tests.builders import as_file, exchange, recording
from tests.clients.sdks import Heard
from tests.dialects.heard import PATHS, value
from tests.dialects.heard import Heard as Brief
from tests.dialects.real import Real, real
from tests.shells.serving import engine, serving

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from streamsim.analysis.report import Content
    from streamsim.recording.model import Exchange

ENDS = {"openai-completions": "/v1/completions", "openai-responses": "/v1/responses", "anthropic": "/v1/messages"}
CHAT = "/v1/chat/completions"
PIECE = 777


class Served(NamedTuple):
    """One stream, for whom it is, where it is served, and what inspect reports of it."""

    one: Real
    base: str
    content: Content

    @property
    def dialect(self) -> str:
        return self.one.reading.dialect

    @property
    def heard(self) -> Heard:
        """What inspect reports, of each choice, without choices that say nothing."""
        said = self.content.said
        usage = self.content.tokens.usage
        return Heard(
            {each.choice: each.text for each in said if each.text},
            {each.choice: each.reasoning for each in said if each.reasoning},
            {each.choice: each.refusal for each in said if each.refusal},
            {each.choice: [(call.id, call.name, call.arguments) for call in each.calls] for each in said if each.calls},
            {each.choice: each.stop for each in said if each.stop},
            (usage.input, usage.output),
        )

    @property
    def brief(self) -> Brief:
        """The same of the first choice alone."""
        said = self.content.said[0]
        calls = tuple((call.name, value(call.arguments)) for call in said.calls)
        usage = self.content.tokens.usage
        return Brief(said.text + said.refusal, said.reasoning, calls, (usage.input, usage.output), said.stop)


def all_of(corpus: Path) -> dict[str, tuple[Real, ...]]:
    """Return all streams by their dialect."""
    found: dict[str, tuple[Real, ...]] = {}
    for one in real(corpus):
        found[one.reading.dialect] = (*found.get(one.reading.dialect, ()), one)
    return found


@contextmanager
def corpus_server(streams: Iterable[Real]) -> Generator[list[Served], None, None]:
    """Serve each of ``streams`` at a base of its own, in pieces that respect nothing."""
    ones = list(streams)
    told = recording(*(_exchange(one, f"/s{nth}") for nth, one in enumerate(ones)))
    reports = inspect([as_file(told)], whole=True).exchanges
    with serving(engine(told)) as running:
        yield [
            Served(one, f"http://127.0.0.1:{running.port}/s{nth}", report.content)
            for nth, (one, report) in enumerate(zip(ones, reports, strict=True))
            if report.content is not None
        ]


def _exchange(one: Real, base: str) -> Exchange:
    path = ENDS.get(one.reading.dialect) or PATHS.get(one.reading.dialect, CHAT)
    return exchange(
        chunks=[one.body[start : start + PIECE] for start in range(0, len(one.body), PIECE)],
        headers=(*one.headers, ("transfer-encoding", "chunked")),
        target=base + path,
        request_headers=(("host", one.clues.host or "example.test"), ("content-type", "application/json")),
        body=json.dumps({"model": "m", "stream": True}).encode(),
    )
