"""Known faults of others' parsers, each at the version that has it: ``python -m tests.conformance.known ADAPTER``.

Run so, in an environment that has the parser, it prints what `streamsim.conformance.find` finds in a minute, as JSON.
"""

from __future__ import annotations

import logging
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from streamsim.conformance import Finding, Policy, find

ROOT: Final = Path(__file__).parents[2]
CACHE: Final = ROOT / ".cache" / "known"
SECONDS: Final = 60
SEED: Final = 0


class Known(NamedTuple):
    """A parser, and what is wrong with it.

    Attributes:
        adapter: In `tests.conformance.parsers`.
        requirements: What is installed for it, the parser first.
        faults: Rule and most telling feature; "" for any feature.

    """

    adapter: str
    requirements: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]

    @property
    def python(self) -> Path:
        """The Python of its environment."""
        return CACHE / self.requirements[0].replace("==", "-") / "bin" / "python"


KNOWN: Final = (
    Known("httpx_sse", ("httpx-sse==0.4.1", "httpx==0.28.1"), (("line-ends", "separators"),)),
    Known("openai", ("openai==1.3.0", "httpx==0.28.1"), (("line-ends", "separators"),)),
    Known("huggingface_hub", ("huggingface_hub==2.4.0", "httpx==0.28.1"), (("line-ends", "separators"),)),
    Known("requests_sse", ("requests-sse==0.5.3",), (("chunks", "cut-crlf"), ("linear-time", ""))),
    Known("aiohttp_sse_client", ("aiohttp-sse-client==0.2.1",), (("line-ends", "cr"),)),
    Known("httpx_sse", ("httpx-sse==0.4.3", "httpx==0.28.1"), (("no-data", ""),)),
    Known("anthropic", ("anthropic==2.14.0",), (("bom", "bom"),)),
    Known("openai", ("openai==3.57.0",), (("utf-8", "invalid"),)),
    Known("sseclient_py", ("sseclient-py==1.9.0",), (("ids", "id-nul"),)),
    Known("speakeasy", ("mistralai==3.7.0",), (("end", "unfinished"),)),
    Known("assel", ("assel==1.0.0",), (("isolation", "shared-state"),)),
    Known("sseclient", ("sseclient==0.0.27",), (("linear-time", ""), ("empty-data", "empty-first"))),
)


def install(known: Known) -> None:
    """Make its environment, unless it is there."""
    stamp = known.python.parents[1] / ".stamp"
    if not stamp.exists():
        subprocess.run([sys.executable, "-m", "venv", str(stamp.parent)], check=True)
        pip = (str(known.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        subprocess.run([*pip, "--editable", str(ROOT), *known.requirements], check=True)
        stamp.touch()


def found(known: Known) -> list[Finding]:
    """Return what is found in it, in a process of its own environment."""
    command = [str(known.python), "-m", "tests.conformance.known", known.adapter]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=list[Finding])


def main(adapter: str) -> None:
    """Print what is found in the parser that is installed here."""
    logging.disable()
    module = import_module(f"tests.conformance.parsers.{adapter}")
    how, policy = getattr(module, "HOW", None), getattr(module, "POLICY", Policy())
    findings = list(find(module.parse, how=how, policy=policy, seconds=SECONDS, seed=SEED))
    sys.stdout.buffer.write(msgspec.json.encode(findings))


if __name__ == "__main__":
    main(sys.argv[1])
