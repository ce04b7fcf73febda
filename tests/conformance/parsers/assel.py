"""assel is a parser that is fed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

PACKAGE = "assel"
HOW = "push"


def parse() -> Any:
    parser_class: Any = import_module("assel").Parser

    return parser_class()
