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
from typing import IO

from chainwright.daemon.artifacts.port import BadFile, NoSuchArtifact
from chainwright.daemon.artifacts.workspace_files import opened
from chainwright.daemon.core.artifacts import Artifact
from chainwright.runners.host_files import NEW_FILE, PIECE_BYTES, Unfit, checked_name, give, given_path, sync_folder


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
        return {one: await asyncio.to_thread(self._place, one, folder) for one in artifacts}

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

    def _place(self, artifact: Artifact, folder: str) -> str:
        path = given_path(folder, artifact.sha256, _checked_name(artifact.name))
        if not Path(path).exists():
            with self._opened(artifact) as source:
                give(source.fileno(), path)
        return path

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
            sync_folder(str(home.parent))
            sync_folder(str(home.parent.parent))
        return Artifact(sha256=sha256, name=self._name, size=self._size)


def _private(path: Path) -> IO[bytes]:
    """A new file that only this user may read."""
    return os.fdopen(os.open(path, NEW_FILE, 0o600), "wb")


def _checked_name(name: str) -> str:
    """The name, if a file can have it. Raises :class:`BadFile`."""
    try:
        return checked_name(name)
    except Unfit as reason:
        raise BadFile(str(reason)) from None
