"""One visit of the official MCP client: it looks what there is, calls the tool, and leaves.

usage: tools_client.py URL MODE      (needs mcp)

MODE is `auto` for the protocol of the day, which knows no sessions, or `legacy` for the handshake that came before it.
"""
# ruff: noqa: INP001, D103, T201

import sys

import anyio
from mcp.client.client import Client


async def progress(done: float, total: float | None, message: str | None) -> None:
    print(f"{done:g} of {total or 0:g}: {message}")


async def main() -> None:
    async with Client(sys.argv[1], mode=sys.argv[2]) as client:
        print([tool.name for tool in (await client.list_tools()).tools])
        result = await client.call_tool("weigh", {"parcels": [0.4, 2.5, 11]}, progress_callback=progress)
        print(result.structured_content)


anyio.run(main)
