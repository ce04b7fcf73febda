"""What a connection leaves unfinished is gone when the next one begins."""

from __future__ import annotations

import http.client
import urllib.parse
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from streamsim.conformance import Policy, adapt
from streamsim.conformance.campaign import Batch, run_batch
from streamsim.conformance.reconnection import reconnection
from streamsim.conformance.targets import Spec, opened
from tests.conformance.mutants.plain import Plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conformance.mutants.plain import Event


class Afresh(Plain):
    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]  # all of it begins again


class KeepsData(Plain):
    """What was unfinished is still there."""

    def reset(self) -> None:
        kept = self.data
        self.__init__()  # type: ignore[misc]  # as above
        self.data = kept


class KeepsDecoder(Plain):
    def reset(self) -> None:
        decoder = self.decoder
        self.__init__()  # type: ignore[misc]  # as above
        self.decoder = decoder


def _bodies(url: str) -> Iterator[bytes]:
    """Yield what each connection gives, until there is no more."""
    address = urllib.parse.urlsplit(url)
    while True:
        connection = http.client.HTTPConnection(address.netloc)
        with closing(connection):
            connection.request("GET", address.path)
            response = connection.getresponse()
            if response.status != http.HTTPStatus.OK:
                return
            yield response.read()


def comes_back(url: str) -> Iterator[Event]:
    for body in _bodies(url):
        yield from Plain().feed(body)


def comes_back_with_the_rest(url: str) -> Iterator[Event]:
    parser = Plain()
    for body in _bodies(url):
        yield from parser.feed(body)


def does_not_come_back(url: str) -> Iterator[Event]:
    yield from Plain().feed(next(_bodies(url)))


@pytest.mark.parametrize("parse", [Afresh, Plain, comes_back, does_not_come_back])
def test_who_begins_afresh_passes(parse: Callable[..., object]) -> None:
    """So does who cannot be reset, and who does not come back."""
    with closing(adapt(parse)) as target:
        assert reconnection(target, Policy()) == []


@pytest.mark.parametrize(
    ("parse", "inside"),
    [(KeepsData, "an event"), (KeepsDecoder, "a character"), (comes_back_with_the_rest, "a character")],
)
def test_what_is_kept_is_found(parse: Callable[..., object], inside: str) -> None:
    """The finding says where the first connection ended, and both streams."""
    with closing(adapt(parse)) as target:
        (finding,) = reconnection(target, Policy())
    assert (finding.rule, finding.label) == ("reconnect", "bug")
    assert finding.what == f"another result after a reset or a new connection: the stream before ended inside {inside}"
    assert [each.data for each in finding.expected] == ["a", "b"]


def test_other_processes_are_reset_too() -> None:
    """A parser in another process says whether it can be."""
    with opened(Spec("python", f"{__name__}:KeepsData")) as target:
        assert target.reconnects
        assert [each.rule for each in reconnection(target, Policy())] == ["reconnect"]


def test_a_design_is_no_bug() -> None:
    """What the policy declares is marked."""
    policy = Policy(by_design=frozenset({"reconnect"}))
    (finding,) = run_batch(adapt(KeepsData), Batch(0, 0, 0, ("reconnect",)), policy)
    assert finding.label == "by design"
