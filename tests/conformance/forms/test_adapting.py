"""Which form a parser has is found out, and a right parser of any form has no finding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from streamsim.conformance import adapt, find
from tests.conformance.forms import shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from streamsim.conformance import Form

FORMS: list[tuple[Callable[..., Any], Form]] = [
    (shapes.of_chunks, "chunks"),
    (shapes.of_bytes, "bytes"),
    (shapes.of_text_chunks, "text chunks"),
    (shapes.of_text, "text"),
    (shapes.of_lines, "lines"),
    (shapes.of_byte_lines, "byte lines"),
    (shapes.sent, "push"),
    (shapes.sent_text, "push text"),
    (shapes.sent_and_calling_back, "push"),
    (shapes.Subscribed, "push"),
    (shapes.FedWithText, "push text"),
    (shapes.FedWithLines, "push lines"),
    (shapes.OfSource, "chunks"),
    (shapes.OfResponse, "httpx"),
    (shapes.of_content, "requests"),
    (shapes.of_async_chunks, "async"),
    (shapes.of_async_text, "async text"),
    (shapes.of_async_lines, "async lines"),
    (shapes.of_async_bytes, "async bytes"),
    (shapes.of_async_response, "async httpx"),
]
FEW = 250
RULES = ("fields", "line-ends", "chunks", "bom", "utf-8", "values", "promptness", "end", "no-crash", "isolation")


@pytest.mark.parametrize(("parse", "form"), FORMS, ids=lambda each: getattr(each, "__name__", str(each)))
def test_a_form_is_found_out(parse: Callable[..., Any], form: Form) -> None:
    """The form need not be said, and what is right passes in it."""
    assert adapt(parse).form == form
    assert list(find(parse, examples=FEW, rules=RULES)) == []


def test_a_client_is_one_by_the_name_of_its_argument() -> None:
    """What takes a ``url`` is given nothing else."""

    def read(url: str) -> None:
        raise AssertionError(url)

    with pytest.raises(ValueError, match="say how= one of"):
        adapt(read)


def test_a_parser_that_loses_events_still_has_a_form() -> None:
    """What reads one event but not two is taken by the form in which it reads one."""

    def first(chunks: Any) -> Any:
        for event in shapes.of_chunks(chunks):
            yield event
            return

    assert adapt(first).form == "chunks"
