"""The command line: one file a command, loaded when it is called."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

import click

from streamsim.errors import StreamsimError
from streamsim.version import __version__

COMMANDS = {
    "export": "Write a recording as a file of another tool: HAR, vcrpy's cassette, a bare body.",
    "faults": "List the ways in which a stream breaks, or show one on the wire.",
    "fit": "Fit TTFT, ITL and the prefill rate to recordings.",
    "fuzz": "Find the bugs of an SSE parser, in any language.",
    "import": "Make a recording of what another tool recorded: cassettes, HAR, curl's traces, bare bodies.",
    "inspect": "Tell what a recording holds: timing, events, how it ended.",
    "lint": "Check recordings, bare bodies and live servers against HTML, HTTP and the dialect.",
    "plan": "Print what would be sent, and when, with its digest.",
    "play": "Show a recording in the terminal, as a reader would see it appear.",
    "record": "Record a real session: one request, or all that passes a proxy.",
    "serve": "Serve recordings as a fake provider.",
    "simulate": "Simulate a cluster under load, and how it saturates.",
}


_MODULES = {"import": "import_"}  # what Python keeps for itself


class _Commands(click.Group):
    """Knows its commands by name, and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        gc.disable()  # what is loaded stays: there is nothing to collect, and to look takes long
        try:
            command: click.Command = import_module(f"streamsim.cli.{_MODULES.get(cmd_name, cmd_name)}").command
        finally:
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="streamsim %(version)s")
def cli() -> None:
    """Record real SSE sessions, and replay them exactly."""


def main() -> None:
    """Run the command line. Exit code 0: done; 1: the thing examined fell short; 2: usage or bad input."""
    code: object = 0
    try:
        code = cli.main(prog_name="streamsim", standalone_mode=False)
    except click.ClickException as error:
        _fail(_click_message(error))
    except StreamsimError as error:
        _fail(str(error))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except SystemExit:
        code = 0  # click's answer to a reader that has gone (``| head``), which is nobody's fault
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> None:
    click.echo(f"streamsim: {' '.join(message.split())}", err=True)
    sys.exit(2)


def _click_message(error: click.ClickException) -> str:
    """Return click's own complaint in our form: where, what is wrong, what to do."""
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "streamsim"
    message = error.format_message().rstrip(".")
    return f"{path.removeprefix('streamsim').strip() or 'command line'}: {message}; see '{path} --help'"
