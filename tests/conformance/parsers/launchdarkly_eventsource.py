"""launchdarkly-eventsource is given a way to connect: one that answers once."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "launchdarkly-eventsource"


class _Client:
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def connect(self, _last_event_id: object) -> Any:
        return SimpleNamespace(stream=self._chunks, headers={}, close=self.close)

    def close(self) -> None:
        pass


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    module: Any = import_module("ld_eventsource")
    actions: Any = import_module("ld_eventsource.actions")

    strategy_class: Any = import_module("ld_eventsource.config").ConnectStrategy

    strategy = type("Strategy", (strategy_class,), {"create_client": lambda *_: _Client(chunks)})()
    with module.SSEClient(strategy) as client:
        for action in client.all:
            if isinstance(action, actions.Event):
                yield {"data": action.data, "event": action.event, "id": action.last_event_id}
            elif isinstance(action, actions.Fault):
                return
