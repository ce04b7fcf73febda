"""``streamsim record``: one request as curl would send it, or all that passes a proxy."""

from __future__ import annotations

import asyncio
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from streamsim.cli.request import build_request
from streamsim.clock.drivers.realtime import RealClock, wall_clock
from streamsim.errors import UsageError
from streamsim.recording.model import VERSION, Header
from streamsim.recording.redact import Redactor
from streamsim.shells.files import Writer
from streamsim.shells.recorder import Proxy, Relay, Session, Upstream, fetch
from streamsim.shells.running import run_until_signalled
from streamsim.units import SECOND, format_duration, parse_duration
from streamsim.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from streamsim.engine.requests import Request
    from streamsim.shells.files import Existing


@click.command("record")
@click.argument("url", required=False)
@click.option("--proxy", metavar="UPSTREAM", help="Stand in front of this server and record what passes.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The recording.")
@click.option("--append", is_flag=True, help="Add to an existing file.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@click.option("-X", "--request", "method", metavar="METHOD", help="GET, or POST where there is a body.")
@click.option("-d", "--data", metavar="BODY|@FILE", help="The body.")
@click.option("--json", "json_body", metavar="BODY|@FILE", help="The body, sent and asked for as JSON.")
@click.option("-H", "--header", "headers", multiple=True, metavar="'K: V'", help="A header; 'K:' removes one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the proxy listens on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8081, show_default=True, help="0 takes a free port.")
@click.option(
    "--timeout", default="5m", show_default=True, metavar="TIME", help="Silence of the upstream that ends an exchange."
)
@click.option("--keep-encoding", is_flag=True, help="Let the upstream compress, if the client allows it.")
@click.option("--no-redact", is_flag=True, help="Keep secrets in the recording.")
def command(  # noqa: PLR0913 - click's signature
    url: str | None,
    proxy: str | None,
    output: Path,
    *,
    append: bool,
    force: bool,
    method: str | None,
    data: str | None,
    json_body: str | None,
    headers: tuple[str, ...],
    host: str,
    port: int,
    timeout: str,
    keep_encoding: bool,
    no_redact: bool,
) -> None:
    """Record a real session: chunk boundaries, arrival times, and how the connection ended."""
    if bool(url) == bool(proxy):
        raise UsageError("record", "give a URL or --proxy UPSTREAM", "one of the two, not both")
    if append and force:
        raise UsageError("record", "--append and --force contradict each other", "choose one")
    if proxy and (headers or any(option is not None for option in (method, data, json_body))):
        raise UsageError("record", "-X, -d, --json and -H are for a URL", "leave them out with --proxy")
    silence_s = parse_duration(timeout, where="--timeout") / SECOND
    if not silence_s:
        raise UsageError("--timeout", "no upstream answers in no time", "give it some, like 5m")
    upstream = Upstream(url or proxy or "", where="URL" if url else "--proxy", with_path=not url)
    request = None if url is None else build_request(url, upstream, method, data, json_body, headers)
    existing: Existing = "append" if append else "force" if force else "refuse"
    with _recording(output, existing, upstream, redact=not no_redact) as session:

        def relay() -> Relay:
            return Relay(session, upstream, silence_s=silence_s, keep_encoding=keep_encoding)

        main = _proxy(relay, host, port) if request is None else _fetch(relay, upstream, request)
        run_until_signalled(_until_failure(session, main))
        if session.failure is not None:
            raise session.failure
    _report(session, output)


@contextmanager
def _recording(output: Path, existing: Existing, upstream: Upstream, *, redact: bool) -> Generator[Session, None, None]:
    recorder = f"streamsim {__version__}"
    header = Header(version=VERSION, created=wall_clock(), recorder=recorder, upstream=upstream.origin)
    writer = Writer(output, header, existing=existing)
    session = Session(writer, RealClock(), redactor=Redactor(enabled=redact))
    with ExitStack() as stack:
        stack.callback(lambda: writer.close(session.redactor.removed, discard=not session.exchanges))
        if sys.stderr.isatty():
            from streamsim.shells.counters import counters  # noqa: PLC0415 - rich is only for people

            stack.enter_context(counters(session))
        yield session


async def _until_failure(session: Session, main: Coroutine[object, object, None]) -> None:
    """Run ``main`` for as long as what it records can be kept."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine that runs is in one
    session.on_failure = task.cancel
    await main


async def _fetch(make_relay: Callable[[], Relay], upstream: Upstream, request: Request) -> None:
    upstream.host_header = request.fields.get(b"host", upstream.host_header.encode()).decode()
    await fetch(make_relay(), request)


async def _proxy(relay: Callable[[], Relay], host: str, port: int) -> None:
    async with Proxy(relay, host=host, port=port) as proxy:
        click.echo(f"streamsim record ready at {proxy.url}")
        await asyncio.get_running_loop().create_future()


def _report(session: Session, output: Path) -> None:
    if not session.exchanges:
        click.echo("streamsim: nothing was recorded", err=True)
        return
    ttft = "" if session.ttft_us is None else f", TTFT {format_duration(session.ttft_us * 1000)}"
    ends = ", ".join(f"{count} {cause}" for cause, count in sorted(session.causes.items()))
    told = f"{session.exchanges} exchanges ({ends}), {session.events} events, {session.bytes} bytes{ttft}"
    click.echo(f"streamsim: recorded {told} to {output}", err=True)
