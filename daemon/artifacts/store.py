"""Contents by their SHA-256, in files that only the daemon's user may read.

A content is written aside, made durable and renamed to its digest: what has that name is whole. Nobody gets a second name of such a file
(a hard link), for whoever wrote to it would change every run that refers to it; processes get copies.
"""

import asyncio
import hashlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final

from chainwright.daemon.artifacts.port import BadFile, NoSuchArtifact
from chainwright.daemon.artifacts.workspace_files import opened
from chainwright.daemon.core.artifacts import Artifact

PIECE_BYTES: Final = 1 << 20
_NAME_BYTES: Final = 255
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class ArtifactStore:
    """Implements :class:`~.port.Artifacts` below ``root``, which nobody else uses, and :class:`~.port.HostArtifacts` on this machine.

    A file may have ``limit_bytes``.
    """

    def __init__(self, root: Path, limit_bytes: int) -> None:
        self._root = root
        self._aside = root / "aside"
        self._limit_bytes = limit_bytes

    async def open(self) -> None:
        """Make the folders, and clear what an earlier process has left half written."""
        await asyncio.to_thread(self._clear)

    async def keep(self, path: str, *, folder: str, roots: tuple[str, ...]) -> Artifact:
        """See the port."""
        return await asyncio.to_thread(self._keep, path, folder, roots)

    async def take_in(self, name: str, chunks: AsyncIterator[bytes]) -> Artifact:
        """See the port."""
        with self._writing(_checked_name(name)) as content:
            async for chunk in chunks:
                await asyncio.to_thread(content.write, chunk)
            return await asyncio.to_thread(content.finished)

    async def place(self, artifacts: Iterable[Artifact], folder: str) -> dict[Artifact, str]:
        """See the port."""
        return {one: await asyncio.to_thread(self._place, one, Path(folder)) for one in artifacts}

    async def holds(self, artifact: Artifact) -> bool:
        """See the port."""
        return await asyncio.to_thread(self._is_whole, artifact)

    async def read(self, artifact: Artifact) -> AsyncIterator[bytes]:
        """See the port."""
        file: IO[bytes] = await asyncio.to_thread(self._opened, artifact)
        with file:
            while piece := await asyncio.to_thread(file.read, PIECE_BYTES):
                yield piece

    def _keep(self, path: str, folder: str, roots: tuple[str, ...]) -> Artifact:
        descriptor = opened(path, folder=folder, roots=roots, limit_bytes=self._limit_bytes)
        with os.fdopen(descriptor, "rb") as file, self._writing(PurePosixPath(path).name) as content:
            while piece := file.read(PIECE_BYTES):
                content.write(piece)
            return content.finished()

    @contextmanager
    def _writing(self, name: str) -> Iterator["_Content"]:
        content = _Content(self._aside / secrets.token_hex(8), name, self._path, self._limit_bytes)
        try:
            yield content
        finally:
            content.close()

    def _place(self, artifact: Artifact, folder: Path) -> str:
        path = folder / artifact.sha256[:16] / _checked_name(artifact.name)
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = path.parent / f".{secrets.token_hex(4)}"
            with self._opened(artifact) as source, _private(aside) as copy:
                shutil.copyfileobj(source, copy, PIECE_BYTES)
            aside.replace(path)
        return str(path)

    def _opened(self, artifact: Artifact) -> IO[bytes]:
        try:
            return self._path(artifact.sha256).open("rb")
        except FileNotFoundError:
            raise NoSuchArtifact(f'the content of "{artifact.name}" ({artifact.sha256[:12]}) is not kept') from None

    def _is_whole(self, artifact: Artifact) -> bool:
        path = self._path(artifact.sha256)
        return path.exists() and path.stat().st_size == artifact.size

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256

    def _clear(self) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)
        for folder in (self._root, self._aside):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


class _Content:
    """A content that is being written aside."""

    def __init__(self, path: Path, name: str, home_of: Callable[[str], Path], limit_bytes: int) -> None:
        self._path = path
        self._name = name
        self._home_of = home_of
        self._limit_bytes = limit_bytes
        self._digest = hashlib.sha256()
        self._size = 0
        self._file = _private(path)

    def write(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._limit_bytes:
            raise BadFile(f'"{self._name}": it has more than {self._limit_bytes} bytes, and no more are kept')
        self._digest.update(piece)
        self._file.write(piece)

    def close(self) -> None:
        """Nothing is left aside."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def finished(self) -> Artifact:
        """Durable under its digest, or already there."""
        sha256 = self._digest.hexdigest()
        home = self._home_of(sha256)
        with self._file as file:
            file.flush()
            if not home.exists():
                os.fsync(file.fileno())
        if not home.exists():
            home.parent.mkdir(mode=0o700, exist_ok=True)
            self._path.replace(home)
            _sync(home.parent)
            _sync(home.parent.parent)
        return Artifact(sha256=sha256, name=self._name, size=self._size)


def _private(path: Path) -> IO[bytes]:
    """A new file that only this user may read."""
    return os.fdopen(os.open(path, _NEW, 0o600), "wb")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked_name(name: str) -> str:
    """The name, if a file can have it. Raises :class:`BadFile`."""
    if name in ("", ".", "..") or "/" in name or "\0" in name or len(os.fsencode(name)) > _NAME_BYTES:
        raise BadFile(f"{name[:80]!r} cannot be the name of a file")
    return name
