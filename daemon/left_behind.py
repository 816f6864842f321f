"""Commits that a branch has left behind while runs work at them: they get a ref, or git would clear them away one day.

A branch that is forced back or deleted, and the head of a pull request that is rebased, take the only name of such a commit. A retry of
its runs needs it, however much later, so it is kept for as long as they are on record.
"""

import asyncio

from chainwright.daemon.core.ref_moves import RefMove
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import Store


class LeftBehind:
    """Of one repository. Refs are ``refs/chains/kept/<commit>``."""

    def __init__(self, repository: Repository, store: Store) -> None:
        self._repository = repository
        self._store = store

    async def keep(self, move: RefMove) -> str:
        """Keep where the ref led, if a run works there or is about to and the ref leads past it; why it cannot be kept, or nothing.

        Raises StoreError.
        """
        commit = move.before
        if commit is None or not await self._is_worked_on(move.repository, commit):
            return ""
        try:
            await asyncio.to_thread(self._name, commit, move.after)
        except SourceError as error:  # a repository of somebody else's that we may only read
            return str(error)
        return ""

    def _name(self, commit: str, after: str | None) -> None:
        if after is None or not self._repository.is_ancestor(commit, after):
            self._repository.keep(commit)

    async def _is_worked_on(self, repository: str, commit: str) -> bool:
        if await self._store.is_worked_on(repository, commit):
            return True
        return any(_leads_to(one.event, commit) for one in await self._store.open_announcements())


def _leads_to(event: dict[str, object], commit: str) -> bool:
    source = event.get("source")
    return isinstance(source, dict) and source.get("after") == commit
