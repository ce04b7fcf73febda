"""YAML of any origin, without running what it asks for: a tag that would build an object gives its plain content.

Cassettes hold such tags where a tool dumped its own classes (a multidict of headers, say). Ruby's ``!binary`` is YAML's
``!!binary`` by another name.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from streamsim.errors import RecordingError, UsageError

if TYPE_CHECKING:
    import yaml

INSTALL = "pip install 'streamsim[import]'"


def load_yaml(data: bytes, source: str) -> object:
    """Return the plain content of a YAML document.

    Raises:
        RecordingError: It is none.
        UsageError: There is no YAML library.

    """
    try:
        import yaml  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(source, "to read YAML takes PyYAML", INSTALL) from error
    loader = _loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    try:
        return yaml.load(data, Loader=loader)  # noqa: S506 - a safe loader's child
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        problem = f"it is no YAML that can be read ({' '.join(str(error).split())[:200]})"
        raise RecordingError(source, problem, "check the file, or say --format") from error


def _loader(safe: Any) -> Any:
    class Loader(safe):  # type: ignore[misc]  # a class that is chosen at run time
        """Reads unknown tags as if they were not there."""

    Loader.add_multi_constructor("", _plain)
    Loader.add_constructor("!binary", _binary)
    return Loader


def _binary(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> bytes:
    return b64decode(loader.construct_scalar(node))


def _plain(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> object:
    """Return what stands under a tag; a call with one argument is that argument."""
    import yaml  # noqa: PLC0415 - an extra

    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        content = loader.construct_sequence(node, deep=True)
        return content[0] if len(content) == 1 else content
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - there is no other kind
    return loader.construct_scalar(node)
