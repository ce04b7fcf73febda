"""Parsers of event streams, each as a function that says how many events it finds in the reads of a stream.

Those of others come from ``tests/conformance/parsers``, where each has an adapter. Not here: what needs an event loop
(aiohttp-sse-client), what decodes the data as well (mistralai, huggingface_hub), what is fed and asked in turns
(assel), and sseclient, whose module has the name of that of sseclient-py.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module, metadata
from typing import TYPE_CHECKING, TypeAlias

from benchmarks import installing
from benchmarks.bench import AbsentError
from streamsim.sse import Parser

if TYPE_CHECKING:
    from benchmarks.bench import Bench

Count: TypeAlias = Callable[[list[bytes]], int]

CORE = "httpx-sse"
"""Only its decoders."""

OTHERS = ("httpx_sse", "openai", "anthropic", "sseclient_py", "requests_sse")
"""Which read from an iterator: modules of the adapters."""


def ours(reads: list[bytes]) -> int:
    """Return how many events our parser finds."""
    feed = Parser().feed
    return sum(len(feed(read)) for read in reads)


def core(reads: list[bytes]) -> int:
    """Return how many events the decoders of httpx-sse find, driven as ``EventSource.iter_sse`` does."""
    # Its public names read an httpx.Response only; these two are what reads the bytes.
    decoders = import_module("httpx_sse._decoders")
    text = codecs.getincrementaldecoder("utf-8")("replace")
    lines, events = decoders.SSELineDecoder(), decoders.SSEDecoder()
    found = 0
    for read in reads:
        decoded = text.decode(read)
        if decoded:
            found += sum(events.decode(line.rstrip("\n")) is not None for line in lines.decode(decoded))
    return found


def pulled(adapter: str, reads: list[bytes]) -> int:
    """Return how many events a parser finds that reads from an iterator."""
    return sum(1 for _ in import_module(f"tests.conformance.parsers.{adapter}").parse(iter(reads)))


def others(bench: Bench) -> dict[str, Count | str]:
    """Return the parsers of others by name; where one cannot be had, the reason."""
    found: dict[str, Count | str] = {}
    for adapter in OTHERS:
        package: str = import_module(f"tests.conformance.parsers.{adapter}").PACKAGE
        name = "httpx-sse through httpx" if package == CORE else package
        problem = _found(bench, package)
        found[name] = problem or partial(pulled, adapter)
        if package == CORE:
            found[CORE] = problem or core
    return found


def _found(bench: Bench, package: str) -> str:
    """Return why ``package`` cannot be imported; empty if it can, be it that it was fetched for that."""
    try:
        bench.versions[package] = metadata.version(package)
    except metadata.PackageNotFoundError:
        try:
            fetched = installing.python_module(package)
        except AbsentError as error:
            return str(error)
        bench.versions[package] = fetched.version
        sys.path.append(str(fetched.path))
    return ""
