"""Recordings for other tools: one file a format.

The law: the bytes of bodies are kept, and what the format has no place for is named, never dropped in silence.
"""

from streamsim.recording.exporters.writing import FORMATS, Exported, export_recording

__all__ = ["FORMATS", "Exported", "export_recording"]
