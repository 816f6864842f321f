"""Sessions that are bound to the connection: for hosts without Python, where the operator has allowed it (``durable: preferred``).

The agent runs on a plain terminal channel. Its session host is on this machine, in a folder like any session's, and runs a *near end*
(``near_end``) in the agent's place, between which and the channel this module carries bytes. The host needs nothing but ``sh``: it is told
what to do on the terminal itself, before anything echoes, so that secrets are in no argument list and no file. Event files and outputs are
fetched while the agent runs and at its end. The loss of the link, or of the daemon, is the loss of the session: nobody knows then how the agent
ended, which is what ``durable: false`` in its record says.
"""

import asyncio
import os
import shlex
import signal
import struct
import sys
from asyncio import StreamReader, StreamWriter, Task
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chainwright.runners import near_end, session_folder, session_host
from chainwright.runners.fork_server import ForkServer
from chainwright.runners.local import LocalFolders
from chainwright.runners.port import CannotStart, HostUnreachable, RunnerError
from chainwright.runners.porter_channels import MARK
from chainwright.runners.session_files import Found
from chainwright.runners.session_runner import Started
from chainwright.runners.ssh import tools
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import AfterMark
from chainwright.runners.ssh.wishes import TerminalWish
from chainwright.schemas.session import SessionSpec

if TYPE_CHECKING:
    from chainwright.runners.ssh.wire import Channel

BEGIN_WITHIN_S: Final = 30.0
COMMAND_WITHIN_S: Final = 60.0
FETCH_EVERY_S: Final = 2.0
READ_BYTES: Final = 1 << 16
_MARK_ESCAPED: Final = shlex.quote(MARK.decode().replace("\n", "\\n"))

_SIGNAL: Final = """\
cd %s && read -r pid born <pid && [ "$born" = "$(sed 's/.*) //' /proc/"$pid"/stat | cut -d ' ' -f 20)" ] && kill -s %d -- -"$pid"
"""
"""By hand: sshd delivers none to its own user's commands when that is root. The number may be somebody else's by now: then not at all."""

_FETCH: Final = """\
cd %s 2>/dev/null || exit 0
for f in events/new/* events/*.json; do
  if [ -f "$f" ] && [ ! -L "$f" ] && mv "$f" events/taken/ 2>/dev/null; then
    n=${f##*/}; printf 'event %%s %%s\\n' "$(wc -c <events/taken/"$n" | tr -d ' ')" "$n"; cat events/taken/"$n"
  fi
done
[ %d = 0 ] || for n in output env summary usage.json; do
  [ ! -f files/"$n" ] || [ -L files/"$n" ] || { printf 'file %%s %%s\\n' "$(wc -c <files/"$n" | tr -d ' ')" "$n"; cat files/"$n"; }
done
"""


