"""Notices what was pushed to a repository, and which pull requests have come or moved, and records what chains are told of it.

The refs as they were at the last look are in the store, and each movement since then is written there together with what it starts: a
daemon that dies between two steps, or was away while refs moved, finds every movement once, as one from where it saw the ref last.
Who is told decides by what is in force, which a push to a deployed branch may itself have brought: environments are looked at first.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeVar

import structlog

from chainwright.daemon.core.ref_moves import MAX_PATHS, Changes, PullRequest, RefMove
from chainwright.daemon.core.ref_telling import ToldMove, told_push, told_request
from chainwright.daemon.crash_points import reach
from chainwright.daemon.following_ground import Ground
from chainwright.daemon.request_following import changes_of
from chainwright.daemon.sources.refs import Stamp, stamp
from chainwright.daemon.sources.source import Source
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import SeenRef, StoreError

LOOK_TIMEOUT_S: Final = 300.0
"""For one look at all refs, comparisons included."""

_HEAD_OF_REQUEST: Final = re.compile(r"refs/(?:pull|merge-requests)/(?P<number>[0-9]{1,9})/head")

T = TypeVar("T")
log = structlog.get_logger()


class RefFollowing:
    """The refs of one source, followed: a push starts what waits for it."""

    def __init__(self, source: Source, ground: Ground) -> None:
        self._source = source
        self._repository = ground.repository
        self._audience = ground.audience
        self._store = ground.store
        self._left_behind = ground.left_behind
        self._clock = ground.clock
        self._told = ground.told
        self._looking = asyncio.Lock()
        self._unchanged: Stamp | None = None
        self._log = log.bind(repository=source.name)

    async def run(self) -> None:
        """Looks until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._source.poll_s)

    async def look(self) -> None:
        """Compare refs with the last look, once; what could not be read or recorded is found by the next one."""
        async with self._looking:
            try:
                async with asyncio.timeout(LOOK_TIMEOUT_S):
                    await self._look()
            except (SourceError, StoreError, OSError, TimeoutError) as error:
                self._unchanged = None
                self._log.warning("refs cannot be followed now", action="refs.delayed", error=str(error))

    async def _look(self) -> None:
        now, is_settled = await asyncio.to_thread(self._stamped)
        if now == self._unchanged:
            return
        refs = self._ours(await asyncio.to_thread(self._repository.refs))
        seen = await self._store.seen_refs(self._source.name)
        if seen is None:
            first = {ref: SeenRef(commit=commit) for ref, commit in refs.items()}
            await self._store.see_refs(self._source.name, first, self._clock())
        else:
            gone: dict[str, str | None] = dict.fromkeys(self._ours(seen))
            await self._tell(list(_moves(self._source.name, seen, gone | refs)))
        self._unchanged = now if is_settled else None

    def _ours(self, refs: Mapping[str, T]) -> dict[str, T]:
        """Heads of requests are told of by a forge's follower where there is one: it knows their bases, and their ends."""
        if not self._source.has_forge:
            return dict(refs)
        return {ref: one for ref, one in refs.items() if not _HEAD_OF_REQUEST.fullmatch(ref)}

    def _stamped(self) -> tuple[Stamp, bool]:
        return stamp(self._repository.common_folder())

    async def _tell(self, moves: list[RefMove]) -> None:
        if not moves:
            return
        await self._audience.look()
        for move in moves:
            if fault := await self._left_behind.keep(move):
                self._log.warning("a commit may be cleared away", action="refs.unkept", commit=move.before, error=fault)
        told = [await self._told_whom(move) for move in moves]
        reach("refs.before-record")
        now_seen = {move.ref: SeenRef(commit=move.after, moves=move.number) for move in moves}
        await self._store.see_refs(self._source.name, now_seen, self._clock(), [one for one in told if one])
        reach("refs.recorded")
        if any(one and one.told for one in told):
            self._told()

    async def _told_whom(self, move: RefMove) -> ToldMove | None:
        """None for the head of a request that is gone: whether it has ended is not known. Nothing is compared for nobody."""
        if request := _request_of(move, self._audience.default_branch):
            return None if move.after is None else await asyncio.to_thread(self._told_request, move, request)
        changes = await asyncio.to_thread(self._compared, move) if self._audience.awaits_pushes else Changes()
        push = await self._store.push_of(self._source.name, move.head)
        known = replace(changes, actor=push.actor) if push and move.after else changes
        return told_push(move, known, self._audience.of(move.branch), self._clock())

    def _told_request(self, move: RefMove, request: PullRequest) -> ToldMove:
        changes = changes_of(self._repository, move, request) if self._audience.awaits_requests else Changes()
        return told_request(move, changes, request, self._audience.of(request.base), self._clock())

    # what git is asked, in a thread

    def _compared(self, move: RefMove) -> Changes:
        if move.after is None:
            return Changes()
        message = self._repository.message(move.after)
        if move.before is None or move.branch is None:
            return Changes(message=message)
        try:
            paths = self._repository.differing_paths(move.before, move.after)
            is_forced = not self._repository.is_ancestor(move.before, move.after)
        except SourceError:  # what was there before has been cleared away
            return Changes(message=message, is_forced=True)
        return _changes(paths, message, is_forced=is_forced)


def _changes(paths: list[str], message: str, *, is_forced: bool = False) -> Changes:
    are_all = len(paths) <= MAX_PATHS
    return Changes(paths=tuple(paths[:MAX_PATHS]), are_all=are_all, message=message, is_forced=is_forced)


def _moves(repository: str, seen: Mapping[str, SeenRef], refs: Mapping[str, str | None]) -> Iterator[RefMove]:
    for ref, commit in refs.items():
        before = seen.get(ref, SeenRef(commit=None))
        if before.commit != commit:
            yield RefMove(repository=repository, ref=ref, before=before.commit, after=commit, number=before.moves + 1)


def _request_of(move: RefMove, base: str) -> PullRequest | None:
    """The pull request whose head the ref is; that it is for the default branch is all that can be supposed of it."""
    found = _HEAD_OF_REQUEST.fullmatch(move.ref)
    return PullRequest(number=int(found["number"]), base=base) if found else None
