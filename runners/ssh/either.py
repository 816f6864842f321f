"""The folders of a host that may or may not have Python: durable sessions where it has, bound ones where the operator allows that.

Which kind a session is, its folder says: a bound one has it on this machine. A host that was found without Python is not asked for
it again with every question.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

from chainwright.runners.client import Streams
from chainwright.runners.port import CannotStart
from chainwright.runners.session_files import Found
from chainwright.runners.session_runner import Foreign, Place, Started
from chainwright.runners.ssh.bound import BoundFolders
from chainwright.runners.ssh.folders import HostFolders
from chainwright.runners.ssh.unreached import NoInterpreter
from chainwright.schemas.session import SessionSpec

ASKED_AGAIN_S: Final = 300.0

T = TypeVar("T")


class EitherFolders:
    """``far`` are those on the host; ``near`` those of bound sessions, None where none are allowed."""

    def __init__(
        self, far: HostFolders, near: BoundFolders | None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._far = far
        self._near = near
        self._clock = clock
        self._bare: NoInterpreter | None = None
        self._bare_until = 0.0

    @property
    def patience_s(self) -> float:
        """Of the host."""
        return self._far.patience_s

    def pauses(self) -> Iterator[float]:
        """Of the host."""
        return self._far.pauses()

    async def start(self, spec: SessionSpec, opening: bytes) -> Started:
        """On the host by itself, or bound to its connection."""
        place = await self._of(spec.id)
        if place is None:
            raise CannotStart(str(self._bare))
        return await place.start(spec, opening)

    async def streams(self, session_id: str) -> Streams | None:
        """To the session host, wherever it is."""
        return await (await self._needed(session_id)).streams(session_id)

    async def look(self, session_ids: list[str]) -> list[Found]:
        """In the order that was asked for."""
        bound = [each for each in session_ids if self._near is not None and self._near.has(each)]
        durable = [each for each in session_ids if each not in bound]
        found: dict[str, Found] = {}
        if self._near is not None and bound:
            found |= zip(bound, await self._near.look(bound), strict=True)
        if durable:
            found |= zip(durable, await (await self._needed(durable[0])).look(durable), strict=True)
        return [found[each] for each in session_ids]

    async def ids(self) -> list[str]:
        """Of both."""
        return sorted([*(await self._near.ids() if self._near else []), *await self._durable(lambda far: far.ids())])

    async def unacknowledged(self) -> list[str]:
        """Of both."""
        near = await self._near.unacknowledged() if self._near else []
        return [*near, *await self._durable(lambda far: far.unacknowledged())]

    async def foreign(self) -> list[Foreign]:
        """On the host: what is bound to a connection is with its own daemon."""
        return await self._durable(lambda far: far.foreign())

    async def read(self, session_id: str, file: str, offset: int, limit: int) -> bytes:
        """From wherever it is."""
        return await (await self._needed(session_id)).read(session_id, file, offset, limit)

    async def acknowledge(self, session_id: str) -> None:
        """Wherever it is."""
        await (await self._needed(session_id)).acknowledge(session_id)

    async def end_remains(self, session_id: str) -> None:
        """Wherever they are."""
        await (await self._needed(session_id)).end_remains(session_id)

    async def remove(self, session_id: str) -> bool:
        """Wherever it is."""
        return await (await self._needed(session_id)).remove(session_id)

    async def _needed(self, session_id: str) -> Place:
        place = await self._of(session_id)
        if place is None:
            assert self._bare is not None
            raise self._bare
        return place

    async def _of(self, session_id: str) -> Place | None:
        """Where the session is or would be; None on a host without Python that takes no bound ones."""
        if self._near is not None and self._near.has(session_id):
            return self._near
        return self._near if await self._is_bare() else self._far

    async def _is_bare(self) -> bool:
        if self._clock() < self._bare_until:
            return True
        try:
            await self._far.ready()
        except NoInterpreter as problem:
            self._bare, self._bare_until = problem, self._clock() + ASKED_AGAIN_S
            return True
        return False

    async def _durable(self, ask: Callable[[HostFolders], Awaitable[list[T]]]) -> list[T]:
        return [] if await self._is_bare() else await ask(self._far)
