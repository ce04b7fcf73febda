"""YAML of any origin: its content, and no deed."""

from __future__ import annotations

import sys

import pytest

from streamsim.errors import RecordingError, UsageError
from streamsim.recording.importers.yaml_safely import load_yaml


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("!!python/object/apply:os.system ['touch x']", "touch x"),
        ("!!python/object/new:a.B {args: [1, 2]}", {"args": [1, 2]}),
        ("!!python/tuple [1, 2]", [1, 2]),
        ("a: !ruby/object:Foo {b: !ruby/sym c}", {"a": {"b": "c"}}),
        ("!binary |\n  aGk=", b"hi"),
        ("!!binary aGk=", b"hi"),
        ("!<tag:example.test,2026:x> hi", "hi"),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    ],
)
def test_a_tag_is_read_as_what_it_stands_before(text: str, content: object) -> None:
    """No class is looked up and nothing is called."""
    assert load_yaml(text.encode(), "file") == content


@pytest.mark.parametrize("text", [b"a: [1", b"\x00", b"!binary x", b"a: !!x &b [*b]", b"2026-99-99", b"{[1]: 2}"])
def test_what_is_no_yaml_is_one_line(text: bytes) -> None:
    """The reader's complaint is told, with where it is."""
    with pytest.raises(RecordingError) as caught:
        load_yaml(text, "file")
    assert str(caught.value).startswith("file: it is no YAML that can be read (")
    assert "\n" not in str(caught.value)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML is an extra."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError) as caught:
        load_yaml(b"a: 1", "file")
    assert str(caught.value) == "file: to read YAML takes PyYAML; pip install 'streamsim[import]'"
