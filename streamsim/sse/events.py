"""What a conforming reader hands to its listeners.

Law: an Event is a value. It holds what the standard's ``MessageEvent`` holds and nothing of how it came.
"""

from __future__ import annotations

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False):
    """One dispatched event.

    Attributes:
        data: The data lines, joined by LF.
        type: The event's name; ``message`` where the stream gave none.
        id: The last event id at the time of dispatch, which an earlier event may have set.

    """

    data: str
    type: str = "message"
    id: str = ""
