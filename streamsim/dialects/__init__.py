"""What providers say inside SSE events: which events carry content, and which one is the last.

One file a dialect, each a :class:`Dialect`; ``generic`` takes what no other knows.
"""

from streamsim.dialects.protocol import Dialect
from streamsim.dialects.reading import Landed, Reading, StreamReader, is_event_stream, read

__all__ = ["Dialect", "Landed", "Reading", "StreamReader", "is_event_stream", "read"]
