"""``streamsim fuzz``: what is broken in an SSE parser, in any language.

Law: exit code 0 says that no rule was seen broken, 1 that one was; whatever the parser does is a finding, never our
failure. The same seed and number of examples give the same findings, whoever does the work.
"""

from __future__ import annotations

import sys
from concurrent.futures import BrokenExecutor
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from streamsim.cli.options import json_option, seed_option
from streamsim.cli.progress import progress
from streamsim.errors import UsageError
from streamsim.shells import terminal

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from streamsim.conformance.spreading import Done, Pool, Work
    from streamsim.conformance.targets import Spec

EXAMPLES = 10_000
CLIENT_EXAMPLES = 500


def _finite(_: click.Context, __: click.Parameter, seconds: float | None) -> float | None:
    """Return a time that passes."""
    if seconds is not None and not isfinite(seconds):
        raise click.BadParameter("it never comes; give a number of seconds")
    return seconds


@click.command("fuzz")
@click.argument("target", required=False, metavar="[PACKAGE.MODULE:CALLABLE]")
@click.option("--command", "program", metavar="COMMAND", help="A program that reads cases and answers, a line each.")
@click.option("--client", metavar="COMMAND", help="A program that is given {url} and prints the events it gets.")
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Only this rule; may be given again.")
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME[=VALUE]|FILE",
    help="What the parser does by design: flush, done=[DONE], by_design=bom, …, or a TOML file; may be given again.",
)
@click.option(
    "--examples", type=click.IntRange(min=1), metavar="N", help="How many streams to try: 10000, or 500 of a client."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    callback=_finite,
    metavar="N",
    help="When to stop, done or not.",
)
@seed_option
@click.option(
    "--database",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where findings are remembered, to be tried first the next time.",
)
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that share the work.")
@click.option(
    "--executor", metavar="NAME", help="Who else shares it: dask:HOST:PORT, or what package.module:callable returns."
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write each finding as a recording and as a test.",
)
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - click's signature
    ctx: click.Context,
    target: str | None,
    *,
    program: str | None,
    client: str | None,
    rules: tuple[str, ...],
    policies: tuple[str, ...],
    examples: int | None,
    seconds: float | None,
    seed: int,
    database: Path | None,
    jobs: int,
    executor: str | None,
    save: Path | None,
    as_json: bool,
) -> None:
    """Look for the bugs that real SSE parsers have, in the one that you name.

    It is a Python callable of any form, a program that reads cases on its standard input (--command), or one that is
    given a URL (--client). Exit code 1: a rule is broken, and not by design.
    """
    if jobs > 1 and executor:
        raise UsageError("--jobs", "the executor has its own", "give --jobs or --executor, not both")
    work = _work(_spec(target, program, client), rules, policies, examples, seconds or 0.0, seed)
    if save is not None:
        from streamsim.conformance.saving import make_room  # noqa: PLC0415 - large

        make_room(save)
    if database is not None:
        work = _remembering(work, database)
    with _pool(jobs, executor) as pool, progress("fuzz", work.examples, shown=not as_json) as tell:
        done = _done(work, pool, tell)
    if database is not None:
        from streamsim.conformance.remembering import remember  # noqa: PLC0415 - large

        remember(database, work.spec, done.findings)
    _tell(work, done, as_json=as_json)
    if save is not None:
        _save(save, work, done, as_json=as_json)
    ctx.exit(1 if any(finding.label != "by design" for finding in done.findings) else 0)


def _spec(target: str | None, program: str | None, client: str | None) -> Spec:
    """Return which parser is meant."""
    from streamsim.conformance.targets import Spec  # noqa: PLC0415 - large

    if sum(one is not None for one in (target, program, client)) != 1:
        raise UsageError("fuzz", "name one parser", "as package.module:callable, with --command or with --client")
    if target is not None:
        return Spec("python", target)
    return Spec("command", program) if program is not None else Spec("client", client or "")


def _work(
    spec: Spec,
    rules: tuple[str, ...],
    policies: tuple[str, ...],
    examples: int | None,
    seconds: float,
    seed: int,
) -> Work:
    from streamsim.conformance.declaring import SUFFIX, declared  # noqa: PLC0415 - large
    from streamsim.conformance.rules import RULES  # noqa: PLC0415 - the same
    from streamsim.conformance.spreading import Work  # noqa: PLC0415 - the same

    names = [each.name for each in RULES]
    for name in rules:
        if name not in names:
            raise UsageError("--rule", f"there is no rule {name!r}", f"there are {', '.join(names)}")
    files = [Path(word) for word in policies if word.endswith(SUFFIX) and "=" not in word]
    if len(files) > 1:
        raise UsageError("--policy", "there are two files", "write what they say into one")
    policy = declared([word for word in policies if Path(word) not in files], *files)
    usual = CLIENT_EXAMPLES if spec.kind == "client" else EXAMPLES
    spec = msgspec.structs.replace(spec, probe=policy.simplest)
    return Work(spec, policy, tuple(rules), examples or usual, seconds, seed)


def _remembering(work: Work, database: Path) -> Work:
    from streamsim.conformance.remembering import remembered  # noqa: PLC0415 - large

    return msgspec.structs.replace(work, known=remembered(database, work.spec, work.policy, work.rules))


def _pool(jobs: int, executor: str | None) -> AbstractContextManager[Pool | None]:
    from streamsim.conformance.executors import named, processes  # noqa: PLC0415 - large

    return processes(jobs) if executor is None else named(executor)


def _done(work: Work, pool: Pool | None, tell: Callable[[int], None]) -> Done:
    from streamsim.conformance.spreading import do_all  # noqa: PLC0415 - large

    try:
        return do_all(work, pool, tell)
    except BrokenExecutor as error:
        raise UsageError("fuzz", f"a process that shared the work died: {error}", "give it fewer --jobs") from error


def _tell(work: Work, done: Done, *, as_json: bool) -> None:
    from streamsim.conformance.report import report  # noqa: PLC0415 - large

    out: Any = terminal.forgive(sys.stdout)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(_document(work, done)), indent=2).decode(), file=out, flush=True)
        return
    told = f"cut after {done.tried}" if done.cut else f"{done.tried} examples"
    by_design = [each for each in done.findings if each.label == "by design"]
    if len(by_design) < len(done.findings):
        print(report(work.spec.text, list(done.findings), f"{told}, seed {work.seed}"), file=out)
    else:
        print(f"{work.spec.text} breaks no rule ({told}, seed {work.seed})", file=out)
    for finding in by_design:
        print(f"by design: {finding.rule}: {finding.what}", file=out)
    out.flush()


def _document(work: Work, done: Done) -> dict[str, object]:
    return {
        "target": work.spec.text,
        "kind": work.spec.kind,
        "policy": work.policy,
        "seed": work.seed,
        "examples": done.tried,
        "cut": done.cut,
        "findings": done.findings,
    }


def _save(folder: Path, work: Work, done: Done, *, as_json: bool) -> None:
    from streamsim.conformance.saving import save_all  # noqa: PLC0415 - large

    written = save_all(folder, work.spec, work.policy, done.findings)
    if written and not as_json:
        click.echo(f"saved {len(done.findings)} in {folder}: streamsim serve {written[0]}, pytest {folder}", err=True)
