"""The content-length of a head, when a fault gives its body more or fewer bytes than it had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamsim.plan.faults.framing import sized
from streamsim.wire import End

if TYPE_CHECKING:
    from streamsim.plan.draft import Draft
    from streamsim.wire import Head


def fitted(before: Draft, after: Draft) -> Draft:
    """Return ``after``, which one fault made of ``before``, with the length that is now true.

    A complete body has it to the byte. One that is not complete lacks what it lacked, and what the fault took from it.
    """
    head = after.head_action
    grown = after.size - before.size
    if head is None or head.framing != "content-length" or not grown:
        return after
    if isinstance(after.end[-1].action, End):
        return after.with_head(lambda head: sized(head, after.size))
    return after.with_head(lambda head: _longer(head, grown)) if grown > 0 else after


def _longer(head: Head, grown: int) -> Head:
    for name, value in head.headers:
        if name.lower() == "content-length" and value.isdecimal():
            return sized(head, int(value) + grown)
    return head
