"""launchdarkly-eventsource is given a way to connect: one that answers once."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "launchdarkly-eventsource"


class _Connecting:
    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def create_client(self, _logger: object) -> _Connecting:
        return self

    def connect(self, _last_event_id: object) -> Any:
        return SimpleNamespace(stream=self._chunks, closer=None, headers={})

    def close(self) -> None:
        pass


def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
    module: Any = import_module("ld_eventsource")
    actions: Any = import_module("ld_eventsource.actions")

    with module.SSEClient(_Connecting(chunks)) as client:
        for action in client.all:
            if isinstance(action, actions.Event):
                yield {"data": action.data, "event": action.event, "id": action.last_event_id}
            elif isinstance(action, actions.Fault):
                return
