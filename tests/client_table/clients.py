"""The clients of the table: which package, which of its ways to ask, and which provider's form it reads."""

from __future__ import annotations

from typing import Literal

import msgspec

from tests.client_table.streams import Form


class Client(msgspec.Struct, frozen=True):
    """A column of the table.

    Attributes:
        name: What ``--client`` takes, and what the drivers know it by.
        package: What is installed; ``module``: what its own exceptions are called after.
        title: The head of the column; ``way``: how it is asked.
        form: Which stream it reads.
        spec: What npm is told to install; by default the package at its current version.

    """

    name: str
    language: Literal["python", "node"]
    package: str
    module: str
    title: str
    way: str
    form: Form
    spec: str = ""


CLIENTS = (
    Client("openai", "python", "openai", "openai", "openai", "`chat.completions.create(stream=True)`", "openai"),
    Client(
        "openai-helper", "python", "openai", "openai", "openai (helper)",
        "`chat.completions.stream()` and its final completion", "openai",
    ),
    Client("anthropic", "python", "anthropic", "anthropic", "anthropic", "`messages.create(stream=True)`", "anthropic"),
    Client(
        "anthropic-helper", "python", "anthropic", "anthropic", "anthropic (helper)",
        "`messages.stream()` and its final message", "anthropic",
    ),
    Client("genai", "python", "google-genai", "google", "google-genai", "`generate_content_stream()`", "gemini"),
    Client("mistral", "python", "mistralai", "mistralai", "mistralai", "`chat.stream()`", "mistral"),
    Client("httpx-sse", "python", "httpx-sse", "httpx_sse", "httpx-sse", "`connect_sse()`, to the end", "openai"),
    Client("node-openai", "node", "openai", "", "openai (Node)", "`chat.completions.create({stream: true})`", "openai"),
    Client(
        "node-openai-6", "node", "openai", "", "openai (Node, v6)",
        "`chat.completions.create({stream: true})`", "openai", "openai-6@npm:openai@6",
    ),
    Client(
        "node-anthropic", "node", "@anthropic-ai/sdk", "", "@anthropic-ai/sdk (Node)",
        "`messages.create({stream: true})`", "anthropic",
    ),
    Client(
        "node-anthropic-helper", "node", "@anthropic-ai/sdk", "", "@anthropic-ai/sdk (Node, helper)",
        "`messages.stream()` and its final message", "anthropic",
    ),
)  # fmt: skip
