"""A person's terminal on a session, on a channel of SSH with a terminal of its own (PTY channel).

The other way to a session, beside the daemon's streams: it needs no forwarded socket, only a command, and whatever is at this end is
what ``ssh -t`` would show. It has no offsets and no sequence numbers while it lasts, so a lost link ends it; who attaches again says from
where. The daemon's own viewers use :meth:`~chainwright.runners.port.Runner.attach`, which has both, and is fenced.
"""

import asyncio
import json
from typing import TYPE_CHECKING, Final

from chainwright.runners.port import HostUnreachable
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import AfterMark, HostPorter
from chainwright.runners.ssh.wishes import TerminalWish

if TYPE_CHECKING:
    from chainwright.runners.ssh.wire import Channel

BEGIN_WITHIN_S: Final = 20.0


class PersonTerminal:
    """What ``attach`` of the session host shows and takes, byte for byte. Owned by whoever opened it, who closes it."""

    def __init__(self, channel: "Channel", shown: AfterMark) -> None:
        self._channel = channel
        self._shown = shown

    async def read(self, n: int = 1 << 16) -> bytes:
        """The next output; nothing at the session's end. Raises :class:`HostUnreachable` when the link is lost."""
        try:
            return await self._shown.read(n)
        except OSError as problem:
            raise HostUnreachable(f"the terminal's channel was lost: {problem}") from problem

    async def type(self, data: bytes) -> None:
        """Keys, as a person's terminal in raw mode gives them. Raises :class:`HostUnreachable`."""
        try:
            self._channel.writer.write(data)
            await self._channel.writer.drain()
        except OSError as problem:
            raise HostUnreachable(f"the terminal's channel was lost: {problem}") from problem

    def resize(self, rows: int, cols: int) -> None:
        """The person's window has another size; the session's terminal gets it."""
        self._channel.resize(rows, cols)

    def close(self) -> None:
        """Leave; the agent goes on."""
        self._channel.close()


async def opened(
    connections: HostConnections,
    porter: HostPorter,
    folder: str,
    *,
    offset: int,
    wish: dict[str, str | int],
    terminal: TerminalWish,
) -> PersonTerminal:
    """A terminal on the session in ``folder``. ``wish`` is ``{token, epoch, role}``, and is said only when nothing echoes any more.

    Raises :class:`HostUnreachable`.
    """
    command = await porter.command_line("attach", folder, str(offset))
    channel = await connections.open(command, terminal=terminal)
    shown = AfterMark(channel.reader)
    try:
        async with asyncio.timeout(BEGIN_WITHIN_S):
            await shown.skip()
            channel.writer.write(json.dumps(wish).encode() + b"\n")
            await channel.writer.drain()
    except OSError as problem:
        channel.close()
        raise HostUnreachable(f'host "{connections.name}": no terminal: {problem}') from problem
    except BaseException:
        channel.close()
        raise
    return PersonTerminal(channel, shown)
