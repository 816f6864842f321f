"""The folders of runs: where their agents work, and where people look at their event files."""

import asyncio
from contextlib import suppress
from pathlib import Path

from chainwright.daemon.config import Home
from chainwright.daemon.core.attempt_ids import branch_of, parsed, turn_name
from chainwright.daemon.engine.workplaces import Workplace
from chainwright.daemon.sources.mirrors import Mirrors
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.daemon.sources.worktrees import Worktrees
from chainwright.runners.host_files import link_events


class Workplaces:
    """Implements :class:`~chainwright.daemon.engine.ports.Workspaces` below the daemon's home."""

    def __init__(self, home: Home, trees: Workspaces, worktrees: Worktrees, mirrors: Mirrors) -> None:
        self._home = home
        self._trees = trees
        self._worktrees = worktrees
        self._mirrors = mirrors
        self._mirrored: set[str] = set()

    async def prepare(self, run_id: str, repository: str, commit: str) -> Workplace:
        """``runs/<run>/workspace``. Raises OSError, saying what cannot be read."""
        return await self._prepared(run_id, self._home.runs / run_id, repository, commit)

    async def prepare_own(self, run_id: str, attempt_id: str, repository: str, commit: str) -> Workplace:
        """``runs/<run>/own/<attempt>/workspace``; raises as :meth:`prepare` does."""
        return await self._prepared(run_id, self._own(run_id) / attempt_id, repository, commit)

    async def prepare_worktree(
        self, run_id: str, attempt_id: str, repository: str, commit: str, *, anew: bool
    ) -> Workplace:
        """``runs/<run>/worktrees/<turn>``, on the branch of the turn."""
        await self._mirror(commit)
        folder = self._home.runs / run_id / "worktrees" / turn_name(attempt_id)
        if anew:
            try:
                await asyncio.to_thread(
                    self._worktrees.make_anew, folder, branch_of(attempt_id), commit, parsed(attempt_id).attempt
                )
            except SourceError as error:
                raise OSError(f"no worktree at {commit[:12]} of {repository}: {error}") from error
        return self._place(run_id, str(folder), commit)

    async def release(self, run_id: str, commit: str) -> None:
        """A workspace that nobody changed goes to another run: it was what the commit says."""
        own = self._own(run_id)
        for folder in (self._home.runs / run_id, *(own.iterdir() if own.is_dir() else ())):
            await self._trees.release(folder, commit)

    async def _mirror(self, commit: str) -> None:
        """Once a commit. A repository that has gone keeps no run from starting: its agents find no history, which they seldom want."""
        if commit not in self._mirrored:
            with suppress(SourceError):
                await asyncio.to_thread(self._mirrors.make_ready, commit)
                self._mirrored.add(commit)

    async def _prepared(self, run_id: str, folder: Path, repository: str, commit: str) -> Workplace:
        await self._mirror(commit)
        _make(folder)
        try:
            workspace = await self._trees.prepare(folder, commit)
        except SourceError as error:
            raise OSError(f"no workspace at {commit[:12]} of {repository}: {error}") from error
        return self._place(run_id, str(workspace), commit)

    def _place(self, run_id: str, workspace: str, commit: str) -> Workplace:
        given_root = str(self._home.runs / run_id / "artifacts")
        return Workplace(folder=workspace, repository=str(self._mirrors.path(commit)), given_root=given_root)

    def _own(self, run_id: str) -> Path:
        return self._home.runs / run_id / "own"

    async def link_events(self, run_id: str, attempt_id: str) -> None:
        """``runs/<run>/events/<attempt>`` leads to the attempt's consumed event files."""
        with suppress(OSError):  # people find them in the session's folder too
            link_events(str(self._home.root), run_id, attempt_id)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
