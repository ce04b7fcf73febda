"""How parsers of every form are fed: each makes a `Target`."""

from __future__ import annotations

from streamsim.conformance.forms.adapting import Form, adapt

__all__ = ["Form", "adapt"]
