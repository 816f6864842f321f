"""Follows the open pull requests of a forge: one whose head, base or reviews are others is planned anew, and the forge is told.

Reads the mirror of its repository, which is asked to fetch first; the forge's answers only say what to look at.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.forges.letters import letters_of
from chainwright.daemon.forges.port import Answer, Forge, Pull
from chainwright.daemon.forges.telling import Telling
from chainwright.daemon.outbox import Later, Never
from chainwright.daemon.reconciler import Followed
from chainwright.daemon.sources.fetched import paused
from chainwright.daemon.sources.push import branches
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.review import Target, plans_of
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import PlannedPull, Store, StoreError

MOST_PULLS: Final = 500
"""Open ones that are followed, the newest."""
MOST_UNREAD: Final = 5
"""That are named in one sentence."""

log = structlog.get_logger()


class ForgeFollowing:
    """One forge. ``problem`` says in a sentence what keeps it from being followed now; empty while nothing does."""

    def __init__(self, followed: Followed, forge: Forge, store: Store, clock: Clock) -> None:
        self.name = followed.source.name
        self.problem = ""
        self._mirror = followed.fetched
        self._source = followed.source
        self._telling = Telling(followed.requests, forge)
        self._forge = forge
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Follows until it is cancelled."""
        assert self._mirror is not None
        hinted = self._mirror.listen()
        while True:
            hinted.clear()
            asked_s = await self._looked_s()
            await asyncio.sleep(asked_s)  # a forge that asks to be left alone is, whoever hints
            await paused(max(self._source.fetch_s - asked_s, 0.0), hinted)

    async def _looked_s(self) -> float:
        """Look once; how long the forge asks to be left alone."""
        try:
            await self.look()
            self.problem = ""
        except (Later, Never, SourceError, StoreError) as error:
            self.problem = str(error)
            log.warning("a forge cannot be followed now", action="forge.waits", forge=self.name, error=str(error))
            return getattr(error, "after_s", None) or 0.0
        return 0.0

    async def look(self) -> None:
        """Plan what is new, and tell chains. Raises Later, Never, SourceError, StoreError."""
        every = await self._forge.pulls()
        pulls = sorted(every, key=lambda one: -one.number)[:MOST_PULLS]
        seen = await self._store.seen_pulls(self.name)
        if pulls and self._mirror is not None:
            await self._mirror.fetch()
        unread = await self._telling.tell(every)
        for pull in pulls:
            try:
                await self._look_at(pull, seen.get(pull.number, ""))
            except (
                SourceError,
                Never,
            ) as error:  # one that cannot be read, on purpose or not, keeps nobody else waiting
                unread.append(f"pull request {pull.number} cannot be read: {error}")
        await self._store.forget_pulls(self.name, tuple(one.number for one in pulls))
        if unread:
            raise SourceError("; ".join(unread[:MOST_UNREAD]))

    async def _look_at(self, pull: Pull, seen: str) -> None:
        answers = await self._forge.answers(pull)
        made_from, plans = await asyncio.to_thread(self._planned, pull, answers, seen)
        if not plans:
            return
        letters = letters_of(self.name, pull, plans, answers, self._clock())
        planned = PlannedPull(forge=self.name, number=pull.number, seen=made_from, letters=letters)
        await self._store.plan_pull(planned)
        log.info("a pull request was planned", action="forge.planned", forge=self.name, number=pull.number)

    def _planned(self, pull: Pull, answers: Sequence[Answer], seen: str) -> tuple[str, Mapping[str, Plan]]:
        """What it is made from now, and the plans, unless that is what was seen."""
        repository = Repository(self._source.path, signers=self._source.signers)
        try:
            base = repository.head(pull.base)
            said = [(one.actor, one.agrees) for one in answers]
            told = json.dumps([pull.head, base, pull.author, said])
            made_from = hashlib.sha256(told.encode()).hexdigest()
            if made_from == seen:
                return made_from, {}
            around = branches(self._source.environments, repository).get(f"refs/heads/{pull.base}", ())
            target = Target(branch=pull.base, environments=around, now=self._clock())
            return made_from, plans_of(repository, base, pull.head, target)
        finally:
            repository.close()
