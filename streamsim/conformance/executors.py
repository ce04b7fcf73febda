"""Who does the work: processes here, a Dask cluster, or any executor of `concurrent.futures`.

Law: whoever it is gets a function and data; the parser is started where the work is done.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from streamsim.conformance.spreading import Pool
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

DASK: Final = "dask"
USUAL_WIDTH: Final = 4
_CONNECTING_S: Final = 10


@contextmanager
def processes(count: int) -> Generator[Pool | None]:
    """Give ``count`` processes of this machine; None for this one alone."""
    if count <= 1:
        yield None
        return
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield Pool(executor, count)


@contextmanager
def named(text: str, width: int = 0) -> Generator[Pool]:
    """Give the executor called ``dask:HOST:PORT``, or that ``package.module:callable`` returns.

    Args:
        text: Its name.
        width: How many batches it gets at a time; 0 for as many as it has hands.

    Raises:
        UsageError: There is none.

    """
    kind, _, rest = text.partition(":")
    if kind == DASK:
        with _dask(rest, width) as pool:
            yield pool
        return
    executor = _called(kind, rest, text)
    try:
        yield Pool(executor, width or getattr(executor, "_max_workers", USUAL_WIDTH))
    finally:
        executor.shutdown()


def _called(module: str, path: str, text: str) -> Executor:
    remedy = "write dask:HOST:PORT, or package.module:callable for what returns an executor"
    if not (module and path):
        raise UsageError("--executor", f"{text!r} names no executor", remedy)
    try:
        made = getattr(import_module(module), path)()
    except Exception as error:  # importing and calling run anything
        raise UsageError("--executor", f"{text}: {type(error).__name__}: {error}", remedy) from error
    if not isinstance(made, Executor):
        raise UsageError("--executor", f"{text} returns {type(made).__name__}, which is no Executor", remedy)
    return made


@contextmanager
def _dask(address: str, width: int) -> Generator[Pool]:
    where = f"--executor dask:{address}"
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise UsageError(where, "Dask is not installed", "pip install 'streamsim[dask]'") from error
    try:
        client = distributed.Client(address, timeout=_CONNECTING_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(where, f"no scheduler answers: {error}", "start one: dask scheduler") from error
    with client:
        hands = sum(client.ncores().values())
        if not hands:
            raise UsageError(where, "the cluster has no workers", "start some: dask worker tcp://HOST:PORT")
        yield Pool(client.get_executor(pure=False, retries=1), width or hands)
