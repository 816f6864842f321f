"""A history travels as a pack of what is new in it, and only whole."""

import asyncio
import random
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.sources.packs import ends, known, packed, unpacked
from chainwright.daemon.sources.trees import SourceError

Work = Any  # WorkingRepository of tests/repositories.py


@pytest.fixture
def other(tmp_path: Path, work: Work) -> Path:
    """An empty bare repository."""
    work.git("init", "--quiet", "--bare", str(tmp_path / "other"))
    return tmp_path / "other"


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def sent(work: Work, commit: str, *had: str) -> bytes:
    return b"".join([piece async for piece in packed(work.path / ".git", [commit], had)])


HELD_UP_BYTES = (1 << 17) + (1 << 16)
"""More than this that nobody has taken fills the pipe and what is read ahead, and the pipe is read no more."""


def written_by(path: str) -> int:
    """Bytes that the processes with this path in their command lines have written so far."""
    found = 0
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if path in entry.read_text():
                found += int(entry.with_name("io").read_text().split()[3])
    return found


def processes_of(path: str) -> list[str]:
    """Command lines in which the path stands."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(entry.read_text().replace("\0", " "))
    return [line for line in found if path in line]


def has(repository: Path, commit: str) -> bool:
    command = ["git", f"--git-dir={repository}", "rev-list", "--objects", commit]
    return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0


async def test_a_history_arrives_and_what_is_had_is_left_out(work: Work, other: Path) -> None:
    work.write("large", b"".join(n.to_bytes(4, "big") for n in range(50_000)))
    first = work.commit(a="1")
    await unpacked(other, packed(work.path / ".git", [first], []))
    second = work.commit(a="2")
    rest = await sent(work, second, first)
    await unpacked(other, pieces(rest[:10], rest[10:]))

    assert (has(other, second), len(rest) < 2_000) == (True, True)


async def test_what_is_cut_off_or_too_large_is_refused(work: Work, other: Path) -> None:
    commit = work.commit(a="1")
    whole = await sent(work, commit)
    with pytest.raises(SourceError, match="git index-pack"):
        await unpacked(other, pieces(whole[:-20]))
    with pytest.raises(SourceError, match="more than 10 bytes"):
        await unpacked(other, pieces(whole), limit_bytes=10)
    with pytest.raises(SourceError, match="more than 10 bytes"):
        [piece async for piece in packed(work.path / ".git", [commit], [], limit_bytes=10)]

    assert not has(other, commit)


async def test_a_commit_that_is_not_there_is_told(work: Work) -> None:
    work.commit(a="1")
    with pytest.raises(SourceError, match="git pack-objects"):
        [piece async for piece in packed(work.path / ".git", ["1" * 40], [])]


async def test_whoever_stops_reading_leaves_no_process(work: Work) -> None:
    work.write("large", random.Random(0).randbytes(1 << 21))
    reading = packed(work.path / ".git", [work.commit(a="1")], [])
    taken = len(await anext(reading))
    while written_by(str(work.path)) <= taken + HELD_UP_BYTES:  # noqa: ASYNC110 - another process's doing
        await asyncio.sleep(0.01)
    await reading.aclose()  # type: ignore[attr-defined] # a generator

    assert processes_of(str(work.path)) == []


def test_of_commits_those_are_known_that_are_there(work: Work) -> None:
    commit = work.commit(a="1")

    assert known(work.path / ".git", ["1" * 40, commit]) == [commit]
    assert known(work.path / ".git", []) == []


def test_a_shallow_clone_tells_where_it_ends(work: Work, tmp_path: Path) -> None:
    work.commit(a="1")
    commit = work.commit(a="2")
    work.git("clone", "--quiet", "--depth=1", f"file://{work.path}", str(tmp_path / "shallow"))

    assert (ends(tmp_path / "shallow/.git"), ends(work.path / ".git")) == ([commit], [])
