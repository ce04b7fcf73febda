"""The files that an attached loop watches: which are ready, and who is at their other ends.

Law: it watches what the loop's own selector watches, and asks the system whenever it is asked.
"""

from __future__ import annotations

import selectors
from typing import TYPE_CHECKING, TypeAlias, cast

from streamsim.clock.drivers.attaching import AttachedSelector
from streamsim.clock.drivers.peers import Peers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed import FileDescriptorLike as _FileObject

Ready: TypeAlias = list[tuple[selectors.SelectorKey, int]]

_EPOLL: tuple[type, ...] = tuple(filter(None, [getattr(selectors, "EpollSelector", None)]))  # on Linux


class WatchingSelector(AttachedSelector):
    """A selector that hands on what it is told to the loop's own.

    Attributes:
        inner: The loop's own.
        peers: Who is at the other ends.

    """

    def __init__(self, inner: selectors.BaseSelector) -> None:
        self.inner = inner
        self.peers = Peers()
        self._poll = _poll_of(inner)
        for fd in inner.get_map() or ():
            self.peers.watch(cast("int", fd))

    def look(self) -> Ready:
        """Return what is ready now: mostly nothing, which the system itself says at a fraction of the cost."""
        return self.inner.select(0) if self._poll is None or self._poll(0, 1) else []

    def register(self, fileobj: _FileObject, events: int, data: object = None) -> selectors.SelectorKey:
        """Watch a file, as the loop's own selector does."""
        key = self.inner.register(fileobj, events, data)
        self.peers.watch(key.fd)
        return key

    def unregister(self, fileobj: _FileObject) -> selectors.SelectorKey:
        """Stop watching it."""
        key = self.inner.unregister(fileobj)
        self.peers.forget(key.fd)
        return key

    def modify(self, fileobj: _FileObject, events: int, data: object = None) -> selectors.SelectorKey:
        """Watch it for something else."""
        return self.inner.modify(fileobj, events, data)

    def get_map(self) -> Mapping[_FileObject, selectors.SelectorKey]:
        """Return what is watched."""
        return self.inner.get_map()

    def get_key(self, fileobj: _FileObject) -> selectors.SelectorKey:
        """Return what is known of one file."""
        return self.inner.get_key(fileobj)

    def close(self) -> None:
        """Close the loop's own selector."""
        self.inner.close()


def _poll_of(selector: selectors.BaseSelector) -> Callable[[float, int], object] | None:
    """Return the ``poll`` of an epoll object, where the system is asked by one."""
    return getattr(getattr(selector, "_selector", None), "poll", None) if isinstance(selector, _EPOLL) else None
