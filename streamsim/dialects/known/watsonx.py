"""IBM watsonx.ai's ``text_generation_stream``: results with ``generated_text``, until one has a reason to stop.

Each event counts the tokens so far; those of the prompt only the first one. Only read.

Source: cloud.ibm.com/apidocs/watsonx-ai, and two recorded streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from streamsim.dialects.loosely import decoded
from streamsim.dialects.protocol import Dialect
from streamsim.dialects.regrown import regrown
from streamsim.dialects.told import NOTHING, Failure, Piece, Told, Usage

if TYPE_CHECKING:
    from streamsim.dialects.protocol import Writer
    from streamsim.sse import Event


class _Result(msgspec.Struct):
    generated_text: str = ""
    generated_token_count: int | None = None
    input_token_count: int | None = None
    stop_reason: str | None = None


class _Error(msgspec.Struct):
    code: str = ""
    message: str = ""


class _Said(msgspec.Struct):
    model_id: str = ""
    results: list[_Result] | None = None
    errors: list[_Error] | None = None


_decoder = msgspec.json.Decoder(_Said)


class Watsonx(Dialect):
    """``POST /ml/v1/text/generation_stream``."""

    name: ClassVar[str] = "watsonx"
    family: ClassVar[str] = ""
    writer: ClassVar[Writer | None] = None

    def owns(self, event: Event) -> bool:
        """Tell by the model and the results."""
        said = decoded(_decoder, event.data) if '"generated_text"' in event.data else None
        return said is not None and bool(said.model_id) and bool(said.results)

    def tell(self, event: Event) -> Told:
        """Return the text, the counts so far, the reason."""
        said = decoded(_decoder, event.data)
        if said is None:
            return NOTHING
        if said.errors:
            wrong = said.errors[0]
            return Told(failure=Failure(wrong.message, code=wrong.code), terminal=True)
        results = said.results or []
        reasons = ((nth, one.stop_reason or "not_finished") for nth, one in enumerate(results))
        stops = tuple((nth, reason) for nth, reason in reasons if reason.lower() != "not_finished")
        first = results[0] if results else _Result()
        usage = Usage(first.input_token_count or None, first.generated_token_count) if results else None
        pieces = (Piece("text", one.generated_text, nth) for nth, one in enumerate(results) if one.generated_text)
        return Told(tuple(pieces), usage, stops, said.model_id, terminal=bool(stops))

    def with_text(self, event: Event, text: str) -> str | None:
        """Put ``text`` for the only result's text."""
        return regrown(self.tell(event), event.data, (("results", 0, "generated_text"),), text)


DIALECTS = (Watsonx(),)
