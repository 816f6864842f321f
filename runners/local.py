"""The runner of this machine: session hosts in folders below one root, started through a fork server.

It keeps no state of its own that matters: what a session is, its files and its session host say, so a daemon that begins anew
with the same root finds everything. See ``port`` for what each method promises.
"""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from chainwright.runners import agent_tools, session_files
from chainwright.runners.client import Disconnected, Link, Streams, opening
from chainwright.runners.fork_server import ForkServer
from chainwright.runners.port import (
    CannotStart,
    EventFound,
    Exited,
    HostUnreachable,
    InputTaken,
    Lost,
    NeverRan,
    NoTerminal,
    Output,
    RunnerError,
    Running,
    SessionStatus,
    SessionSummary,
    StatusChanged,
    StepTold,
    Terminal,
)
from chainwright.runners.terminal import EndedTerminal, LiveTerminal
from chainwright.schemas.session import CHILD_JSON, SPEC_JSON, ChildRecord, ExitRecord, SessionSpec, StepOrder

CONNECT_WITHIN_S: Final = 10.0
RETRY_S: Final = 0.02
_KEPT_LINKS: Final = 128
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
_FAILURES: Final[dict[str, type[RunnerError]]] = {"no-terminal": NoTerminal, "cannot-start": CannotStart}

Told = EventFound | StepTold | StatusChanged | Exited | Lost


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """The connection over which a session was started: its session host was asked, as its owner, for all events."""

    streams: Streams
    token: str
    epoch: int

    def suits(self, *, token: str, epoch: int, events_from: int) -> bool:
        return (self.token, self.epoch, 0) == (token, epoch, events_from)


