"""Where agents work on a host: implements the engine's :class:`Workspaces` there.

A host is asked for a workplace first and answers what it lacks for one; the tree of a commit, and its history, are sent then, once however
many runs wait for them, and the host is asked again. So a run on a host that knows its commit costs one question.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from chainwright.daemon.core.attempt_ids import branch_of, parsed, turn_name
from chainwright.daemon.engine.workplaces import Workplace
from chainwright.daemon.remote.branches import Branches
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.tree_stream import tree_stream
from chainwright.daemon.sources.once import Once
from chainwright.daemon.sources.packs import ends, known, packed
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.runners.port import HostUnreachable, RunnerError

_QUESTIONS: Final = 3
"""What is sent may be cleared away before it is asked for again; more than once is no accident."""

log = structlog.get_logger()


class RemoteWorkplaces:
    """Workplaces on one host; ``common_folder`` gives git's own folder of a repository that has a commit, or raises SourceError."""

    def __init__(
        self, home: RemoteHome, trees: Workspaces, common_folder: Callable[[str], Path], branches: Branches
    ) -> None:
        self._home = home
        self._trees = trees
        self._common_folder = common_folder
        self._branches = branches
        self._once = Once(f"host {home.name}")
        self._without_history: set[str] = set()
        """Commits whose history cannot be had: agents find none, which they seldom want."""

    async def close(self) -> None:
        """End what is under way."""
        await self._once.close()

    async def prepare(self, run_id: str, repository: str, commit: str) -> Workplace:
        """``runs/<run>/workspace`` there."""
        return await self._workspace(run_id, None, repository, commit)

    async def prepare_own(self, run_id: str, attempt_id: str, repository: str, commit: str) -> Workplace:
        """``runs/<run>/own/<attempt>/workspace`` there."""
        return await self._workspace(run_id, attempt_id, repository, commit)

    async def prepare_worktree(
        self, run_id: str, attempt_id: str, repository: str, commit: str, *, anew: bool
    ) -> Workplace:
        """``runs/<run>/worktrees/<turn>`` there. Raises CannotStart where git is missing."""
        asked: dict[str, Any] = {
            "run": run_id,
            "turn": turn_name(attempt_id),
            "branch": branch_of(attempt_id),
            "attempt": parsed(attempt_id).attempt,
            "commit": commit,
            "anew": anew,
        }
        for _ in range(_QUESTIONS):
            found = await self._home.call("worktree", **asked)
            if not found["missing"]:
                return _place(found)
            try:
                await self._send_history(commit, found["tips"])
            except SourceError as error:
                raise OSError(f"no worktree at {commit[:12]} of {repository}: {error}") from error
        raise self._forgets(commit)

    async def release(self, run_id: str, commit: str) -> None:
        """Its branches are brought here, and what is as the commit says is removed there."""
        await self._tried("branches stay there", self._branches.bring(run_id))
        await self._tried("a run is not tidied up", self._home.call("release", run=run_id, commit=commit))

    async def catch_up(self) -> None:
        """Bring the branches of runs that ended while there was no daemon, or no answer from the host."""
        await self._tried("branches stay there", self._branches.bring(None))

    async def link_events(self, run_id: str, attempt_id: str) -> None:
        """``runs/<run>/events/<attempt>`` there."""
        with suppress(OSError, RunnerError):
            await self._home.call("link_events", run=run_id, attempt=attempt_id)

    async def _tried(self, otherwise: str, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except (OSError, RunnerError) as error:
            log.warning(otherwise, action="host.left", host=self._home.name, error=str(error))

    async def _workspace(self, run_id: str, attempt_id: str | None, repository: str, commit: str) -> Workplace:
        asked: dict[str, Any] = {"run": run_id, "attempt": attempt_id, "commit": commit}
        for _ in range(_QUESTIONS):
            history = commit not in self._without_history
            found = await self._home.call("workspace", history=history, **asked)
            if not found["missing"]:
                return _place(found)
            await self._send(found["missing"], found["tips"], repository, commit)
        raise self._forgets(commit)

    async def _send(self, missing: list[str], tips: list[str], repository: str, commit: str) -> None:
        if "tree" in missing:
            try:
                await self._once.do(f"send the tree {commit}", lambda: self._tree(commit))
            except SourceError as error:
                raise OSError(f"no workspace at {commit[:12]} of {repository}: {error}") from error
        if "commit" in missing:
            try:
                await self._send_history(commit, tips)
            except (SourceError, OSError) as error:
                self._without_history.add(commit)
                log.warning(
                    "a host has no history",
                    action="host.no-history",
                    host=self._home.name,
                    commit=commit,
                    error=str(error),
                )

    async def _tree(self, commit: str) -> None:
        root, checkout = await self._trees.tree(commit)
        await self._home.send("put_tree", tree_stream(root, checkout), commit=commit)

    async def _send_history(self, commit: str, tips: list[str]) -> None:
        await self._once.do(f"send the history {commit}", lambda: self._history(commit, tips))

    async def _history(self, commit: str, tips: list[str]) -> None:
        source = await asyncio.to_thread(self._common_folder, commit)
        had = await asyncio.to_thread(known, source, tips)
        cut = await asyncio.to_thread(ends, source)
        await self._home.send("put_commit", packed(source, [commit], had), commit=commit, shallow=cut)

    def _forgets(self, commit: str) -> HostUnreachable:
        return HostUnreachable(f'host "{self._home.name}" does not keep what is sent of {commit[:12]}')


def _place(found: dict[str, Any]) -> Workplace:
    return Workplace(folder=found["folder"], repository=found["repository"], given_root=found["given_root"])
