"""What inspecting tells of the answer itself: texts, tool calls, tokens, reasons to stop, errors."""

from __future__ import annotations

import gc
import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from streamsim.analysis import inspect, text
from streamsim.analysis.hearing import BEGINNING, Call, Hearing, Said, Tokens
from streamsim.dialects.reading import read
from streamsim.dialects.told import Failure, Piece, Told, Usage
from tests.builders import as_file, chat, exchange, recording, sse
from tests.dialects.answering import CONTENT_TYPES

if TYPE_CHECKING:
    from pathlib import Path

    from streamsim.analysis.report import Content, ExchangeReport
    from streamsim.recording.model import Exchange


def inspected(told: Exchange, *, whole: bool = False) -> ExchangeReport:
    return inspect([as_file(recording(told))], whole=whole).exchanges[0]


def content(told: Exchange, *, whole: bool = False) -> Content:
    found = inspected(told, whole=whole).content
    assert found is not None
    return found


def words(told: Exchange) -> dict[str, str]:
    return dict(text.details(inspected(told)))


def delta(number: int = 0, finish: str | None = None, **grown: object) -> dict[str, object]:
    return {"index": number, "delta": grown, "finish_reason": finish}


def chunks(*choices: list[dict[str, object]], **more: object) -> list[bytes]:
    """Return the frames of a chat answer, one for each list of choices; the last one tells ``more``."""
    told: list[dict[str, object]] = [
        {"object": "chat.completion.chunk", "model": "m-1", "choices": one} for one in choices
    ]
    told[-1].update(more)
    return sse(*(json.dumps(one, separators=(",", ":")) for one in told), "[DONE]")


def call(index: int, **function: str) -> list[dict[str, object]]:
    return [{"index": index, **({"id": f"c{index}"} if "name" in function else {}), "function": function}]


NOTHING: dict[str, object] = {}
USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 12,
    "total_tokens": 21,
    "completion_tokens_details": {"reasoning_tokens": 6},
    "prompt_tokens_details": {"cached_tokens": 4},
}
TOOLS = chunks(
    [delta(reasoning_content="hm")],
    [delta(content="Let me ")],
    [delta(content="look.")],
    [delta(tool_calls=call(0, name="look", arguments=""))],
    [delta(tool_calls=call(0, arguments='{"at":1}'))],
    [delta(tool_calls=call(1, name="listen", arguments="{}"))],
    [delta(finish="tool_calls")],
    [],
    usage=USAGE,
)


def test_all_that_was_said_is_told() -> None:
    """Text, thoughts, tool calls with their arguments, model, usage and the provider's word for the reason to stop."""
    found = content(exchange(chunks=TOOLS))
    calls = (Call("look", "c0", '{"at":1}'), Call("listen", "c1", "{}"))
    assert found.said == (Said(0, "Let me look.", "hm", "", calls, 0, 0, "tool_calls"),)
    assert found.model == "m-1"
    assert found.failure is None
    # Six contents, the first at 120 ms, the last 100 ms later: 11 tokens in that time.
    assert found.tokens == Tokens(Usage(9, 12, 21, 6, 4), 5, 110.0, "usage")


def test_all_that_was_said_is_told_in_words() -> None:
    """One row each, in the order in which it is said."""
    told = words(exchange(chunks=TOOLS))
    assert {label: told[label] for label in ("dialect", "reasoning", "text", "tool call", "tokens", "stop")} == {
        "dialect": "openai-chat, model m-1",
        "reasoning": "hm",
        "text": "Let me look.",
        "tool call": "listen {}",  # the second of two rows
        "tokens": "9 in, 12 out, 6 reasoning, 4 cached, 5 deltas, 110.0 tokens/s",
        "stop": "tool_calls",
    }


def test_tokens_that_were_thought_and_never_sent_do_not_make_a_stream_faster() -> None:
    """The rate counts what came."""
    told = chunks([delta(content="a")], [delta(content="b")], [delta(finish="stop")], usage=USAGE)
    assert content(exchange(chunks=told)).tokens.per_s == 250.0  # five in 20 ms


