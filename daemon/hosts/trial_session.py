"""The last part of a trial: what is ours is put there, and what its sshd lets sessions do."""

import asyncio
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final

from chainwright.daemon.hosts.findings import HINTS, Finding, stop, warning
from chainwright.runners import porter
from chainwright.runners.ssh import tools
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.unreached import ChannelRefused

if TYPE_CHECKING:
    from chainwright.runners.ssh.wire import Channel

WITHIN_S: Final = 20.0
END_WITHIN_S: Final = 5.0
READ_BYTES: Final = 4096
MOST_CHANNELS: Final = 20
USUAL_SESSIONS: Final = 10
"""MaxSessions of an sshd that nobody has configured."""


class Rehearsal:
    """What every session needs, done once. Nothing given is closed here."""

    def __init__(self, connections: HostConnections, host_porter: HostPorter) -> None:
        self._connections = connections
        self._porter = host_porter

    async def tools(self) -> Finding:
        """Whether our files arrive, and run."""
        about = await self._porter.about()
        size = sum(len(content) for _, content in tools.files())
        facts = about.facts
        load = f", load {facts['load'][0]:.1f}" if facts.get("load") else ""
        return Finding(
            detail=f"{size >> 10} KiB below {about.root}/bin; {facts['os']}, {facts['processors']} processors{load}"
        )

    async def streams(self) -> Finding:
        """Whether the server forwards sockets, so that a stream takes none of its few sessions."""
        channel = await self._connections.open(await self._porter.command_line("probe", f"{WITHIN_S:.0f}"))
        try:
            async with asyncio.timeout(WITHIN_S):
                path = await _line_after_mark(channel)
            _, writer = await self._connections.socket(path)
            writer.close()
        except TimeoutError as silent:
            raise stop("what listens there to be connected to says nothing", HINTS["silent"]) from silent
        except (ChannelRefused, OSError) as refused:
            said = f"a channel each: its sshd forwards no sockets ({refused})"
            return warning(said, "AllowStreamLocalForwarding yes in its sshd_config, and no DisableForwarding there")
        finally:
            await self._let_end(channel)
        return Finding(detail="over forwarded sockets")

    async def _let_end(self, channel: "Channel") -> None:
        """So that the next look does not count it among the sessions that the server still has."""
        with suppress(TimeoutError):
            async with asyncio.timeout(END_WITHIN_S):
                channel.writer.write_eof()
                await channel.ended()
        channel.close()

    async def channels(self) -> Finding:
        """How many commands its sshd runs over one connection; more of them take more connections."""
        async with AsyncExitStack() as stack:
            for opened in range(1, MOST_CHANNELS + 1):
                channel = await self._connections.open("exec cat")
                stack.callback(channel.close)
                if len(self._connections) > 1:  # the porter has one of the first connection
                    return _sessions(opened)
        return Finding(detail=f"at least {MOST_CHANNELS} over one connection")


async def _line_after_mark(channel: "Channel") -> str:
    """What our program there says first, after whatever a shell printed. Raises OSError when it says nothing."""
    said = b""
    while b"\n" not in (told := said.partition(porter.MARK)[2]):
        piece = await channel.reader.read(READ_BYTES)
        if not piece:
            raise OSError("it ended without a word")
        said += piece
    return told.partition(b"\n")[0].decode()


def _sessions(opened: int) -> Finding:
    if opened < USUAL_SESSIONS:
        said = f"{opened} over one connection"
        return warning(said, f"raise MaxSessions in its sshd_config to {USUAL_SESSIONS} or more: each login costs time")
    return Finding(detail=f"{opened} over one connection; further ones take another")
