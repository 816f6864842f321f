"""Session folders of a host, as a :class:`~chainwright.runners.session_runner.Place`.

Files are asked of the porter, over its one channel, however many sessions there are. A session is launched by a command of its own,
whose standard input is the only place where its secrets ever are. Its control socket is forwarded by the server; where the
server does not do that, a command relays it, ten of them to a connection.
"""

import asyncio
import json
from asyncio import Semaphore
from collections.abc import Iterator
from random import Random
from typing import Any, Final

from chainwright.runners.client import Streams
from chainwright.runners.fork_server import answered, request
from chainwright.runners.port import HostUnreachable, RunnerError
from chainwright.runners.porter_channels import SOCKET_PATH_MAX
from chainwright.runners.session_files import Found
from chainwright.runners.session_runner import Foreign, Started
from chainwright.runners.ssh.backoff import Backoff
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import About, AfterMark, HostPorter
from chainwright.runners.ssh.unreached import ChannelRefused, PorterRefused
from chainwright.schemas.session import SPEC_JSON, SessionSpec

STARTING: Final = 8
"""Commands that may be starting at a time: more only take the host's processors from each other."""
LAUNCH_WITHIN_S: Final = 60.0
RELAY_WITHIN_S: Final = 20.0
PROBE_S: Final = 10.0


