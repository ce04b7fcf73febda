"""Recording real sessions: a request of our own, or a proxy in front of a provider."""

from streamsim.shells.recorder.fetch import fetch
from streamsim.shells.recorder.kept import Kept
from streamsim.shells.recorder.proxy import Proxy
from streamsim.shells.recorder.relay import Relay
from streamsim.shells.recorder.session import Session
from streamsim.shells.recorder.upstream import Upstream

__all__ = ["Kept", "Proxy", "Relay", "Session", "Upstream", "fetch"]