class BoundFolders(LocalFolders):
    """Folders of bound sessions below ``root``, on this machine."""

    def __init__(self, root: Path, connections: HostConnections, *, owner: str) -> None:
        super().__init__(root)
        self._connections = connections
        self._far_root = f"{connections.settings.root}/{owner}/s"
        self._carrying: dict[str, Task[None]] = {}

    def has(self, session_id: str) -> bool:
        """Whether it is one of these."""
        return (self._root / session_id).is_dir()

    async def close(self) -> None:
        """Let go of every agent: without us there is nobody who would hold its connection."""
        for task in self._carrying.values():
            task.cancel()
        await asyncio.gather(*self._carrying.values(), return_exceptions=True)
        if self.fork_server is not None:
            await self.fork_server.close()

    async def start(self, spec: SessionSpec, opening: bytes) -> Started:
        """The session host and its near end here, then the agent there."""
        if spec.steps:
            raise CannotStart(f'host "{self._connections.name}": steps need Python 3.6 or newer there; there is none')
        await self._have_fork_server()
        folder = self._root / spec.id
        folder.mkdir(mode=0o700, exist_ok=True)
        server, accepted = await _listening(folder)
        try:
            started = await super().start(_near(spec), opening)
        except BaseException:
            self._listen_no_more(spec.id, server)
            raise
        if started.answer["ok"] and not started.answer.get("already"):
            carrying = self._carried(spec, server, accepted)
            self._carrying[spec.id] = asyncio.create_task(carrying, name=f"bound session {spec.id}")
            self._carrying[spec.id].add_done_callback(lambda _: self._carrying.pop(spec.id, None))
        else:
            self._listen_no_more(spec.id, server)
        if started.answer["ok"]:
            started.answer["child"]["durable"] = False
        return started

    def _listen_no_more(self, session_id: str, server: asyncio.Server) -> None:
        server.close()
        (self._root / session_id / near_end.SOCKET).unlink(missing_ok=True)

    async def _have_fork_server(self) -> None:
        if self.fork_server is None:
            self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            server = ForkServer(self._root, (sys.executable, "-I", "-S", session_host.__file__))
            await server.open()
            self.fork_server = server

    async def look(self, session_ids: list[str]) -> list[Found]:
        """As its session host's records say, but for what the near end has left: then nobody knows the end."""
        return [self._seen(session_id) for session_id in session_ids]

    def _seen(self, session_id: str) -> Found:
        found = session_folder.look(self._folder(session_id))
        if found["child"] is not None:
            found["child"]["durable"] = False
        lost = self._root / session_id / near_end.LOST
        if lost.exists() and found["child"] is not None:
            return {**found, "exit": None, "held": False, "remains": {"unknown": lost.read_text()}}
        return found

    async def end_remains(self, session_id: str) -> None:
        """Nothing is known of it: its terminal has hung up, which is all that can be done from here."""

    async def remove(self, session_id: str) -> bool:
        """Also on the host, when that can be reached."""
        if not await super().remove(session_id):
            return False
        with suppress(HostUnreachable):
            await self._run(f"rm -rf {tools.quoted(self._far(session_id))}")
        return True

    def _far(self, session_id: str) -> str:
        return f"{self._far_root}/{session_id}"

    async def _run(self, script: str) -> bytes:
        ran = await self._connections.command(f"exec sh -c {shlex.quote(script)}", within_s=COMMAND_WITHIN_S)
        return ran.out

    # carrying

    async def _carried(self, spec: SessionSpec, server: asyncio.Server, accepted: "Accepted") -> None:
        """Bytes between the near end and the agent, until one of them ends."""
        try:
            async with asyncio.timeout(BEGIN_WITHIN_S):
                near = _Near(*await accepted)
        except TimeoutError:
            return  # it was killed before it came: its record says so
        finally:
            self._listen_no_more(spec.id, server)
        try:
            code = await self._lived(spec, near)
            await near.say(near_end.END, bytes([code & 0xFF]))
        except (RunnerError, OSError) as problem:
            with suppress(OSError):
                await near.say(near_end.LINK_LOST, f"the link was lost: {problem}".encode())
        finally:
            near.close()

    async def _lived(self, spec: SessionSpec, near: "_Near") -> int:
        """The agent's exit code. Raises OSError when the link is lost, :class:`RunnerError` when it cannot begin."""
        channel, shown = await self._begun(spec)

        async def signalled(number: int) -> None:
            await self._run(_SIGNAL % (tools.quoted(self._far(spec.id)), number))

        side = [
            asyncio.create_task(near.pump_to(channel, signalled), name=f"keys of {spec.id}"),
            asyncio.create_task(self._fetch_on(spec.id), name=f"events of {spec.id}"),
        ]
        try:
            while data := await shown.read(READ_BYTES):
                await near.say(near_end.DATA, data)
            async with asyncio.timeout(BEGIN_WITHIN_S):
                await channel.ended()
        finally:
            channel.close()
            for task in side:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)
        if channel.code is None:
            raise ConnectionResetError(f'host "{self._connections.name}" did not say how the agent ended')
        await self._fetch(spec.id, everything=True)
        return channel.code

    async def _begun(self, spec: SessionSpec) -> "tuple[Channel, AfterMark]":
        """The agent, let go on the host. What it is to do is told on its terminal, which echoes nothing yet."""
        program = _program(spec, self._far(spec.id)).encode()
        bootstrap = f'printf {_MARK_ESCAPED}; eval "$(dd bs=1 count={len(program)} 2>/dev/null)"'
        channel = await self._connections.open(
            f"exec sh -c {shlex.quote(bootstrap)}",
            terminal=TerminalWish(type=spec.env.get("TERM", "dumb"), rows=spec.rows, cols=spec.cols),
        )
        shown = AfterMark(channel.reader)
        try:
            async with asyncio.timeout(BEGIN_WITHIN_S):
                await shown.skip()
                channel.writer.write(program)
                await channel.writer.drain()
        except BaseException:
            channel.close()
            raise
        return channel, shown

    # what it leaves

    async def _fetch_on(self, session_id: str) -> None:
        """Event files, while the agent runs. A link that is lost is told by the channel."""
        while True:
            await asyncio.sleep(FETCH_EVERY_S)
            with suppress(HostUnreachable):
                await self._fetch(session_id, everything=False)

    async def _fetch(self, session_id: str, *, everything: bool) -> None:
        out = await self._run(_FETCH % (tools.quoted(self._far(session_id)), int(everything)))
        folder = self._root / session_id
        for kind, name, content in _fetched(out):
            aside = folder / "files" / f".fetched.{kind}"
            aside.write_bytes(content)
            aside.rename(folder / ("events/new" if kind == "event" else "files") / name)


