"""Which threads work and which are parked, on real threads."""

from __future__ import annotations

import queue
import selectors
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from streamsim.clock.drivers import threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONG_S = 10


@contextmanager
def running(target: Callable[[], object], release: Callable[[], object]) -> Iterator[threading.Thread]:
    """Have ``target`` run in a thread until ``release`` ends it."""
    thread = threading.Thread(target=target, name="guest")
    thread.start()
    try:
        yield thread
    finally:
        release()
        thread.join(LONG_S)
        assert not thread.is_alive()


def settles(expected: int) -> bool:
    """Tell whether ``busy()`` comes to ``expected``, in some seconds at most, looking all the time."""
    until = time.monotonic() + LONG_S
    while time.monotonic() < until:
        if threads.busy() == expected:
            return True
    return False


def test_alone_nobody_is_busy() -> None:
    """Where there is one thread, none other works."""
    assert threads.busy() == 0
    assert threads.working() == []
    assert threads.only_idle_workers()


def test_known_waits_are_parked_at_once_and_woken_at_once() -> None:
    """A thread in ``Event.wait`` is parked until the event is set, and from that very moment works."""
    event, woken, stays = threading.Event(), threading.Event(), threading.Event()

    def target() -> None:
        event.wait()
        woken.set()
        stays.wait()

    with running(target, stays.set):
        assert settles(0)
        for _ in range(100):
            assert threads.busy() == 0
        event.set()
        assert threads.busy() == 1 or woken.is_set()
        assert settles(0)


def test_who_starts_a_thread_is_busy() -> None:
    """A thread that waits for one that it has just started is not parked: the other may not even be visible yet."""
    begun = threading.Event()

    class Slow(threading.Thread):
        def _bootstrap(self) -> None:
            begun.wait()
            super()._bootstrap()  # type: ignore[misc]

    def target() -> None:
        Slow().start()

    with running(target, begun.set):
        until = time.monotonic() + 0.05
        while time.monotonic() < until:
            assert threads.busy() >= 1


def test_a_queue_that_is_fed_makes_its_reader_busy() -> None:
    """A thread that waits for a queue works as soon as something is put in, before it has noticed."""
    jobs: queue.Queue[int | None] = queue.Queue()

    def target() -> None:
        while jobs.get() is not None:
            pass

    with running(target, lambda: jobs.put(None)):
        for _ in range(30):
            assert settles(0)
            jobs.put(1)
            assert threads.busy() == 1 or jobs.empty()


def test_an_idle_executor_is_parked_and_a_fed_one_works() -> None:
    """A thread of an executor is parked as long as it has no job."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        for _ in range(30):
            assert settles(0)
            assert threads.only_idle_workers()
            pool.submit(int)
            assert threads.busy() == 1 or pool._work_queue.empty()
        assert settles(0)


def test_a_selector_is_parked_until_something_is_ready() -> None:
    """A thread in ``select`` is parked until one of its files is ready, whether it has noticed or not."""
    near, far = socket.socketpair()
    with near, far, selectors.DefaultSelector() as selector:
        selector.register(near, selectors.EVENT_READ)
        with running(selector.select, lambda: far.send(b"x")):
            assert settles(0)
            assert not threads.only_idle_workers()
            far.send(b"x")
            assert threads.busy() == 1 or not any(thread.name == "guest" for thread in threading.enumerate())


def test_who_waits_for_a_socket_is_parked_after_a_while() -> None:
    """A thread that stands still in an unknown C function is at first taken for busy, then for parked."""
    near, far = socket.socketpair()
    with near, far, running(lambda: near.recv(1), lambda: far.send(b"x")) as thread:
        while thread.ident not in sys._current_frames():
            pass
        assert threads.busy() == 1
        assert settles(0)


def test_who_computes_is_busy() -> None:
    """A thread that uses the processor is never parked."""
    over = threading.Event()

    def target() -> None:
        while not over.is_set():
            pass

    with running(target, over.set):
        until = time.monotonic() + 2 * threads.PARKED_AFTER_NS / 1e9
        while time.monotonic() < until:
            assert threads.busy() == 1
        (told,) = threads.working()
        assert told.startswith("guest at ")


@pytest.mark.skipif(not threads._COMES_BACK, reason="only Linux tells what a thread waits for")
@pytest.mark.parametrize("what", ["sleeps", "waits for a child"])
def test_who_comes_back_by_itself_is_busy(what: str) -> None:
    """A thread that sleeps or waits for a process to end is busy all the while, longer than others are waited for."""

    def target() -> None:
        if what == "sleeps":
            time.sleep(0.3)  # noqa: TID251 - what is tested
        else:
            subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)"], check=True)

    with running(target, lambda: None) as thread:
        began = time.monotonic()
        while thread.is_alive() and time.monotonic() - began < 0.25:
            assert threads.busy() == 1 or not thread.is_alive()


def test_a_disregarded_thread_does_not_count() -> None:
    """A thread that is to be disregarded is never busy, whatever it does."""
    over = threading.Event()

    def target() -> None:
        while not over.is_set():
            pass

    with running(target, over.set) as thread:
        assert threads.busy() == 1
        threads.disregard(thread)
        assert threads.busy() == 0


def test_a_closed_selector_and_one_without_a_file_are_judged_too() -> None:
    """A selector that is just being closed may be on its way; one that is no file says nothing."""

    class Frame:
        def __init__(self, it: object) -> None:
            self.f_locals = {"self": it}

    closed = selectors.DefaultSelector()
    closed.close()
    assert not threads._hears_nothing(Frame(closed))  # type: ignore[arg-type]
    assert threads._hears_nothing(Frame(object()))  # type: ignore[arg-type]
