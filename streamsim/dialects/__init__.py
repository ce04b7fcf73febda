"""What providers say inside the events of a stream, and how they write it.

One file a dialect in ``known/``, each a :class:`Dialect`; ``generic`` takes what no other knows.
"""

from streamsim.dialects.protocol import Clues, Dialect
from streamsim.dialects.reading import Landed, Reading, StreamReader, is_event_stream, read, streams

__all__ = ["Clues", "Dialect", "Landed", "Reading", "StreamReader", "is_event_stream", "read", "streams"]
