"""``streamsim simulate``: a cluster under load, in memory, a million requests in less than a minute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
from click.core import ParameterSource

from streamsim.cli.load_options import load_options
from streamsim.cli.options import echo_json, json_option, profile_options, seed_option
from streamsim.cli.progress import progress
from streamsim.errors import UsageError
from streamsim.plan.distribution import parse_distribution
from streamsim.shells.files import read_blocks
from streamsim.traffic.outcome import outcome
from streamsim.traffic.routing import Policy
from streamsim.traffic.saturation import curve, simulations
from streamsim.traffic.simulation import Cluster, simulate
from streamsim.traffic.slo import parse_slo
from streamsim.traffic.text import drawn, told
from streamsim.traffic.tokens import parse_tokens
from streamsim.traffic.trace_file import read_trace
from streamsim.traffic.workload import Workload
from streamsim.units import parse_ratio

if TYPE_CHECKING:
    from streamsim.plan.profile import Profile

# Who says when requests come: where they do not, these would say nothing.
_BY_ITSELF = ("rate", "users")
_BELONGS = {
    "arrival": ("rate",),
    "think": ("users",),
    "requests": _BY_ITSELF,
    "prompt_tokens": _BY_ITSELF,
    "output_tokens": _BY_ITSELF,
    "rates": _BY_ITSELF,
}

_TTFT, _ITL = "0", "20ms"
_ALONE = (
    click.option("--profile", metavar="NAME|FILE", help="Its ttft, itl and load; the options go before it."),
    click.option(
        "--ttft", metavar="TIME", help=f"Until the first token, alone, besides the prompt: {_TTFT} if not given."
    ),
    click.option("--itl", metavar="TIME", help=f"Gap between tokens, alone: {_ITL} if not given."),
)


@click.command("simulate")
@click.option("--requests", type=click.IntRange(1, 10_000_000), default=10_000, show_default=True, help="How many.")
@click.option("--rate", metavar="RATIO", help="Requests a second, that come by themselves.")
@click.option(
    "--arrival",
    type=click.Choice(["poisson", "constant"]),
    default="poisson",
    show_default=True,
    help="Whether they come independently of each other, or at even steps.",
)
@click.option(
    "--users", type=click.IntRange(1, 1_000_000), metavar="N", help="Users, each of whom asks again when answered."
)
@click.option("--think", metavar="TIME", default="0", show_default=True, help="How long a user waits before asking.")
@click.option(
    "--trace",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON Lines with timestamp (ms), input_length and output_length.",
)
@click.option("--prompt-tokens", metavar="TOKENS", default="512", show_default=True, help="How long prompts are.")
@click.option("--output-tokens", metavar="TOKENS", default="128", show_default=True, help="How long answers are.")
@profile_options(*_ALONE)
@load_options
@click.option("--replicas", type=click.IntRange(1, 10_000), default=1, show_default=True, help="How many, all alike.")
@click.option(
    "--router",
    "policy",
    type=click.Choice(get_args(Policy)),
    default="least-busy",
    show_default=True,
    help="Which replica a request goes to.",
)
@click.option("--slo", metavar="LIMITS", help="What a good answer keeps to: ttft=500ms,itl=50ms,e2e=10s.")
@click.option("--rates", metavar="RATIO,…", help="Where the curve has its points, in requests a second.")
@click.option("--no-curve", is_flag=True, help="Draw no saturation curve.")
@seed_option
@json_option
@click.pass_context
def command(  # noqa: PLR0913 - click's signature
    ctx: click.Context,
    profile: Profile,
    requests: int,
    replicas: int,
    policy: Policy,
    seed: int,
    *,
    rate: str | None,
    arrival: str,
    users: int | None,
    think: str,
    trace: Path | None,
    prompt_tokens: str,
    output_tokens: str,
    slo: str | None,
    rates: str | None,
    no_curve: bool,
    as_json: bool,
) -> None:
    """Simulate a cluster of REPLICAS that answer REQUESTS, and how it saturates.

    Requests come by themselves (--rate), from users who wait for their answers (--users), or as they came elsewhere
    (--trace). The same options and seed give the same times, to the nanosecond, wherever it runs.
    """
    _refuse(ctx)
    ratio = parse_ratio(rate or "1", where="--rate")
    pacing = profile.pacing
    workload = Workload(
        requests=requests,
        prompt=parse_tokens(prompt_tokens, where="--prompt-tokens"),
        output=parse_tokens(output_tokens, where="--output-tokens"),
        ttft=pacing.ttft or parse_distribution(_TTFT),
        itl=pacing.itl or parse_distribution(_ITL),
        rate=(ratio.numerator, ratio.denominator),
        even=arrival == "constant",
        users=users or 0,
        think=parse_distribution(think, where="--think"),
        trace=() if trace is None else read_trace(b"".join(read_blocks(trace)), source=str(trace)),
    )
    cluster = Cluster(replicas=replicas, load=profile.load, policy=policy)
    limits = None if slo is None else parse_slo(slo, where="--slo")
    points = [parse_ratio(text, where="--rates") for text in rates.split(",")] if rates is not None else []
    found = outcome(simulate(cluster, workload, seed), limits)
    if not as_json:
        click.echo(told(found))
    saturation = None
    if not no_curve and not trace:
        with progress("curve", simulations(points)) as tell:
            saturation = curve(cluster, workload, seed, limits, points, tell)
    if as_json:
        echo_json({"outcome": found, "saturation": saturation})
    elif saturation is not None:
        click.echo("\n" + drawn(saturation))
    elif trace:
        click.echo("\nno saturation curve: the trace says when requests come, and no rate does")


def _refuse(ctx: click.Context) -> None:
    """Refuse what cannot be meant together, or would say nothing."""

    def given(name: str) -> bool:
        return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE

    sources = [name for name in ("rate", "users", "trace") if given(name)]
    if len(sources) != 1:
        told_by = " and ".join(f"--{name}" for name in sources)
        problem = f"{told_by} each say when requests come" if sources else "nothing says when requests come"
        raise UsageError("simulate", problem, "give one of --rate, --users and --trace")
    for name, needed in _BELONGS.items():
        if given(name) and sources[0] not in needed:
            remedy = f"leave it away, or give {' or '.join(f'--{one}' for one in needed)} instead"
            raise UsageError(f"--{name.replace('_', '-')}", f"it says nothing beside --{sources[0]}", remedy)
    if given("rates") and given("no_curve"):
        raise UsageError("--rates", "--no-curve draws no curve that could have points", "give one of both")
