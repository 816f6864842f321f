"""Files between a host and the store of artifacts: implements :class:`HostArtifacts` there.

A file that an agent names is measured where it is; only a content that the store does not have is sent, and it is what was measured or it
is measured again. A content that an attempt is given is sent once per host.
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Iterable
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final

from chainwright.daemon.artifacts.port import Artifacts, BadFile, NoSuchArtifact
from chainwright.daemon.core.artifacts import Artifact
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.sources.once import Once
from chainwright.runners.port import HostUnreachable

SMALL_BYTES: Final = 256 << 10
"""A file up to this size travels within a question or an answer: a channel of its own costs a process on the host."""
_TRIES: Final = 3
_AT_ONCE: Final = 1_000
"""Artifacts in one question: a request has a bounded size."""


class RemoteArtifacts:
    """Files of one host; the contents are in ``store``, and a file may have ``limit_bytes``."""

    def __init__(self, home: RemoteHome, store: Artifacts, limit_bytes: int) -> None:
        self._home = home
        self._store = store
        self._limit_bytes = limit_bytes
        self._once = Once(f"artifacts for host {home.name}")

    async def close(self) -> None:
        """End what is under way."""
        await self._once.close()

    async def keep(self, path: str, *, folder: str, roots: tuple[str, ...]) -> Artifact:
        """See the port."""
        asked: dict[str, Any] = {"path": path, "folder": folder, "roots": list(roots), "limit": self._limit_bytes}
        for _ in range(_TRIES):
            found = await self._home.call("measure", inline=SMALL_BYTES, **asked)
            artifact = Artifact(sha256=found["sha256"], name=PurePosixPath(path).name, size=found["size"])
            if await self._store.holds(artifact):
                return artifact
            there = found["content"]
            pieces = self._home.receive("file", **asked) if there is None else _decoded(there)
            if await self._store.take_in(artifact.name, pieces) == artifact:
                return artifact
        raise BadFile(f'"{path}": it changes while it is read')

    async def place(self, artifacts: Iterable[Artifact], folder: str) -> dict[Artifact, str]:
        """See the port."""
        wanted, paths = list(artifacts), dict[Artifact, str]()
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            paths |= dict(zip(some, await self._placed(some, folder), strict=True))
        return paths

    async def _placed(self, artifacts: list[Artifact], folder: str) -> list[str]:
        told = [{"sha256": one.sha256, "name": one.name} for one in artifacts]
        for _ in range(_TRIES):
            found = await self._home.call("place", folder=folder, artifacts=told)
            if "paths" in found:
                return list(found["paths"])
            missing = {one.sha256: one for one in artifacts if one.sha256 in found["missing"]}
            for sha256, one in missing.items():
                await self._once.do(f"send {sha256}", partial(self._send, one))
        raise HostUnreachable(f'host "{self._home.name}" does not keep the artifacts that are sent')

    async def _send(self, artifact: Artifact) -> None:
        if not await self._store.holds(artifact):
            raise NoSuchArtifact(f'the content of "{artifact.name}" ({artifact.sha256[:12]}) is not kept')
        if artifact.size > SMALL_BYTES:
            await self._home.send("put_content", self._store.read(artifact), sha256=artifact.sha256, size=artifact.size)
            return
        content = b"".join([piece async for piece in self._store.read(artifact)])
        await self._home.call("put_small_content", sha256=artifact.sha256, content=b64encode(content).decode())


async def _decoded(content: str) -> AsyncIterator[bytes]:
    yield b64decode(content)
