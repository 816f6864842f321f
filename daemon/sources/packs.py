"""Histories on their way between repositories on different machines, as git's packs, in pieces."""

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from chainwright.daemon.sources.git_command import GIT_TIMEOUT_S, environment_of, git
from chainwright.daemon.sources.trees import SourceError
from chainwright.runners.host_git import PACK, UNPACK, wish

T = TypeVar("T")

PIECE_BYTES: Final = 1 << 18
HISTORY_BYTES: Final = 1 << 30
"""More of a history is not sent: agents wait for it."""


def known(repository: Path, commits: Sequence[str]) -> list[str]:
    """Those of the commits that the repository has. Blocks. Raises :class:`SourceError`."""
    return git(repository, "rev-list", "--no-walk", "--ignore-missing", *commits).split() if commits else []


def ends(repository: Path) -> list[str]:
    """Where the history of a shallow clone ends; none where it is whole."""
    try:
        return (repository / "shallow").read_text().split()
    except FileNotFoundError:
        return []


async def packed(
    repository: Path, wanted: Iterable[str], had: Iterable[str], *, limit_bytes: int = HISTORY_BYTES
) -> AsyncIterator[bytes]:
    """A pack of the commits with their history, less the history of those that are had. Raises :class:`SourceError`."""
    async with _running(repository, PACK) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(wish(wanted, had))
        process.stdin.write_eof()
        size = 0
        while piece := await _in_time(process.stdout.read(PIECE_BYTES), PACK[0]):
            size += len(piece)
            if size > limit_bytes:
                raise SourceError(f"its history has more than {limit_bytes:,} bytes")
            yield piece
        await _require_success(process, PACK[0])


async def unpacked(repository: Path, pieces: AsyncIterator[bytes], *, limit_bytes: int = HISTORY_BYTES) -> None:
    """Take such a pack in; what is wrong with its objects is found out. Raises :class:`SourceError`, and whatever the pieces raise."""
    async with _running(repository, (*UNPACK, "--strict")) as process:
        assert process.stdin is not None
        size = 0
        with suppress(BrokenPipeError, ConnectionResetError):  # it has given up, and says why
            async for piece in pieces:
                size += len(piece)
                if size > limit_bytes:
                    raise SourceError(f"a history of more than {limit_bytes:,} bytes is not taken")
                process.stdin.write(piece)
                await _in_time(process.stdin.drain(), UNPACK[0])
            process.stdin.write_eof()
        await _require_success(process, UNPACK[0])


@asynccontextmanager
async def _running(repository: Path, command: Sequence[str]) -> AsyncIterator[Process]:
    """Git as a process group of its own, which is ended with the block."""
    out = PIPE if command[0] == PACK[0] else DEVNULL
    process = await asyncio.create_subprocess_exec(
        "git",
        f"--git-dir={repository}",
        *command,
        env=environment_of(),
        stdin=PIPE,
        stdout=out,
        stderr=PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        await process.communicate()  # not wait(): a pipe that nobody reads to its end holds it up for ever


async def _require_success(process: Process, what: str) -> None:
    assert process.stderr is not None
    said = await _in_time(process.stderr.read(), what)
    if await _in_time(process.wait(), what) != 0:
        raise SourceError(f"git {what}: {said.decode(errors='replace').strip()}")


async def _in_time(work: Awaitable[T], what: str) -> T:
    try:
        return await asyncio.wait_for(work, GIT_TIMEOUT_S)
    except TimeoutError:
        raise SourceError(f"git {what} gave no answer within {GIT_TIMEOUT_S:g} s") from None
