"""Recordings from what other tools recorded: one file a format.

The law: bytes stay those of the file. What a format does not tell, boundaries and times above all, is not made up; the
header names what is lacking, and pacing can supply it.
"""

from streamsim.recording.importers.building import Imported
from streamsim.recording.importers.reading import FORMATS, import_recording

__all__ = ["FORMATS", "Imported", "import_recording"]
