"""Notices that the watched branch has moved, that the repository has gone, and that it is back.

A reconciler: it compares what is with what it has told, once a second and whenever somebody hints that now would be a good time. An
event that was missed is so made good within a second, and nothing depends on any hook being installed.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.trees import SourceError

INTERVAL_S: Final = 1.0
ANSWER_TIMEOUT_S: Final = 30.0
"""After which a repository that does not answer (a network file system) counts as gone."""


class Watcher:
    """Watches one branch; without a name, the current branch of HEAD.

    ``on_commit`` gets each new commit once, whatever comes of it, unless it answers False: not now, tell me again. ``on_gone`` a sentence, once per disappearance (a branch without a
    commit counts as one), and ``on_back`` follows when there is an answer again. Each is awaited before the next look.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        on_commit: Callable[[str], Awaitable[bool]],
        on_gone: Callable[[str], Awaitable[None]],
        on_back: Callable[[], Awaitable[None]],
        branch: str | None = None,
        known: str | None = None,
        interval_s: float = INTERVAL_S,
    ) -> None:
        """``known`` is the commit that was told last, before a restart."""
        self._repository = repository
        self._branch = branch
        self._on_commit = on_commit
        self._on_gone = on_gone
        self._on_back = on_back
        self._told = known
        self._is_gone = False
        self._interval_s = interval_s
        self._hinted = asyncio.Event()
        self._looking = asyncio.Lock()
        self._asked: asyncio.Task[str] | None = None

    def hint(self) -> None:
        """Look now."""
        self._hinted.set()

    def forget(self) -> None:
        """Tell the commit again, even if it was told before."""
        self._told = None

    async def run(self) -> None:
        """Watches until it is cancelled. An error of a callback ends it: there is nobody here to mend that."""
        while True:
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._interval_s):
                    await self._hinted.wait()
            self._hinted.clear()

    async def look(self) -> None:
        """Compares once and tells what is new; a look that is under way is waited for, so that its callbacks have returned."""
        async with self._looking:
            await self._look()

    async def _look(self) -> None:
        try:
            commit = await self._head()
        except SourceError as error:
            await self._gone(str(error))
        except TimeoutError:
            await self._gone(f"{self._repository.path} did not answer within {ANSWER_TIMEOUT_S:.0f} s")
        else:
            await self._there(commit)

    async def _head(self) -> str:
        """The tip of the branch; raises TimeoutError, and then waits for the same answer again the next time.

        Asking anew would put one more thread to sleep each second.
        """
        if self._asked is None:
            asking = asyncio.to_thread(self._repository.head, self._branch)
            self._asked = asyncio.create_task(asking, name="watcher: ask the repository")
        try:
            # Not wait_for: on Python 3.11 it forgets a cancellation that comes together with the answer, and we would watch for ever.
            async with asyncio.timeout(ANSWER_TIMEOUT_S):
                return await asyncio.shield(self._asked)
        finally:
            if self._asked.done():
                self._asked = None

    async def _gone(self, why: str) -> None:
        if not self._is_gone:
            self._is_gone = True
            await self._on_gone(why)

    async def _there(self, commit: str) -> None:
        if self._is_gone:
            self._is_gone = False
            await self._on_back()
        if commit != self._told:
            before, self._told = (
                self._told,
                commit,
            )  # before the callback: a commit that breaks it is not tried for ever
            if not await self._on_commit(commit):
                self._told = before
