"""A file of another tool: its bytes, and the JSON or YAML that stands in them."""

from __future__ import annotations

from functools import cached_property
from typing import cast

import msgspec

from streamsim.errors import RecordingError
from streamsim.recording.importers.yaml_safely import load_yaml


class File:
    """Read once, and asked by several formats whether it is theirs.

    Attributes:
        data: The bytes.
        source: The name, for messages.

    """

    def __init__(self, data: bytes, source: str) -> None:
        self.data = data
        self.source = source

    @cached_property
    def document(self) -> object:
        """What the JSON or YAML says.

        Raises:
            RecordingError: It is neither.
            UsageError: It is no JSON, and there is no YAML library.

        """
        text = self.data.removeprefix(b"\xef\xbb\xbf")
        if text.lstrip()[:1] not in (b"{", b"["):
            return load_yaml(text, self.source)
        try:
            return cast("object", msgspec.json.decode(text))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            problem = f"it is no JSON that can be read ({str(error) or 'nested too deeply'})"
            raise RecordingError(self.source, problem, "check the file, or say --format") from error
