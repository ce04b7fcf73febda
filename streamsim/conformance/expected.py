"""What a parser with a policy has to deliver for a stream.

Law: where the policy leaves a choice, each choice is acceptable; where it does not, there is one answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from streamsim.conformance import oracle
from streamsim.conformance.payload import of_form, unwrapped
from streamsim.conformance.reading import Reading, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from streamsim.conformance.policy import Policy


_FOREVER_MS: Final = 10**10


class Due(NamedTuple):
    """One event, how many bytes have to come for it, and what else its reconnection time may be.

    The standard has no such thing in an event: what lasts from an earlier one is as good as what its own block gives,
    and a time that nobody would wait for may be read or ignored.
    """

    event: Seen
    end: int
    retries: frozenset[int | str | None] = frozenset()


def due(data: bytes, policy: Policy, fields: frozenset[str]) -> list[Due]:
    """Return the events of ``data`` as a parser that has a place for ``fields`` gives them."""
    if policy.ndjson:
        return [Due(Seen(unwrapped(line, policy.payload) or ""), end) for line, end in oracle.lines(data)[0] if line]
    return list(_until_done(oracle.interpret(data), policy, fields))


def _due(event: oracle.Dispatched, policy: Policy, fields: frozenset[str]) -> Due:
    identity = event.id if policy.ids == "last" else event.own_id or ""
    seen = Seen(
        unwrapped(event.data, policy.payload) or "" if policy.payload else event.data,
        event.type if "event" in fields else None,
        identity if "id" in fields else None,
        _retry(event.retry) if "retry" in fields else None,
    )
    bearable = [each for each in event.retries if each < _FOREVER_MS]
    return Due(seen, event.end, frozenset(bearable[-1:]))


def _retry(value: int | str | None) -> int | str | None:
    """Return ``value``, or None for one that nobody would wait for: ignoring it is as good as reading it."""
    return None if isinstance(value, int) and value >= _FOREVER_MS else value


def _until_done(events: Iterable[oracle.Dispatched], policy: Policy, fields: frozenset[str]) -> Iterator[Due]:
    for each in events:
        if policy.done and each.data == policy.done:
            return
        yield _due(each, policy, fields)


def acceptable(data: bytes, policy: Policy, fields: frozenset[str]) -> list[list[Due]]:
    """Return every answer that is right."""
    strict = due(data, policy, fields)
    if policy.ndjson:
        return [strict, due(data + b"\n", policy, fields)]
    if not policy.flush:
        return [strict]
    whole_lines = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]
    return [strict, *(due(end + b"\n\n", policy, fields) for end in (data, whole_lines))]


def sound(data: bytes, policy: Policy) -> bool:
    """Tell whether all data is of the form that the policy's payload has: anything else means nothing to the parser."""
    if policy.ndjson:
        texts = [line for line, _ in oracle.lines(data + b"\n")[0] if line]
    else:
        texts = [each.data for each in oracle.interpret(data + b"\n\n")]
    return not policy.payload or all(of_form(each, policy.payload) for each in texts)


def allowed_for(got: tuple[Seen, ...], answer: Sequence[Due]) -> tuple[Seen, ...]:
    """Return ``got`` with reconnection times as ``answer`` has them, where they may be otherwise."""
    if len(got) != len(answer):
        return got
    return tuple(
        replace(seen, retry=each.event.retry) if seen.retry in each.retries else seen
        for seen, each in zip(got, answer, strict=True)
    )


def as_seen(reading: Reading, fields: frozenset[str]) -> tuple[Seen, ...]:
    """Return the events of ``reading``, with nothing but ``fields``."""
    return tuple(
        Seen(
            each.data,
            each.type if "event" in fields else None,
            each.id if "id" in fields else None,
            _retry(each.retry) if "retry" in fields else None,
        )
        for each in reading.events
    )


def late(reading: Reading, right: Sequence[Due], chunks: Sequence[bytes]) -> int | None:
    """Return the index of the first event that came after a chunk it did not need; None if there is none."""
    if not reading.after:
        return None
    given, chunk, size = 0, 0, sum(map(len, chunks))
    for index, (each, after) in enumerate(zip(right, reading.after, strict=False)):
        if each.end > size:  # nothing but the end of the stream completes it
            return None
        while given < each.end and chunk < len(chunks):
            given += len(chunks[chunk])
            chunk += 1
        if after > chunk:
            return index
    return None
