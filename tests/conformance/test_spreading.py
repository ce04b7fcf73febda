"""Work shared among processes, clusters and whoever else: the findings are the same."""

from __future__ import annotations

import sys
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamsim.conformance.executors import named, processes
from streamsim.conformance.finding import Finding, merge
from streamsim.conformance.policy import Policy
from streamsim.conformance.spreading import Done, Pool, Work, do_all
from streamsim.conformance.targets import Spec
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

CAMPAIGN = import_module("streamsim.conformance.campaign")
ONLY_LF = Spec("python", "tests.conformance.misbehaving:only_lf")
RULES = ("line-ends", "spaces", "no-data")
WORK = Work(ONLY_LF, rules=RULES, examples=1_400)


@pytest.fixture(autouse=True, scope="module")
def _small_batches() -> Iterator[None]:
    """Split the work into many small batches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CAMPAIGN, "HEAD", 400)
        patch.setattr(CAMPAIGN, "BATCH", 250)
        yield


@cache
def here() -> Done:
    """Return what is found without any help."""
    return do_all(WORK)


def test_the_same_seed_finds_the_same() -> None:
    """Twice the same work gives the same findings, and tells how much it tried."""
    counts: list[int] = []
    work = Work(ONLY_LF, rules=RULES, examples=1_000)
    first, second = do_all(work, tell=counts.append), do_all(work)
    assert first == second
    assert sum(counts) == first.tried
    assert {finding.rule for finding in first.findings} >= {"line-ends"}


def test_processes_find_what_one_finds() -> None:
    """Work shared between two processes gives the same minimal findings."""
    with processes(2) as pool:
        assert do_all(WORK, pool) == here()


@settings(max_examples=30)
@given(order=st.randoms(use_true_random=False), parts=st.integers(1, 5))
def test_a_split_does_not_show(order: Any, parts: int) -> None:
    """However findings are dealt out and merged, and merged again, the result is the same."""
    findings = [*here().findings, *_others()]
    whole = merge(findings)
    order.shuffle(findings)
    dealt = [merge(findings[number::parts]) for number in range(parts)]
    order.shuffle(dealt)
    assert merge([finding for part in dealt for finding in part]) == whole


def _others() -> list[Finding]:
    """Return larger examples of the same causes, and consequences of them."""
    found: list[Finding] = []
    for finding in here().findings:
        longer = (*finding.chunks, b": more\n\n")
        found.append(Finding(finding.rule, finding.features, finding.label, finding.what, longer))
        found.append(Finding("fields", (*finding.features, "events"), finding.label, finding.what, finding.chunks))
    return found


def test_time_that_is_over_cuts_the_work() -> None:
    """What was found until then counts."""
    done = do_all(Work(ONLY_LF, examples=1_000_000, rules=("line-ends",), seconds=0.2))
    assert done.cut
    assert 0 < done.tried < 1_000_000


def test_a_design_is_no_bug() -> None:
    """What the policy declares is marked."""
    done = do_all(Work(ONLY_LF, Policy(by_design=frozenset({"line-ends"})), rules=("line-ends",), examples=1_000))
    assert {finding.label for finding in done.findings} == {"by design"}


def threads() -> Executor:
    return ThreadPoolExecutor(2)


def no_executor() -> int:
    return 7


def test_any_executor_will_do() -> None:
    """A callable's name is enough; what it returns is shut down at the end."""
    with named(f"{__name__}:threads") as pool:
        assert pool.width == 2
        executor = pool.executor
        assert executor.submit(int).result() == 0
    with pytest.raises(RuntimeError):
        executor.submit(int)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nobody", "--executor: 'nobody' names no executor; write dask:HOST:PORT, or"),
        ("no.such:thing", "no.such:thing: ModuleNotFoundError"),
        (f"{__name__}:no_executor", "returns int, which is no Executor"),
    ],
)
def test_who_is_no_executor_is_named(text: str, told: str) -> None:
    """One line says what is wrong."""
    with pytest.raises(UsageError, match="--executor") as caught, named(text):
        pass
    assert told in str(caught.value)


def test_a_dask_cluster_finds_the_same() -> None:
    """Two workers in processes of their own find what one finds."""
    distributed: Any = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        named(f"dask:{cluster.scheduler_address.removeprefix('tcp://')}") as pool,
    ):
        assert pool.width == 2
        assert do_all(WORK, pool) == here()


def test_without_dask_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"Dask is not installed; pip install 'streamsim\[dask\]'"), named("dask:a:1"):
        pass


def test_a_pool_has_a_width() -> None:
    """As many batches are under way at a time as it has hands."""
    with threads() as executor:
        work = Work(ONLY_LF, rules=("no-data",), examples=300)
        assert do_all(work, Pool(executor, 2)) == do_all(work)
