"""Connections of our own to a host, for looking at it: its key, and a trial. Loads what SSH needs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from chainwright.daemon.core.hosts import KnownHost
from chainwright.runners.ssh.connections import HostConnections


@asynccontextmanager
async def connections_of(way: Sequence[KnownHost], home: Path) -> AsyncIterator[HostConnections]:
    """Connections to the first host of ``way`` through the others, of which the last is reached directly; all are closed at the end."""
    async with AsyncExitStack() as stack:
        found: HostConnections | None = None
        for known in reversed(way):
            found = HostConnections(known.name, known.settings, home=home, jump=found)
            stack.push_async_callback(found.close)
        assert found is not None, "a way has at least its host"
        yield found


async def shown_host_key(way: Sequence[KnownHost], home: Path) -> str:
    """The key that the first host of ``way`` shows now; nothing is offered to it. Raises Unreached."""
    async with connections_of(way, home) as connections:
        return await connections.shown_host_key()