class LocalRunner:
    """Sessions on this machine.

    ``root`` is the folder of session folders. ``bin_folder`` receives the agents' ``chainwright`` command; callers put it into
    ``SessionSpec.path_prefix``. ``command`` is the real command, for every verb but ``emit``.
    """

    name = "local"

    def __init__(
        self, root: Path, *, bin_folder: Path, command: tuple[str, ...] = (sys.executable, "-m", "chainwright")
    ) -> None:
        self.root = root.absolute()
        self.bin_folder = bin_folder.absolute()
        self._command = command
        self._fork_server: ForkServer | None = None
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._ended: OrderedDict[str, Link] = OrderedDict()

    async def open(self) -> None:
        """Make the folders, the agents' command and the fork server."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            host = agent_tools.place(self.bin_folder, self._command)
        except OSError as problem:
            raise RunnerError(f"the local runner cannot prepare its folders: {problem}") from problem
        self._fork_server = ForkServer(self.root, host)
        await self._fork_server.open()

    async def close(self) -> None:
        """End the fork server, leave every session."""
        while self._begun:
            self._begun.popitem()[1].streams[1].close()
        while self._ended:
            await self._ended.popitem()[1].close()
        if self._fork_server is not None:
            await self._fork_server.close()
            self._fork_server = None

    @property
    def fork_server_pid(self) -> int | None:
        """Of the warm process, for diagnosis."""
        return self._fork_server.pid if self._fork_server else None

    async def start(self, spec: SessionSpec) -> ChildRecord:
        """See the port."""
        if self._fork_server is None:
            raise RunnerError("the local runner is not open")
        wish = opening(token=spec.token, epoch=spec.epoch, role="owner", events_from=0)
        started = await self._fork_server.start(self._folder(spec.id), SPEC_JSON.dump_json(spec), wish)
        answer = started.answer
        if not answer["ok"]:
            raise _FAILURES.get(answer["kind"], RunnerError)(answer["detail"])
        if started.streams is not None:
            self._keep_begun(spec.id, _Begun(streams=started.streams, token=spec.token, epoch=spec.epoch))
        return CHILD_JSON.validate_python(answer["child"])

    def _keep_begun(self, session_id: str, begun: _Begun) -> None:
        """Hold on to the connection: :meth:`follow` comes next, and saves a second one."""
        self._drop_begun(session_id)
        self._begun[session_id] = begun
        while len(self._begun) > _KEPT_LINKS:
            self._begun.popitem(last=False)[1].streams[1].close()

    def _drop_begun(self, session_id: str) -> None:
        if (begun := self._begun.pop(session_id, None)) is not None:
            begun.streams[1].close()

    async def poll(self, session_id: str) -> SessionStatus:
        """See the port."""
        return session_files.status(self._folder(session_id))

    async def follow(self, session_id: str, *, token: str, epoch: int, events_from: int) -> AsyncIterator[Told]:
        """See the port."""
        while True:
            link = await self._owning(session_id, token=token, epoch=epoch, events_from=events_from)
            if link is None:
                for told in self._left_behind(session_id, events_from):
                    yield told
                return
            try:
                async for told in self._told(link, session_id):
                    yield told
                    if isinstance(told, Exited):
                        await self._keep(session_id, link)
                        return
                    if isinstance(told, EventFound):
                        events_from = told.offset
            except Disconnected:
                continue  # its files know why
            finally:
                if self._ended.get(session_id) is not link:
                    await link.close()

    async def _owning(self, session_id: str, *, token: str, epoch: int, events_from: int) -> Link | None:
        """The connection that :meth:`start` has left, if it does, else a new one."""
        begun = self._begun.get(session_id)
        if begun is not None and begun.suits(token=token, epoch=epoch, events_from=events_from):
            del self._begun[session_id]
            with suppress(Disconnected):
                return await Link.greeted(begun.streams, epoch=epoch)
        self._drop_begun(session_id)
        return await self._connected(session_id, token=token, epoch=epoch, role="owner", events_from=events_from)

    async def _told(self, link: Link, session_id: str) -> AsyncIterator[EventFound | StepTold | StatusChanged | Exited]:
        async with aclosing(link.frames()) as frames:
            async for frame in frames:
                if isinstance(frame, ExitRecord):
                    yield Exited(exit=frame, child=self._child(session_id))
                elif not isinstance(frame, Output | InputTaken):
                    yield frame

    def _left_behind(self, session_id: str, events_from: int) -> list[Told]:
        folder = self._folder(session_id)
        end = session_files.status(folder)
        if not isinstance(end, Exited | Lost):
            raise HostUnreachable(f"session {session_id} has no end: {end}")
        return [*session_files.events(folder, events_from), *session_files.steps(folder), end]

    async def _keep(self, session_id: str, link: Link) -> None:
        """Hold on to the connection of an ended session: :meth:`forget` comes next, and saves a second one."""
        if (before := self._ended.pop(session_id, None)) is not None:
            await before.close()
        self._ended[session_id] = link
        while len(self._ended) > _KEPT_LINKS:
            await self._ended.popitem(last=False)[1].close()

    async def attach(
        self, session_id: str, *, token: str, epoch: int, role: Literal["viewer", "typist"], offset: int
    ) -> Terminal:
        """See the port."""
        link = await self._connected(session_id, token=token, epoch=epoch, role=role, output_from=offset)
        if link is None:
            end = session_files.status(self._folder(session_id))
            if not isinstance(end, Exited):
                raise RunnerError(f"session {session_id} has no terminal: {end}")
            return EndedTerminal(self._folder(session_id), end, offset)
        return LiveTerminal(link, child=self._child(session_id), may_act=role == "typist")

    async def stop(self, session_id: str, *, token: str, epoch: int, grace_s: float) -> None:
        """See the port. What a killed session host has left of its agent is killed at once: nobody could wait for it."""
        link = await self._connected(session_id, token=token, epoch=epoch, role="owner")
        if link is None:
            self._kill_orphans(session_id)
            return
        try:
            await link.stop(grace_s)
        except Disconnected:
            self._kill_orphans(session_id)
        finally:
            await link.close()

    def _kill_orphans(self, session_id: str) -> None:
        found = session_files.status(self._folder(session_id))
        child = self._child(session_id)
        if isinstance(found, Lost) and not found.group_gone and child is not None:
            for pid in session_files.group_members(child):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    async def run_step(self, session_id: str, *, token: str, epoch: int, step: StepOrder) -> None:
        """See the port."""
        await self._tell(session_id, token, epoch, lambda link: link.run_step(step))

    async def stop_step(self, session_id: str, *, token: str, epoch: int, n: int, grace_s: float) -> None:
        """See the port."""
        await self._tell(session_id, token, epoch, lambda link: link.stop_step(n, grace_s))

    async def end_steps(self, session_id: str, *, token: str, epoch: int, code: int) -> None:
        """See the port."""
        await self._tell(session_id, token, epoch, lambda link: link.end_steps(code))

    async def _tell(self, session_id: str, token: str, epoch: int, tell: Callable[[Link], Awaitable[None]]) -> None:
        """A session that has ended is told nothing."""
        link = await self._connected(session_id, token=token, epoch=epoch, role="owner")
        if link is None:
            return
        try:
            with suppress(Disconnected):
                await tell(link)
        finally:
            await link.close()

    async def read(self, session_id: str, file: str, *, offset: int = 0, limit: int = 1 << 20) -> bytes:
        """See the port."""
        return session_files.read(self._folder(session_id), file, offset, limit)

    async def forget(self, session_id: str, *, token: str, epoch: int) -> None:
        """See the port."""
        self._drop_begun(session_id)
        link = self._ended.pop(session_id, None) or await self._connected(
            session_id, token=token, epoch=epoch, role="owner"
        )
        if link is not None:
            try:
                await link.forget()
            except Disconnected:
                pass  # it has just gone by itself
            finally:
                await link.close()
        self._acknowledge(session_id)

    def _acknowledge(self, session_id: str) -> None:
        """Note it where the session host has gone before it was told."""
        folder = self._folder(session_id)
        if isinstance(session_files.status(folder), Exited | Lost):
            (folder / "ctl.sock").unlink(missing_ok=True)
            (folder / "ack").touch(mode=0o600)  # last: who finds it does not come back

    async def remove(self, session_id: str) -> None:
        """See the port."""
        folder = self._folder(session_id)
        if not (folder / "exit.json").exists() or not (folder / "ack").exists():
            raise RunnerError(f"session {session_id} is not both ended and acknowledged: its folder stays")
        await asyncio.to_thread(shutil.rmtree, folder)

    async def unacknowledged(self) -> list[str]:
        """See the port."""
        return await asyncio.to_thread(self._unacknowledged)

    def _unacknowledged(self) -> list[str]:
        with os.scandir(self.root) as entries:
            names = [entry.name for entry in entries if _ID.match(entry.name) and entry.is_dir(follow_symlinks=False)]
        return [name for name in names if not (self.root / name / "ack").exists()]

    async def sessions(self) -> list[SessionSummary]:
        """See the port."""
        return await asyncio.to_thread(self._summaries)

    def _summaries(self) -> list[SessionSummary]:
        folders = (entry for entry in sorted(self.root.iterdir()) if _ID.match(entry.name) and entry.is_dir())
        return [found for folder in folders if (found := session_files.summary(folder))]

    def _folder(self, session_id: str) -> Path:
        if not _ID.match(session_id):
            raise RunnerError(f"{session_id!r} is no session's id")
        return self.root / session_id

    def _child(self, session_id: str) -> ChildRecord | None:
        return session_files.child(self._folder(session_id))

    async def _connected(
        self,
        session_id: str,
        *,
        token: str,
        epoch: int,
        role: str,
        events_from: int | None = None,
        output_from: int | None = None,
    ) -> Link | None:
        """A link to the session's host; None when the files say that there is none. A host that is just coming up or going
        down is waited for."""
        folder = self._folder(session_id)
        deadline = asyncio.get_running_loop().time() + CONNECT_WITHIN_S
        while asyncio.get_running_loop().time() < deadline:
            with suppress(Disconnected):
                if streams := await _streams(folder):
                    return await Link.open(
                        streams, token=token, epoch=epoch, role=role, events_from=events_from, output_from=output_from
                    )
            if not self._may_answer(folder):
                return None
            await asyncio.sleep(RETRY_S)
        raise HostUnreachable(f"the session host of {session_id} lives, and does not answer")

    @staticmethod
    def _may_answer(folder: Path) -> bool:
        found = session_files.status(folder)
        if isinstance(found, NeverRan):
            raise RunnerError(f"session {folder.name} never ran")
        return isinstance(found, Running)


async def _streams(folder: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """A connection to the control socket, None when nobody listens. Through the folder's descriptor: a socket's path may have
    107 bytes, and the folder's may be longer."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            return await asyncio.open_unix_connection(f"/proc/self/fd/{fd}/ctl.sock")
    except TimeoutError as problem:
        raise HostUnreachable(f"no connection to the session host of {folder.name}") from problem
    except (FileNotFoundError, ConnectionError):
        return None
    finally:
        os.close(fd)
