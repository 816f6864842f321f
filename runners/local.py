"""The runner of this machine: session hosts in folders below one root, started through a fork server."""

import asyncio
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chainwright.runners import agent_tools, session_folder
from chainwright.runners.client import Streams
from chainwright.runners.fork_server import ForkServer
from chainwright.runners.port import HostUnreachable, RunnerError
from chainwright.runners.session_files import Found
from chainwright.runners.session_runner import CONNECT_WITHIN_S, Foreign, SessionRunner, Started
from chainwright.schemas.session import SPEC_JSON, SessionSpec

RETRY_S: Final = 0.02


class LocalRunner(SessionRunner):
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
        self._folders = LocalFolders(self.root)
        super().__init__(self._folders)

    async def open(self) -> None:
        """Make the folders, the agents' command and the fork server."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            host = agent_tools.place(self.bin_folder, self._command)
        except OSError as problem:
            raise RunnerError(f"the local runner cannot prepare its folders: {problem}") from problem
        self._folders.fork_server = ForkServer(self.root, host)
        await self._folders.fork_server.open()

    async def close(self) -> None:
        """End the fork server, leave every session."""
        await super().close()
        if self._folders.fork_server is not None:
            await self._folders.fork_server.close()
            self._folders.fork_server = None

    @property
    def fork_server_pid(self) -> int | None:
        """Of the warm process, for diagnosis."""
        return self._folders.fork_server.pid if self._folders.fork_server else None


class LocalFolders:
    """Session folders of this machine, as a :class:`~chainwright.runners.session_runner.Place`."""

    patience_s = 0.0  # what cannot be reached here is not on its way back

    def __init__(self, root: Path) -> None:
        self._root = root
        self.fork_server: ForkServer | None = None

    def pauses(self) -> Iterator[float]:
        """Short: what is waited for is a process of this machine."""
        return itertools.repeat(RETRY_S)

    async def start(self, spec: SessionSpec, opening: bytes) -> Started:
        """Through the fork server."""
        if self.fork_server is None:
            raise RunnerError("the local runner is not open")
        return await self.fork_server.start(self._root / spec.id, SPEC_JSON.dump_json(spec), opening)

    async def streams(self, session_id: str) -> Streams | None:
        """Through the folder's descriptor: a socket's path may have 107 bytes, and the folder's may be longer."""
        try:
            fd = os.open(self._root / session_id, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            return None
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                return await asyncio.open_unix_connection(f"/proc/self/fd/{fd}/ctl.sock")
        except TimeoutError as problem:
            raise HostUnreachable(f"no connection to the session host of {session_id}") from problem
        except (FileNotFoundError, ConnectionError):
            return None
        finally:
            os.close(fd)

    async def look(self, session_ids: list[str]) -> list[Found]:
        """Many at once in a thread: a list is for people, who can wait, while agents are served."""
        if len(session_ids) == 1:
            return [session_folder.look(self._folder(session_ids[0]))]
        return await asyncio.to_thread(lambda: [session_folder.look(self._folder(each)) for each in session_ids])

    async def ids(self) -> list[str]:
        """Of every session folder."""
        return await asyncio.to_thread(session_folder.ids, str(self._root))

    async def unacknowledged(self) -> list[str]:
        """Of every one without ``ack``."""
        return await asyncio.to_thread(session_folder.unacknowledged, str(self._root))

    async def foreign(self) -> list[Foreign]:
        """None: a home has one daemon."""
        return []

    async def read(self, session_id: str, file: str, offset: int, limit: int) -> bytes:
        """Straight from the file."""
        try:
            return session_folder.read(self._folder(session_id), file, offset, limit)
        except session_folder.Unreadable as problem:
            raise RunnerError(str(problem)) from problem

    async def acknowledge(self, session_id: str) -> None:
        """Beside the records."""
        session_folder.acknowledge(self._folder(session_id))

    async def end_remains(self, session_id: str) -> None:
        """At once."""
        session_folder.end_remains(self._folder(session_id))

    async def remove(self, session_id: str) -> bool:
        """With everything in it."""
        return await asyncio.to_thread(session_folder.remove, self._folder(session_id))

    def _folder(self, session_id: str) -> str:
        return str(self._root / session_id)
