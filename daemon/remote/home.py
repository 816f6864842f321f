"""The daemon's folder on one host, through the porter there, and what a refusal of the porter means to whoever asked.

A refusal that nobody expects is told as an unreachable host: the session is asked for again, and no run ends for a mistake in between.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

from chainwright.daemon.artifacts.port import BadFile
from chainwright.runners.port import CannotStart, HostUnreachable, RunnerError
from chainwright.runners.ssh.porter_client import About, Porter
from chainwright.runners.ssh.unreached import PorterRefused

COPY_WITHIN_S: Final = 300.0
"""For what takes as long as a large tree or file is: it is copied or read there, and sent nowhere."""

_MEANING: Final[dict[str, type[Exception]]] = {
    "tree-refused": OSError,
    "git-failed": OSError,
    "system": OSError,
    "too-large": OSError,
    "mistake": OSError,
    "no-git": CannotStart,
    "bad-file": BadFile,
    "cut-short": HostUnreachable,
}


class AskedPorter(Porter, Protocol):
    """A porter that also says what its host is."""

    async def about(self) -> About:
        """The same value until the porter was started again. Raises as everything does."""


class RemoteHome:
    """One host, whose ``name`` is in every message.

    Every method raises HostUnreachable when nothing is known now, and CannotStart, OSError and BadFile as the operation has it.
    """

    def __init__(self, name: str, porter: AskedPorter) -> None:
        self.name = name
        self._porter = porter

    async def about(self) -> About:
        """What the host is; another value each time when something of it may have changed."""
        with self._understood():
            return await self._porter.about()

    async def call(self, operation: str, *, within_s: float = COPY_WITHIN_S, **arguments: Any) -> Any:
        """The answer of an operation of ``runners.host_contents``."""
        with self._understood():
            return await self._porter.call(operation, within_s=within_s, home=await self._folder(), **arguments)

    async def send(self, operation: str, chunks: AsyncIterator[bytes], **arguments: Any) -> Any:
        """The same of one that takes something large. Raises whatever the chunks raise, too."""
        with self._understood():
            return await self._porter.send(
                operation, chunks, within_s=COPY_WITHIN_S, home=await self._folder(), **arguments
            )

    async def receive(self, operation: str, **arguments: Any) -> AsyncIterator[bytes]:
        """The pieces of something large."""
        with self._understood():
            async for piece in self._porter.receive(operation, home=await self._folder(), **arguments):
                yield piece

    async def _folder(self) -> str:
        return (await self._porter.about()).home

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except PorterRefused as refused:
            raise self._meaning(refused) from refused
        except (HostUnreachable, CannotStart):
            raise
        except RunnerError as error:
            raise HostUnreachable(str(error)) from error

    def _meaning(self, refused: PorterRefused) -> Exception:
        meaning = _MEANING.get(refused.kind, HostUnreachable)
        return meaning(refused.detail if meaning is BadFile else f'host "{self.name}": {refused.detail}')
