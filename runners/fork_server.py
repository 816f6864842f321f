"""The daemon's end of the fork server: a warm process that has session hosts ready and gives each request to one.

It holds nothing: sessions do not notice its death, and a start that finds none goes through a fresh interpreter (``start``), which
is slower by its start-up and nothing else. The server reads our pipe, so it ends with the daemon, however that ends.
"""

import asyncio
import json
import os
import struct
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from chainwright.runners.client import Streams
from chainwright.runners.port import HostUnreachable, RunnerError
from chainwright.runners.session_runner import Started

READY_WITHIN_S: Final = 10.0
ANSWER_WITHIN_S: Final = 30.0
CRASH_SWITCH: Final = "CHAINWRIGHT_CRASH_AT"
"""Set by fault tests only: where a session host is to die."""

Answer = dict[str, Any]


class ForkServer:
    """Starts session hosts in ``root``. Give it the command line that runs the session host's file."""

    def __init__(self, root: Path, command: tuple[str, ...]) -> None:
        self._root = root
        self._command = command
        self._folder = -1
        self._process: Process | None = None
        self._restart = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Of the warm process, while it lives."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def open(self) -> None:
        """Start the warm process; raises :class:`RunnerError` when even that is not possible."""
        self._folder = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        await self._ensure()
        if self.pid is None:
            raise RunnerError(f"the fork server does not start: {' '.join(self._command)}")

    async def close(self) -> None:
        """End it; sessions go on."""
        if self._process is not None:
            await _end(self._process)
        if self._folder >= 0:
            with suppress(FileNotFoundError):
                os.unlink(_SOCKET, dir_fd=self._folder)
            os.close(self._folder)
            self._folder = -1

    async def start(self, folder: Path, spec: bytes, opening: bytes = b"") -> Started:
        """The line that ``start`` answers with, whichever way it went. Asking twice is harmless: the second finds the first.

        ``opening`` is the frame that the connection goes on with, if the session host can be asked for that at once.
        """
        await self._ensure()
        started = await self._asked(folder, spec, opening)
        return started or Started(answer=await self._executed(folder, spec))

    async def _ensure(self) -> None:
        if self.pid is not None:
            return
        async with self._restart:
            if self.pid is None:
                self._process = await self._launched()

    async def _launched(self) -> Process | None:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            "forkserver",
            str(self._root / _SOCKET),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_environment(),
            start_new_session=True,
        )
        assert process.stdout is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_WITHIN_S):
                if await process.stdout.readline() == b"ready\n":
                    return process
        await _end(process)
        return None

    async def _asked(self, folder: Path, spec: bytes, opening: bytes) -> Started | None:
        """What a spare answered; None when there is no warm process, or one of the two died over it."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                reader, writer = await asyncio.open_unix_connection(f"/proc/self/fd/{self._folder}/{_SOCKET}")
                return await answered((reader, writer), reader.readline, request(str(folder), spec, opening))
        except TimeoutError as problem:
            raise HostUnreachable(f"no answer to a start within {ANSWER_WITHIN_S:.0f} s") from problem
        except OSError:
            return None

    async def _executed(self, folder: Path, spec: bytes) -> Answer:
        """The same through a fresh interpreter."""
        process = await asyncio.create_subprocess_exec(
            *self._command, "start", str(folder), stdin=PIPE, stdout=PIPE, stderr=PIPE, env=_environment()
        )
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                out, err = await process.communicate(spec)
        except TimeoutError as problem:
            await _end(process)
            raise HostUnreachable(f"no answer to a start within {ANSWER_WITHIN_S:.0f} s") from problem
        answer = _parsed(out)
        if answer is None:
            raise HostUnreachable(
                f"the session host of {folder.name} died while it started: {err.decode(errors='replace')}"
            )
        return answer


_SOCKET: Final = ".fork.sock"


def _environment() -> dict[str, str]:
    """Of session hosts, for everybody of this user to see: nothing of the daemon's."""
    return {CRASH_SWITCH: os.environ[CRASH_SWITCH]} if CRASH_SWITCH in os.environ else {}


def request(folder: str, spec: bytes, opening: bytes) -> bytes:
    """What a fork server is asked: to start the session of a folder, and what its connection goes on with."""
    body = b'{"dir": %s, "spec": %s}' % (json.dumps(folder).encode(), spec)
    return struct.pack(">I", len(body)) + body + opening


async def answered(streams: Streams, line: Callable[[], Awaitable[bytes]], asked: bytes) -> Started | None:
    """What a spare answers to a :func:`request` over ``streams``, of which ``line`` gives the next line; None when it died over it.

    The streams are closed here unless they are the session's now.
    """
    writer = streams[1]
    answer = None
    try:
        writer.write(asked)
        answer = _parsed(await line())
    finally:
        if not _is_session(answer):
            writer.close()
    if answer is None:
        return None
    return Started(answer=answer, streams=streams if _is_session(answer) else None)


def _is_session(answer: Answer | None) -> bool:
    """Whether the one who answered has become the session host: not when it was refused, or was there before."""
    return answer is not None and answer["ok"] and not answer.get("already")


def _parsed(line: bytes) -> Answer | None:
    if not line.endswith(b"\n"):
        return None
    answer: Answer = json.loads(line)
    return answer


async def _end(process: Process) -> None:
    """By the end of its stdin, else by force."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
