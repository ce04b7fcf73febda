"""From a script to a recording: the stream that a provider might have sent.

Law: same script, dialect and seed, same recording: ids, padding and times are drawn, nothing is read from a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias
from urllib.parse import quote

import msgspec

from streamsim.dialects.known import BY_NAME
from streamsim.dialects.protocol import Writer, Written
from streamsim.dialects.said import Error, Pause, Say, Text
from streamsim.errors import UsageError, meant, nearest
from streamsim.plan.distribution import parse_distribution
from streamsim.plan.script_file import Script, read_answer, read_parts
from streamsim.recording.assemble import Assembler
from streamsim.recording.model import VERSION, Chunk, Ending, Header, Recording, Request, Response, as_text
from streamsim.rng import Rng
from streamsim.wire.statuses import REASONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from streamsim.plan.script_file import Plain
    from streamsim.recording.model import Line
    from streamsim.wire import Framing, Headers

    Sayable: TypeAlias = Plain | Sequence[Plain] | Say | Script
    """One answer: its parts, or one of them; or all answers of a script."""

USUAL: Final = "openai-chat"
"""The dialect in which nobody asked for another one."""

TTFT: Final = parse_distribution("lognormal:400ms:0.35:max=2s")
ITL: Final = parse_distribution("lognormal:20ms:0.5:max=250ms")


def say(
    *answers: Sayable,
    dialect: str = "",
    model: str = "",
    stop: str = "",
    ttft: str | None = None,
    itl: str | None = None,
    seed: int = 0,
) -> Recording:
    """Return a recording in which each of ``answers`` is an exchange: the turns of one conversation, in order.

    An answer is a text, a part, or a list of them; a part may be written as in a script: ``{"reasoning": "…"}``,
    ``{"tool": "look_up", "arguments": {…}}``, ``{"pause": "1s"}``. A table with ``say`` has more to it.

    Args:
        answers: What is said.
        dialect: How it is written; as the script says, or else as by OpenAI Chat Completions.
        model: The model's name, where an answer has none.
        stop: Why an answer ends, where it does not say.
        ttft: A duration or distribution, in place of the script's.
        itl: The same, of gaps between increments.
        seed: Of ids, padding and times.

    Raises:
        UsageError: There is no such dialect, or it is only read; a time means nothing.
        ScriptError: A part means nothing.

    """
    script = joined(answers)
    said = (msgspec.structs.replace(one, model=one.model or model, stop=one.stop or stop) for one in script.answers)
    script = Script(
        tuple(said),
        dialect or script.dialect,
        script.ttft if ttft is None else parse_distribution(ttft, where="ttft"),
        script.itl if itl is None else parse_distribution(itl, where="itl"),
        script.source,
    )
    return written(script, seed=seed)


def written(script: Script, *, seed: int = 0, where: str = "dialect") -> Recording:
    """Return the recording that a script makes.

    Raises:
        UsageError: There is no such dialect, or it is only read; ``where`` it was named.

    """
    name = script.dialect or USUAL
    pen = _Pen(name, _writer(name, where), seed)
    assembler = Assembler(script.source)
    for number, answer in enumerate(script.answers, start=1):
        assembler.add(list(_lines(answer, number, script, pen)), 2)
    header = Header(version=VERSION, written=name)
    exchanges = tuple(assembler.exchanges.values())
    return Recording(header=header, entries=tuple(assembler.entries), exchanges=exchanges, source=script.source)


class _Pen(NamedTuple):
    """Who writes."""

    dialect: str
    writer: Writer
    seed: int


def joined(answers: Iterable[Sayable]) -> Script:
    """Return all answers as one script; what only one script can tell, the first one does.

    Raises:
        UsageError: There are none.
        ScriptError: A part means nothing.

    """
    said: list[Say] = []
    first: Script | None = None
    for nth, answer in enumerate(answers, start=1):
        if isinstance(answer, Script):
            said += answer.answers
            first = first or answer
        elif isinstance(answer, Say):
            said.append(answer)
        elif isinstance(answer, Mapping) and "say" in answer:
            said.append(read_answer(answer, f"answer[{nth}]."))
        else:
            said.append(Say(read_parts(answer, f"answer[{nth}]")))
    if not said:
        raise UsageError("say", "there is nothing to say", 'say something: say("Hello")')
    return msgspec.structs.replace(first or Script(()), answers=tuple(said))


def writable() -> list[str]:
    """Return the names of the dialects that can be written."""
    return [name for name, dialect in BY_NAME.items() if dialect.writer is not None]


def _writer(name: str, where: str) -> Writer:
    dialect = BY_NAME.get(name)
    if dialect is not None and dialect.writer is not None:
        return dialect.writer
    problem = f"{name} is only read, not written" if dialect else f"there is no dialect {name!r}"
    known = writable()
    near = meant([each for each in known if name and name in each]) or nearest(name, known)
    raise UsageError(where, problem, near or f"known are {', '.join(known)}")


def _lines(answer: Say, number: int, script: Script, pen: _Pen) -> Iterator[Line]:
    path = (pen.dialect, str(number), msgspec.json.encode(answer).decode())
    sent = _sent(answer, pen.writer, Rng(pen.seed, "say", *path))
    times = _times(sent.frames, script, lambda purpose: Rng(pen.seed, "say", *path, purpose))
    method, target = pen.writer.endpoints[0]
    yield Request(
        exchange=number,
        connection=1,
        at_us=0,
        method=method,
        target=target.replace("{model}", quote(answer.model, safe="") or "any"),
        headers=(),
    )
    yield Response(
        exchange=number,
        dt_us=times[0],
        status=sent.status,
        reason="OK" if sent.status == 200 else REASONS.get(sent.status, ""),
        framing=sent.framing,
        headers=sent.headers,
    )
    for frame, (before_us, now_us) in zip(sent.frames, pairwise(times), strict=True):
        text = as_text(frame.data)
        b64 = frame.data if text is None else None
        yield Chunk(exchange=number, dt_us=now_us - before_us, text=text, b64=b64)
    yield Ending(exchange=number, dt_us=0, cause="complete")


class _Sent(NamedTuple):
    """A response: its head, and what is written one after the other."""

    status: int
    headers: Headers
    framing: Framing
    frames: list[Written]


def _sent(answer: Say, writer: Writer, dice: Rng) -> _Sent:
    """Return the stream, or the HTTP error that takes its place where nothing was said before it."""
    failure = answer.failure
    if failure is None or _speaks(answer):
        headers = (*writer.headers(dice, stream=True), ("transfer-encoding", "chunked"))
        return _Sent(200, headers, "chunked", list(writer.write(answer, dice)))
    headers, body = writer.error(failure.told, failure.status)
    waits_ns = sum(part.ns for part in answer.parts if isinstance(part, Pause))
    sized = (*headers, ("content-length", str(len(body))))
    return _Sent(failure.status, sized, "content-length", [Written(body, pause_ns=waits_ns)])


def _speaks(answer: Say) -> bool:
    """Tell whether anything is said at all."""
    silent = (
        part for part in answer.parts if isinstance(part, Error | Pause) or (isinstance(part, Text) and not part.text)
    )
    return len(list(silent)) < len(answer.parts)


def _times(frames: Sequence[Written], script: Script, dice: Callable[[str], Rng]) -> list[int]:
    """Return when the head and then each frame is due, in microseconds.

    The head and what precedes the first content come at three quarters of TTFT. What follows content without having any
    comes a quarter of a gap later, all of it at once.
    """
    gaps, itl = dice("itl"), script.itl or ITL
    first_ns = (script.ttft or TTFT).draw(dice("ttft"), 0)
    now_ns = first_ns * 3 // 4
    times = [now_ns]
    before: bool | None = None  # whether the frame before had content; None before the first that has
    for nth, frame in enumerate(frames):
        if frame.content and before is None:
            now_ns += first_ns - first_ns * 3 // 4
        elif frame.content:
            now_ns += itl.draw(gaps, nth)
        elif before:
            now_ns += itl.draw(gaps, nth) // 4
        before = frame.content or (None if before is None else False)
        now_ns += frame.pause_ns
        times.append(now_ns)
    return [ns // 1000 for ns in times]
