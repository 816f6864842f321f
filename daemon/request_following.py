"""Tells chains of pull requests and change requests: that one has come, has another head, has ended, is open again.

Somebody who knows more of them than the name of a ref says how each is now: a forge's follower, or the reviews of hosted repositories.
What chains were told last is in the store, and what they are told now is written there with it: however often the same is said, and
whoever dies in between, it is told once.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog

from chainwright.daemon.core.ref_moves import MAX_PATHS, Changes, PullRequest, RefMove
from chainwright.daemon.core.ref_telling import ToldMove, told_request
from chainwright.daemon.crash_points import reach
from chainwright.daemon.following_ground import Ground
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import SeenRef

log = structlog.get_logger()

_PLACE: Final = "{}/requests"
"""Under which the store keeps what was told of a repository's requests: no repository can be called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """How a request is now. ``head`` is None for one that has ended."""

    about: PullRequest
    ref: str
    head: str | None
    actor: str | None = None


class RequestFollowing:
    """The requests of one repository."""

    def __init__(self, name: str, ground: Ground) -> None:
        self._name = name
        self._repository = ground.repository
        self._audience = ground.audience
        self._store = ground.store
        self._left_behind = ground.left_behind
        self._clock = ground.clock
        self._told = ground.told
        self._telling = asyncio.Lock()

    async def known(self) -> dict[str, str | None] | None:
        """The head of each as chains know it, by its ref, None for one that has ended; None before anything was said. Raises StoreError."""
        seen = await self._seen()
        return None if seen is None else {ref: one.commit for ref, one in seen.items()}

    async def begin(self, heads: Mapping[str, str]) -> None:
        """These have been there before anybody looked: nobody is told of them. Raises StoreError."""
        seen = {ref: SeenRef(commit=head) for ref, head in heads.items()}
        await self._store.see_refs(_PLACE.format(self._name), seen, self._clock())

    async def forget(self, ref: str) -> None:
        """Nobody knows any more how this one is, and nobody is told. Raises StoreError."""
        async with self._telling:
            seen = (await self._seen() or {}).get(ref, SeenRef(commit=None))
            gone = {ref: replace(seen, commit=None, moves=seen.moves + 1)}
            await self._store.see_refs(_PLACE.format(self._name), gone, self._clock())

    async def is_now(self, request: Request) -> None:
        """Tell whoever waits for it, unless they know. Raises SourceError for a head that is not here, and StoreError."""
        async with self._telling:
            seen = (await self._seen() or {}).get(request.ref, SeenRef(commit=None))
            if seen.commit == request.head:
                return
            move = RefMove(
                repository=self._name,
                ref=request.ref,
                before=seen.commit,
                after=request.head,
                number=seen.moves + 1,
            )
            if fault := await self._left_behind.keep(move):
                log.warning("a commit may be cleared away", action="request.unkept", commit=move.before, error=fault)
            told = await asyncio.to_thread(self._told_whom, move, request)
            now_seen = {request.ref: SeenRef(commit=request.head, moves=move.number)}
            reach("request.before-record")
            await self._store.see_refs(_PLACE.format(self._name), now_seen, self._clock(), [told])
            reach("request.recorded")
        if told.told:
            self._told()

    async def _seen(self) -> dict[str, SeenRef] | None:
        return await self._store.seen_refs(_PLACE.format(self._name))

    def _told_whom(self, move: RefMove, request: Request) -> ToldMove:
        """Nothing is compared for nobody."""
        changes = changes_of(self._repository, move, request.about) if self._audience.awaits_requests else Changes()
        known = replace(changes, actor=request.actor)
        return told_request(move, known, request.about, self._audience.of(request.about.base), self._clock())


def changes_of(repository: Repository, move: RefMove, request: PullRequest) -> Changes:
    """What a request brings since it left its base. Asks git. Raises SourceError when its head is not here."""
    head = move.head
    message = repository.message(head)
    try:
        start = repository.merge_base(repository.head(request.base), head)
    except SourceError:  # a base that is not here
        start = None
    if start is None or start == head:  # or one that has it all by now
        return Changes(message=message)
    paths = repository.differing_paths(start, head)
    return Changes(paths=tuple(paths[:MAX_PATHS]), are_all=len(paths) <= MAX_PATHS, message=message)
