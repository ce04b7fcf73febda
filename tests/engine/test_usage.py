from __future__ import annotations

import pytest

from streamsim.engine.usage import output_tokens
from streamsim.sse import Event


@pytest.mark.parametrize(
    ("data", "tokens"),
    [
        ('{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7}}', 7),
        ('{"type":"message_delta","delta":{},"usage":{"output_tokens":8}}', 8),
        ('{"type":"response.completed","response":{"usage":{"input_tokens":1,"output_tokens":9}}}', 9),
        ('{"candidates":[],"usageMetadata":{"promptTokenCount":4,"candidatesTokenCount":10}}', 10),
        ('{"usageMetadata":{"promptTokenCount":4}}', None),
        ('{"type":"message_start","message":{"usage":{"output_tokens":1}}}', None),
        ('{"choices":[{"delta":{"content":"\\"usage\\""}}],"usage":null}', None),
        ('{"response":{"usage":null}}', None),
        ('{"usage":{"completion_tokens":"many"}}', None),
        ('{"usage":', None),
        ("[DONE]", None),
    ],
)
def test_output_tokens(data: str, tokens: int | None) -> None:
    """Each provider's count of output tokens is found where it writes it, and nowhere else."""
    assert output_tokens(Event(data)) == tokens
