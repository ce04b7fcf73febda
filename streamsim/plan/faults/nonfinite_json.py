"""A number that JSON does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from streamsim.dialects.json_values import found, values
from streamsim.plan.faults.json_spans import put, replaced
from streamsim.plan.faults.telling import Telling

if TYPE_CHECKING:
    from streamsim.dialects import Landed
    from streamsim.dialects.json_values import Value
    from streamsim.plan.faults.fault import Scene

_SPELT = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_LOGPROBS = frozenset(("logprob", "avgLogprobs"))


class NonfiniteJson(Telling, frozen=True, kw_only=True, tag="nonfinite_json"):
    """Write ``-Infinity`` or the like for the log probabilities of an event; where there are none, add one.

    By default in the event with content that is halfway. Python's JSON reads it, that of most others does not.

    Attributes:
        value: ``-inf``, ``inf`` or ``nan``.

    """

    value: Literal["-inf", "inf", "nan"] = "-inf"

    about: ClassVar[str] = "that has content and is a JSON object"
    sees: ClassVar[str] = "what is no JSON by the standard"
    rows: ClassVar[tuple[str, ...]] = ("F12",)

    def able(self, item: Landed, scene: Scene) -> bool:
        """Take objects with content."""
        del scene
        return bool(item.content) and item.event.data.startswith("{")

    def retold(self, data: str, item: Landed, scene: Scene) -> str | None:
        """Return the event with the number."""
        del item, scene
        told = _SPELT[self.value]
        numbers = [value for value in values(data) if _is_logprob(value, data)]
        if numbers:
            return replaced(data, numbers, told)
        if found(data, ("candidates", 0)):
            return put(data, ("candidates", 0), "avgLogprobs", told)
        if found(data, ("choices", 0)):
            token = f'{{"content":[{{"token":"","logprob":{told},"bytes":null,"top_logprobs":[]}}]}}'
            return put(data, ("choices", 0), "logprobs", token)
        return put(data, (), "logprob", told)


def _is_logprob(value: Value, data: str) -> bool:
    return bool(value.path) and value.path[-1] in _LOGPROBS and data[value.start] in "-0123456789"