def test_where_no_tokens_are_told_deltas_are_counted() -> None:
    """And the report says so; what comes at once has no rate."""
    assert content(exchange(chunks=chat("a", "b", "c"))).tokens == Tokens(Usage(), 3, 50.0, "deltas")
    assert content(exchange(chunks=chat("a", "b"), gaps_us=0)).tokens == Tokens(Usage(), 2, None, "deltas")
    assert content(exchange(chunks=chat("a"))).tokens.per_s is None
    assert words(exchange(chunks=chat("a")))["tokens"] == "none told, 1 delta"


def test_several_answers_are_told_apart() -> None:
    """Each choice has its own text and its own reason to stop."""
    told = exchange(
        chunks=chunks(
            [delta(0, content="a"), delta(1, content="b")],
            [delta(1, refusal="no")],
            [delta(0, "stop"), delta(1, "length")],
        )
    )
    first, second = content(told).said
    assert (first.text, first.stop, second.text, second.refusal, second.stop) == ("a", "stop", "b", "no", "length")
    rows = [row for row in text.details(inspected(told)) if row[0] in ("text", "refusal", "stop")]
    assert rows == [
        ("text", "choice 0: a"),
        ("text", "choice 1: b"),
        ("refusal", "choice 1: no"),
        ("stop", "stop, length"),
    ]
    shown = text.whole_texts(inspected(told, whole=True))
    assert shown == [("text, choice 0", "a"), ("text, choice 1", "b"), ("refusal, choice 1", "no")]


def test_references_and_pictures_are_counted() -> None:
    """They are no text."""
    told = exchange(
        chunks=chunks([delta(content="a", annotations=[NOTHING, NOTHING], images=[NOTHING])], [delta(finish="stop")])
    )
    (said,) = content(told, whole=True).said
    assert (said.text, said.citations, said.media) == ("a", 2, 1)
    assert {label: count for label, count in words(told).items() if label in ("citations", "media")} == {
        "citations": "2",
        "media": "1",
    }


def test_an_error_in_the_stream_is_told() -> None:
    """Its type or code, and its message, on one line."""
    told = exchange(
        chunks=sse('{"object":"chat.completion.chunk","choices":[]}', '{"error":{"message":"a\\nb","code":7}}')
    )
    assert content(told).failure == Failure("a\nb", "", "7")
    assert words(told)["error"] == "7: a\\nb"


def test_of_long_texts_the_beginning_is_kept_unless_all_is_asked_for() -> None:
    """Of each text, of the arguments too; all of it with ``whole``."""
    long = ["x" * 300] * 3
    told = exchange(chunks=[*chat(*long)[:-2], *chunks([delta(tool_calls=call(0, name="f", arguments="y" * 900))])])
    (short,) = content(told).said
    assert (len(short.text), len(short.calls[0].arguments)) == (BEGINNING, BEGINNING)
    (said,) = content(told, whole=True).said
    assert (said.text, len(said.calls[0].arguments)) == ("".join(long), 900)
    assert words(told)["text"] == "x" * 99 + "…"


def test_what_is_told_anew_replaces_what_was_kept() -> None:
    """A text that comes again as a whole is kept from its beginning."""
    hearing = Hearing(4)
    hearing.hear(Told((Piece("text", "abc", id="i"), Piece("citation", "long"))))
    hearing.hear(Told((Piece("text", "vwxyz", id="i", whole=True),)))
    hearing.hear(Told(usage=Usage(output=3)))
    (said,) = hearing.said()
    assert (said.text[-4:], said.citations) == ("vwxy", 1)
    assert hearing.tokens(0).deltas == 1


