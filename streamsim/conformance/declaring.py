"""A policy out of words, as they stand at the command line or in a TOML file.

Law: each word sets one thing; a wrong one is named, with what there is.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, Final

import msgspec

from streamsim.conformance.features import NAMES
from streamsim.conformance.policy import Policy
from streamsim.conformance.rules import RULES
from streamsim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIX: Final = ".toml"
_LISTS: Final = ("fields", "by_design", "block")
_FLAGS: Final = ("flush", "ndjson")


def declared(words: Sequence[str], read: Path | None = None) -> Policy:
    """Return the policy of ``NAME`` and ``NAME=VALUE`` words, over that of a file.

    Raises:
        UsageError: A word means nothing.

    """
    told: dict[str, Any] = {} if read is None else _of_file(read)
    for word in words:
        key, equals, value = word.partition("=")
        key = key.replace("-", "_")
        if key in _FLAGS and not equals:
            told[key] = True
        elif key in _LISTS:
            told[key] = [*told.get(key, []), *filter(None, value.split(","))]
        else:
            told[key] = value
    return _policy(told, str(read) if read is not None and not words else "--policy")


def _of_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(str(path), f"it is no policy: {error}", "write keys as 'streamsim fuzz' knows them") from error


def _policy(told: dict[str, Any], where: str) -> Policy:
    known = Policy.__struct_fields__
    remedy = f"there are {', '.join(known)}"
    for key in told:
        if key not in known:
            raise UsageError(where, f"there is no {key!r}", remedy)
    try:
        policy = msgspec.convert(told, Policy)
    except (msgspec.ValidationError, ValueError) as error:
        raise UsageError(where, f"{error}", "see docs/how-to/fuzz-a-parser.md") from error
    names = {each.name for each in RULES} | NAMES
    for name in sorted(policy.by_design - names):
        raise UsageError(where, f"there is no rule or feature {name!r}", f"there are {', '.join(sorted(names))}")
    return policy
