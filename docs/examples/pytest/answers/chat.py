"""Ask once, and try again where that helps."""

from __future__ import annotations

import time

import openai

TRIES = 3
PATIENCE_S = 30.0
LIMIT_S = 120.0


def answer(client: openai.OpenAI, question: str) -> str:
    """Return the whole answer; begin anew when a stream breaks, after 1 s, then 2 s, unless two minutes are over.

    The SDK itself tries again before a stream has begun; a stream that breaks is left to us.
    """
    end = time.monotonic() + LIMIT_S
    for tried in range(TRIES):
        try:
            return _once(client, question, end)
        except openai.APIConnectionError:  # openai.APITimeoutError is one, too
            if tried + 1 == TRIES or time.monotonic() > end:
                raise
            time.sleep(2**tried)
    raise AssertionError


def _once(client: openai.OpenAI, question: str, end: float) -> str:
    text = ""
    finished = False
    messages = [{"role": "user", "content": question}]
    with client.chat.completions.create(model="any", messages=messages, stream=True, timeout=PATIENCE_S) as stream:
        for chunk in stream:
            for choice in getattr(chunk, "choices", None) or ():
                text += getattr(choice.delta, "content", None) or ""
                finished = finished or choice.finish_reason is not None
            if time.monotonic() > end:
                raise openai.APITimeoutError(stream.response.request)
        if not finished:
            raise openai.APIConnectionError(message="the stream has no end", request=stream.response.request)
    return text