def test_memory_does_not_grow_with_the_answer() -> None:
    """A long answer takes no more than a short one, but where all of it is asked for."""

    def kept(deltas: int) -> int:
        tracemalloc.start()
        hearing = Hearing(BEGINNING)
        for _ in range(deltas):
            hearing.hear(Told((Piece("text", "x" * 1000),)))
        gc.collect()
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size

    assert kept(5000) < kept(10) + 2000


def test_what_comes_before_the_dialect_shows_is_taken_in_it_too() -> None:
    """An event that is none of the dialect's content is no first token, whenever it comes."""
    told = exchange(chunks=[*sse('{"hello":1}'), *chat("a", "b")], gaps_us=[0, 10_000, 10_000, 10_000, 0, 0])
    found = content(told)
    assert found.dialect == "openai-chat"
    assert found.ttft_ns == 120_000_000
    assert found.said[0].text == "ab"
    assert found.events == 6


def test_after_many_unclaimed_events_they_are_generic() -> None:
    """Nothing is held back for ever."""
    found = content(exchange(chunks=sse(*["x"] * 70), gaps_us=1000))
    assert (found.dialect, found.events, found.ttft_ns) == ("generic", 70, 101_000_000)


def test_the_host_tells_a_variation() -> None:
    """As for everyone who reads the recording."""
    told = exchange(chunks=chat("a"), request_headers=(("host", "api.x.ai"),))
    assert content(told).dialect == read(told).dialect == "xai"


def test_an_array_of_json_is_a_stream_only_if_a_dialect_owns_it() -> None:
    """Gemini's is inspected as events; any other JSON shows how it begins."""
    body = b'[{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}]}]'
    report = inspected(exchange(headers=(("content-type", "application/json"),), chunks=[body]))
    assert report.content is not None
    assert (report.content.said[0].text, report.body_start) == ("a", "")
    other = inspected(exchange(headers=(("content-type", "application/json"),), chunks=[b'[{"a":1}]']))
    assert (other.content, other.body_start) == (None, '[{"a":1}]')


def test_where_only_the_connection_tells_the_end_a_whole_body_is_complete() -> None:
    """LangGraph has no last event."""
    frames = [*sse('{"run_id":"1"}', event="metadata"), *sse('{"a":1}', event="values")]
    whole, cut = inspected(exchange(chunks=frames)), inspected(exchange(chunks=frames, end="reset"))
    assert (whole.verdict.completed, cut.verdict.completed) == (True, False)
    assert inspected(exchange(chunks=frames[:1])).verdict.completed is False
    assert dict(text.details(whole))["end"] == "complete"


def test_an_answer_that_said_nothing_has_no_rows_for_it() -> None:
    """Nothing is claimed of what did not come."""
    told = words(exchange(chunks=[b": ping\n\n"]))
    assert {"text", "tokens", "stop", "error"}.isdisjoint(told)
    assert text.whole_texts(inspected(exchange(status=0, chunks=(), end="unreachable"))) == []


@pytest.mark.corpus
def test_real_answers_are_told_as_they_are_read(corpus: Path) -> None:
    """Inspecting tells the same text, tool calls, usage and reason to stop as reading all events does."""
    for entry in json.loads((corpus / "streams" / "index.json").read_bytes()):
        headers = (("content-type", CONTENT_TYPES[entry["stream"]]),)
        data = (corpus / "streams" / entry["file"]).read_bytes()
        told = exchange(chunks=[data[:1000], data[1000:] or b"\n"], headers=headers)
        answer = read(told).answer()
        found = content(told, whole=True)
        assert found.dialect == read(told).dialect
        assert (found.tokens.usage, found.model, found.failure) == (answer.usage, answer.model, answer.failure)
        for said in found.said:
            choice = answer.choices[said.choice]
            assert (said.text, said.reasoning, said.refusal) == (choice.text, choice.reasoning, choice.refusal)
            assert [(one.name, one.arguments) for one in said.calls] == [(one.name, one.text) for one in choice.calls]
            assert said.stop == choice.stop
