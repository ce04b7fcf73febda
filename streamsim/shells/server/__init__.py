"""The fake provider on real sockets."""

from streamsim.shells.server.listener import Server
from streamsim.shells.server.session import Forward

__all__ = ["Forward", "Server"]
