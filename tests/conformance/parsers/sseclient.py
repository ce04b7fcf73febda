"""sseclient, and the fork that OpenCTI keeps, want a URL and a session of requests; the session here answers once."""

from __future__ import annotations

import contextlib
import io
import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from tests.conformance.answering import URL, Over, SessionOfRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PACKAGE = "sseclient"


def _reading(module: str) -> Callable[[Iterator[bytes]], Iterator[Any]]:
    def parse(chunks: Iterator[bytes]) -> Iterator[Any]:
        client_class: Any = import_module(module).SSEClient

        client: Any = client_class(URL, session=SessionOfRequests(chunks), retry=0)
        while True:
            try:
                with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    client.retry = 0
                    event = next(client)
            except (Over, StopIteration):
                return
            yield event

    return parse


parse = _reading("sseclient")
filigran = _reading("filigran_sseclient.sseclient")

PARSERS = {PACKAGE: "parse", "filigran-sseclient": "filigran"}
