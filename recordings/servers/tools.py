"""An MCP server with one slow tool, over streamable HTTP.

usage: tools.py PORT      (needs mcp and uvicorn)
"""
# ruff: noqa: INP001

import sys

import anyio
import uvicorn
from mcp.server.mcpserver import Context, MCPServer

server = MCPServer("weighbridge", version="1.0")


@server.tool()
async def weigh(parcels: list[float], context: Context) -> float:
    """Weigh parcels, in kilograms, one after the other."""
    total = 0.0
    for number, kilograms in enumerate(parcels, start=1):
        await anyio.sleep(0.15)
        total += kilograms
        await context.report_progress(number, len(parcels), f"parcel {number}: {kilograms} kg")
    return total


uvicorn.run(server.streamable_http_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
