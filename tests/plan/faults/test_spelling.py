from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamsim.errors import UsageError
from streamsim.plan.faults import CATALOGUE, Fault, parse_fault, spell_fault
from streamsim.plan.faults.bad_chunk_header import BadChunkHeader
from streamsim.plan.faults.buffer_all import BufferAll
from streamsim.plan.faults.catalogue import GROUPS
from streamsim.plan.faults.gap import Gap
from streamsim.plan.faults.reset_peer import ResetPeer
from streamsim.plan.faults.spelling import make_fault
from streamsim.plan.faults.stall_masked_by_keepalive import StallMaskedByKeepalive


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reset_peer", ResetPeer()),
        (" reset_peer: at_event = 5 , attempt=1-2 ", ResetPeer(at_event=5, attempt="1-2")),
        ("gap:for=2s,probability=1/20", Gap(for_="2s", probability="1/20")),
        ("buffer_all:keep=true", BufferAll(keep=True)),
        ("buffer_all:keep=false", BufferAll()),
        ("stall_masked_by_keepalive:text=event: ping\\ndata: {}", StallMaskedByKeepalive(text="event: ping\ndata: {}")),
        ("stall_masked_by_keepalive:text=: a\\, b,every=1s", StallMaskedByKeepalive(text=": a, b", every="1s")),
        ("bad_chunk_header:text=f(a,b),at_event=1", BadChunkHeader(text="f(a,b)", at_event=1)),
        ("bad_chunk_header:text=a)", BadChunkHeader(text="a)")),
        ("bad_chunk_header:text=\\x20\\x2c\\t\\r\\\\", BadChunkHeader(text=" ,\t\r\\")),
    ],
)
def test_a_spelling_gives_the_fault(text: str, fault: object) -> None:
    """Names, values, blanks around them, parentheses and escapes are read as documented."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("reset_per", "fault: there is no fault 'reset_per'; did you mean reset_peer"),
        ("zzz", "fault: there is no fault 'zzz'; 'streamsim faults' lists them"),
        ("gap:for", "fault: 'for' in 'gap:for' has no value; write NAME:key=value,key=value"),
        ("gap:for=1s,for=2s", "fault: 'for' stands twice in 'gap:for=1s,for=2s'; give each parameter once"),
        (
            "gap:how=fin",
            "fault: gap has no parameter 'how'; it has attempt, probability, at_event, at_byte, at_chunk, at, for",
        ),
        ("gap:at=end", "fault: gap: Invalid enum value 'end' - at `$.at`; 'streamsim faults gap' tells what it takes"),
        ("gap:for=soon", "gap: for: 'soon' is not a duration; write a number and a unit: 250us, 30ms, 1.5s or 2m"),
        ("gap:for=0", "gap: for: '0' is no time at all; write for=30s"),
        ("stall:for=0s", "stall: for: a hold of no time; write for=30s, or for=ever"),
        ("reset_peer:attempt=0", "reset_peer: attempt='0' names no attempts; write attempt=1 or attempt=1-2"),
        ("reset_peer:attempt=3-2", "reset_peer: attempt='3-2' names no attempts; write attempt=1 or attempt=1-2"),
        ("reset_peer:attempt=1-", "reset_peer: attempt='1-' names no attempts; write attempt=1 or attempt=1-2"),
        ("reset_peer:probability=3/2", "reset_peer: probability=3/2 is above 1; write a ratio such as 1/20"),
        (
            "reset_peer:probability=often",
            "reset_peer: probability: 'often' is not a plain number; write it like 2, 0.5 or 1/20",
        ),
        (
            f"reset_peer:probability=1/{1 << 65}",
            f"reset_peer: probability=1/{1 << 65} is too fine; write a ratio such as 1/20",
        ),
        ("gap:at_event=1,at_byte=2", "gap: more than one place; give one of at_event, at_byte, at_chunk, at"),
        ("gap:at_event=1,at=headers", "gap: more than one place; give one of at_event, at_byte, at_chunk, at"),
        ("gap:at_chunk=-1", "gap: a place below zero; places count from 0"),
        ("reset_peer:after=x", "reset_peer: after: 'x' is not a duration; write a number and a unit: 250us, 30ms"),
        ("empty_reply:after=x", "empty_reply: after: 'x' is not a duration; write a number and a unit: 250us, 30ms"),
        ("reset_after_terminal:after=x", "reset_after_terminal: after: 'x' is not a duration; write a number and a un"),
        ("comments_only:every=1m", "comments_only: every=1m is not shorter than for=1m; write a shorter every"),
        ("comments_only:every=1us", "comments_only: every=1us for=1m is more than 100000 times; write a longer every"),
        ("comments_only:text=ping", "comments_only: text: 'ping' is no comment; begin each line with a colon"),
        ("comments_only:text=: a\\nb", "comments_only: text: ': a\\nb' is no comment; begin each line with a colon"),
        (
            "bad_chunk_header:text=1F;x",
            "bad_chunk_header: text: '1F;x' is a chunk size; write what is none, such as ZZ",
        ),
        ("burst:count=0", "burst: count: 0 events make no burst; write count=2 or more"),
        ("bandwidth:rate=fast", "bandwidth: rate: 'fast' is not a rate; write 10kB/s, 1MB/s or 56kbit/s"),
        ("bandwidth:rate=0kB/s", "bandwidth: rate: '0kB/s' is not a rate; write 10kB/s, 1MB/s or 56kbit/s"),
        ("trickle:bytes=0", "trickle: bytes: 0 at a time never end; write bytes=1 or more"),
        ("trickle:every=0", "trickle: every: '0' is no time at all; write every=30s"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, message: str) -> None:
    """Every message names the fault, says what is wrong and what to do."""
    with pytest.raises(UsageError, match=f"^{re.escape(message)}"):
        parse_fault(text)


def test_values_of_a_profile_are_taken_as_they_are() -> None:
    """Numbers and booleans need no strings, and the place of an error is the caller's."""
    assert make_fault("gap", {"at_event": 3, "for": "1s"}, where="x.toml") == Gap(at_event=3, for_="1s")
    with pytest.raises(UsageError, match=r"^x\.toml: there is no fault 'gab'; did you mean gap\?$"):
        make_fault("gab", {}, where="x.toml")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (ResetPeer(), "reset_peer"),
        (Gap(at_event=5, for_="2s"), "gap:at_event=5,for=2s"),
        (BufferAll(keep=True), "buffer_all:keep=true"),
        (BadChunkHeader(text=" a,b\n"), "bad_chunk_header:text=\\x20a\\,b\\n"),
        (BadChunkHeader(text="f(1,2)"), "bad_chunk_header:text=f(1,2)"),
        (BadChunkHeader(text="\x00\\ "), "bad_chunk_header:text=\\x00\\\\\\x20"),
    ],
)
def test_faults_are_spelt_as_briefly_as_can_be(fault: Gap | ResetPeer | BufferAll | BadChunkHeader, text: str) -> None:
    """Only what is not as by default is written, and only what must be is escaped."""
    assert spell_fault(fault) == text


@given(st.text(max_size=12).filter(lambda text: not re.match(r"[0-9A-Fa-f]", text)), st.sampled_from(["", "1-3"]))
def test_any_text_survives_its_spelling(text: str, attempt: str) -> None:
    """Whatever a value has in it, its fault is parsed back from its spelling."""
    fault = BadChunkHeader(text=text, attempt=attempt)
    assert parse_fault(spell_fault(fault)) == fault


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_fault_is_spelt_by_its_name(name: str) -> None:
    """Without parameters a fault is its name, which is also that of its module."""
    fault = parse_fault(name)
    assert spell_fault(fault) == name == fault.name() == type(fault).__module__.rpartition(".")[2]


@pytest.mark.parametrize("kind", [CATALOGUE[name] for name in (*GROUPS["Connection"], *GROUPS["Time"])])
def test_every_fault_says_what_it_is(kind: type[Fault]) -> None:
    """The catalogue can tell what the reader sees, which rows it covers, and where it happened."""
    assert kind.__doc__
    assert kind.sees
    assert kind.rows
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", one) for one in kind.incidents)