class HostFolders:
    """The folder ``s`` of this daemon below the host's root."""

    patience_s = 60.0

    def __init__(self, connections: HostConnections, porter: HostPorter, *, chance: Random) -> None:
        self._connections = connections
        self._porter = porter
        self._chance = chance
        self._starting = Semaphore(STARTING)
        self._probing = asyncio.Lock()
        self._warm: tuple[About, str | None] | None = None

    def leave(self) -> None:
        """Nobody tries to reach it again from now on."""
        self.patience_s = 0.0

    def pauses(self) -> Iterator[float]:
        """Longer and longer, and each of another length: a hundred sessions lose their connection together."""
        backoff = Backoff(self._chance, first_s=0.05, longest_s=5.0)
        while True:
            yield backoff.next_s()

    async def ready(self) -> None:
        """Have a porter there. Raises :class:`NoInterpreter` on a host without Python."""
        await self._porter.about()

    # starting

    async def start(self, spec: SessionSpec, opening: bytes) -> Started:
        """By a warm process of the porter's, else by a command. When the link is lost before the answer, nobody knows, and the next
        start finds what there is."""
        async with self._starting:
            if (started := await self._started_warm(spec, opening)) is not None:
                return started
            self._warm = None  # whatever was wrong with it, the next start asks anew
            return await self._started_by_command(spec)

    async def _started_warm(self, spec: SessionSpec, opening: bytes) -> Started | None:
        """None where that is not to be had: no forwarded sockets, or a process that just died."""
        if self._connections.forwards is False or (path := await self._warm_socket()) is None:
            return None
        try:
            reader, writer = await self._connections.socket(path)
        except ChannelRefused:
            return None
        self._connections.forwards = True
        after = AfterMark(reader)
        asked = request(await self.folder(spec.id), SPEC_JSON.dump_json(spec), opening)
        try:
            async with asyncio.timeout(LAUNCH_WITHIN_S):
                return await answered((after, writer), after.line, asked)
        except OSError as problem:
            raise HostUnreachable(f'host "{self._connections.name}" did not answer to a start: {problem}') from problem

    async def _warm_socket(self) -> str | None:
        """Asked for once as long as the host is as it was; a process that has died is found out by connecting."""
        about = await self._porter.about()
        if self._warm is None or self._warm[0] is not about:
            self._warm = (about, await self._call("fork_server"))
        return self._warm[1]

    async def _started_by_command(self, spec: SessionSpec) -> Started:
        command = await self._porter.command_line("start", await self.folder(spec.id))
        ran = await self._connections.command(command, stdin=SPEC_JSON.dump_json(spec), within_s=LAUNCH_WITHIN_S)
        answer = _last_answer(ran.out)
        if answer is None:
            raise HostUnreachable(f'host "{self._connections.name}" did not start {spec.id}: {ran.err or "no answer"}')
        return Started(answer=answer)

    async def folder(self, session_id: str) -> str:
        """The absolute path of a session's folder on the host."""
        return f"{await self._root()}/{session_id}"

    async def _root(self) -> str:
        return f"{(await self._porter.about()).home}/s"

    # connecting

    async def streams(self, session_id: str) -> Streams | None:
        """Forwarded by the server, or relayed."""
        if self._connections.forwards is not False:
            path = await self._socket_path(session_id)
            try:
                streams = await self._connections.socket(path)
            except ChannelRefused:
                if await self._is_forwarding():
                    return None  # it does; nobody listens
            else:
                self._connections.forwards = True
                return streams
        return await self._relayed(session_id)

    async def _socket_path(self, session_id: str) -> str:
        path = f"{await self.folder(session_id)}/ctl.sock"
        if len(path.encode()) <= SOCKET_PATH_MAX:
            return path
        return str(await self._call("short_socket", session_id=session_id))

    async def _is_forwarding(self) -> bool:
        """Found out with a socket that certainly listens: servers give the same answer to both. Kept as long as there is a connection."""
        async with self._probing:
            if self._connections.forwards is None:
                self._connections.forwards = await self._probed()
            return self._connections.forwards

    async def _probed(self) -> bool:
        channel = await self._connections.open(await self._porter.command_line("probe", str(PROBE_S)))
        after = AfterMark(channel.reader)
        try:
            async with asyncio.timeout(RELAY_WITHIN_S):
                await after.skip()
                path = await after.line()
            (await self._connections.socket(path.decode().strip()))[1].close()
        except ChannelRefused:
            return False
        except (TimeoutError, OSError) as problem:
            raise HostUnreachable(f'host "{self._connections.name}": {problem}') from problem
        finally:
            channel.close()
        return True

    async def _relayed(self, session_id: str) -> Streams | None:
        command = await self._porter.command_line("relay", await self.folder(session_id))
        async with self._starting:
            channel = await self._connections.open(command)
            after = AfterMark(channel.reader)
            try:
                async with asyncio.timeout(RELAY_WITHIN_S):
                    await after.skip()
            except TimeoutError as problem:
                channel.close()
                raise HostUnreachable(f'host "{self._connections.name}": no relay to {session_id}') from problem
            except OSError:  # nobody listens, or the connection was lost: its files say which
                channel.close()
                return None
            except BaseException:
                channel.close()
                raise
            return after, channel.writer

    # files

    async def look(self, session_ids: list[str]) -> list[Found]:
        """One frame for all of them."""
        found: list[Found] = await self._call("look", ids=session_ids)
        return found

    async def ids(self) -> list[str]:
        """Of every session folder of this daemon."""
        return list(await self._call("ids"))

    async def unacknowledged(self) -> list[str]:
        """Of every one without ``ack``."""
        return list(await self._call("unacknowledged"))

    async def foreign(self) -> list[Foreign]:
        """Below the same root."""
        return [(daemon, session_id, found) for daemon, session_id, found in await self._call("foreign")]

    async def read(self, session_id: str, file: str, offset: int, limit: int) -> bytes:
        """A frame's worth at most."""
        return bytes(await self._call("read", session_id=session_id, file=file, offset=offset, limit=limit))

    async def acknowledge(self, session_id: str) -> None:
        """Beside the records."""
        await self._call("acknowledge", session_id=session_id)

    async def end_remains(self, session_id: str) -> None:
        """At once."""
        await self._call("end_remains", session_id=session_id)

    async def remove(self, session_id: str) -> bool:
        """With everything in it."""
        return bool(await self._call("remove", session_id=session_id))

    async def _call(self, operation: str, **arguments: Any) -> Any:
        try:
            return await self._porter.call(operation, root=await self._root(), **arguments)
        except PorterRefused as refused:
            raise RunnerError(f'host "{self._connections.name}": {refused.detail}') from refused


def _last_answer(out: bytes) -> dict[str, Any] | None:
    """The line of ``start``; a shell may have printed others before."""
    for line in reversed(out.splitlines()):
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        if isinstance(answer, dict) and "ok" in answer:
            return answer
    return None
