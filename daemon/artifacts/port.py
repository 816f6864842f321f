"""What the engine and the API ask of the place where artifacts are kept."""

from collections.abc import AsyncIterator, Iterable
from typing import Protocol

from chainwright.daemon.core.artifacts import Artifact


class BadFile(Exception):
    """A file cannot become an artifact; the message says which and why, for the author of the agent."""


class NoSuchArtifact(Exception):
    """Its content is not kept here."""


class HostArtifacts(Protocol):
    """Files of one host on their way to and from where artifacts are kept.

    Both raise HostUnreachable, where the host is another machine and gives no answer now.
    """

    async def keep(self, path: str, *, folder: str, roots: tuple[str, ...]) -> Artifact:
        """The artifact of a file as it is now, durable when this returns; keeping it again changes nothing.

        ``path`` counts from ``folder`` and has to lie in one of ``roots``, without a link on the way. Raises :class:`BadFile`, and
        OSError for a disk that is full.
        """

    async def place(self, artifacts: Iterable[Artifact], folder: str) -> dict[Artifact, str]:
        """The path of a copy of each below ``folder``, made unless it is there. Raises :class:`NoSuchArtifact` and OSError."""


class Artifacts(Protocol):
    """Where artifacts are kept, on the daemon's machine."""

    async def take_in(self, name: str, chunks: AsyncIterator[bytes]) -> Artifact:
        """The artifact of bytes that somebody sends, durable when this returns. Raises :class:`BadFile` and OSError."""

    async def holds(self, artifact: Artifact) -> bool:
        """Whether its content is kept."""

    def read(self, artifact: Artifact) -> AsyncIterator[bytes]:
        """Its content in pieces. Raises :class:`NoSuchArtifact` at the first."""
