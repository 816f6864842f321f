"""The last part of a trial: what is ours is put there, and a session lives once from its start to its end."""

import asyncio
import secrets
import time
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Final

from chainwright.daemon.hosts.findings import HINTS, Finding, stop, warning
from chainwright.runners.port import CannotStart, Exited, Lost, NoTerminal, Runner, RunnerError
from chainwright.runners.ssh import tools
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import AfterMark, HostPorter
from chainwright.runners.ssh.unreached import ChannelRefused
from chainwright.schemas.session import SessionLimits, SessionSpec

if TYPE_CHECKING:
    from chainwright.runners.ssh.wire import Channel

WITHIN_S: Final = 20.0
END_WITHIN_S: Final = 5.0
READ_BYTES: Final = 4096
MOST_CHANNELS: Final = 20
USUAL_SESSIONS: Final = 10
"""MaxSessions of an sshd that nobody has configured."""
HELLO: Final = "hello from chainwright"
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


class Rehearsal:
    """What every session needs, done once. Nothing given is closed here."""

    def __init__(self, connections: HostConnections, host_porter: HostPorter, runner: Runner) -> None:
        self._connections = connections
        self._runner = runner
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

    async def session(self) -> Finding:
        """Whether a session starts, says something and ends as it should."""
        session_id = f"trial{secrets.token_hex(6)}-hello-1-1"
        token = secrets.token_hex(16)
        spec = SessionSpec(
            id=session_id,
            token=token,
            epoch=0,
            interpreters=(("/bin/sh",),),
            script=f"echo {HELLO}\n",
            env={"PATH": _PATH},
            limits=SessionLimits(timeout_s=WITHIN_S),
        )
        began = time.monotonic()
        try:
            async with asyncio.timeout(2 * WITHIN_S):
                await self._runner.start(spec)
                started_s = time.monotonic() - began
                end = await self._end(session_id, token)
                ended_s = time.monotonic() - began
                out = (await self._runner.read(session_id, "out.log")).decode(errors="replace").strip()
        except (CannotStart, NoTerminal, TimeoutError) as problem:
            raise stop(
                f"it does not run: {str(problem) or 'no end in time'}", "what it says is all that is known"
            ) from problem
        finally:
            await self._tidy(session_id, token)
        if not isinstance(end, Exited) or end.exit.code != 0 or out != HELLO:
            raise stop(f'it ended otherwise than it should: {end}, and wrote "{out[:200]}"', "please report this")
        return Finding(detail=f"started after {started_s * 1000:.0f} ms, ended after {ended_s * 1000:.0f} ms")

    async def _end(self, session_id: str, token: str) -> Exited | Lost | None:
        async for told in self._runner.follow(session_id, token=token, epoch=0, events_from=0):
            if isinstance(told, Exited | Lost):
                return told
        return None

    async def _tidy(self, session_id: str, token: str) -> None:
        with suppress(RunnerError, TimeoutError):
            async with asyncio.timeout(WITHIN_S):
                await self._runner.forget(session_id, token=token, epoch=0)
                await self._runner.remove(session_id)


async def _line_after_mark(channel: "Channel") -> str:
    """What our program there says first, after whatever a shell printed. Raises OSError when it says nothing."""
    after = AfterMark(channel.reader)
    await after.skip()
    line = b""
    while not line.endswith(b"\n"):
        line += await after.read(READ_BYTES) or b"\n"
    return line.decode().strip()


def _sessions(opened: int) -> Finding:
    if opened < USUAL_SESSIONS:
        said = f"{opened} over one connection"
        return warning(said, f"raise MaxSessions in its sshd_config to {USUAL_SESSIONS} or more: each login costs time")
    return Finding(detail=f"{opened} over one connection; further ones take another")
