"""What a server does on the wire, as plain data: actions, and the finite timeline they form."""

from streamsim.wire.actions import Action, End, Fin, Framing, Hang, Head, Headers, Ignore, Raw, Refuse, Reset, Send
from streamsim.wire.steps import Step, Timeline
from streamsim.wire.timeline import check, digest

__all__ = [
    "Action",
    "End",
    "Fin",
    "Framing",
    "Hang",
    "Head",
    "Headers",
    "Ignore",
    "Raw",
    "Refuse",
    "Reset",
    "Send",
    "Step",
    "Timeline",
    "check",
    "digest",
]