Accepted = asyncio.Future[tuple[StreamReader, StreamWriter]]


class _Near:
    """The near end, as seen from here."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, kind: int, body: bytes) -> None:
        """Raises OSError when it has gone."""
        self._writer.write(near_end.HEAD.pack(kind, len(body)) + body)
        await self._writer.drain()

    async def pump_to(self, channel: "Channel", signalled: Callable[[int], Awaitable[None]]) -> None:
        """Keys, sizes and signals to the agent. When the near end goes, it was killed, and the agent is."""
        with suppress(asyncio.IncompleteReadError, OSError, HostUnreachable):
            while True:
                kind, length = near_end.HEAD.unpack(await self._reader.readexactly(near_end.HEAD.size))
                body = await self._reader.readexactly(length)
                if kind == near_end.SIGNAL:
                    await signalled(body[0])
                elif kind == near_end.SIZE:
                    channel.resize(*struct.unpack(">HH", body))
                elif kind == near_end.DATA:
                    channel.writer.write(body)
                    await channel.writer.drain()
        with suppress(HostUnreachable):
            await signalled(signal.SIGKILL)
        channel.close()

    def close(self) -> None:
        self._writer.close()


async def _listening(folder: Path) -> tuple[asyncio.Server, Accepted]:
    """Through the folder's descriptor: a socket's path may have 107 bytes."""
    accepted: Accepted = asyncio.get_running_loop().create_future()

    def accept(reader: StreamReader, writer: StreamWriter) -> None:
        if accepted.done():
            writer.close()
        else:
            accepted.set_result((reader, writer))

    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return await asyncio.start_unix_server(accept, f"/proc/self/fd/{fd}/{near_end.SOCKET}"), accepted
    finally:
        os.close(fd)


def _near(spec: SessionSpec) -> SessionSpec:
    """The same session, with the near end in the agent's place; the agent's environment does not pass through it."""
    return replace(
        spec,
        interpreters=((sys.executable, "-I", "-S", near_end.__file__),),
        script=None,
        env={"PATH": os.defpath},
        path_env={"NEAR": "."},
        path_prefix="",
        cwd="/",
        secrets={},
    )


def _program(spec: SessionSpec, folder: str) -> str:
    """What the agent's shell is told: make the folder, take on the environment and nothing else, become the agent."""
    files = {**spec.files, **({} if spec.script is None else {"script": spec.script})}
    env = {"PATH": os.defpath, **spec.env}
    if spec.path_prefix:
        env["PATH"] = f"{spec.path_prefix}:{env['PATH']}"
    script = [] if spec.script is None else ['"$D"/files/script']
    return "\n".join(
        [
            "stty sane 2>/dev/null",
            "umask 077",
            f"mkdir -p {tools.quoted(folder)} && cd {tools.quoted(folder)} && mkdir -p files events/new events/tmp events/taken || exit 126",
            "D=$(pwd)",
            "echo \"$$ $(sed 's/.*) //' /proc/$$/stat | cut -d ' ' -f 20)\" >pid",
            *(f"printf %s {shlex.quote(text)} >files/{shlex.quote(name)}" for name, text in files.items()),
            *(["chmod 700 files/script"] if script else []),
            "for v in $(env | sed -n 's/^\\([A-Za-z_][A-Za-z0-9_]*\\)=.*/\\1/p'); do unset \"$v\"; done",
            *(f"export {name}={shlex.quote(value)}" for name, value in env.items()),
            *(f'export {name}="$D"/{shlex.quote(path)}' for name, path in spec.path_env.items()),
            f"cd {shlex.quote(spec.cwd)} || exit 126",
            *(
                f"command -v {shlex.quote(words[0])} >/dev/null 2>&1 && exec {' '.join([shlex.join(words), *script])}"
                for words in spec.interpreters
            ),
            f"echo {shlex.quote('not found: ' + ', '.join(words[0] for words in spec.interpreters))}",
            "exit 127",
            "",
        ]
    )


def _fetched(out: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Kind, name and content of each file; half of one at the end is none."""
    while (line := out.partition(b"\n")[0]) and line.startswith((b"event ", b"file ")):
        kind, size, name = line.decode(errors="replace").split(" ", 2)
        content = out[len(line) + 1 : len(line) + 1 + int(size)]
        if len(content) < int(size):
            return
        yield kind, name, content
        out = out[len(line) + 1 + int(size) :]
