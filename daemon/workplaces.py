"""The folders of runs: where their agents work, and where people look at their event files."""

import asyncio
from contextlib import suppress
from pathlib import Path

from chainwright.daemon.config import Home
from chainwright.daemon.core.attempt_ids import branch_of, turn_name
from chainwright.daemon.sources.mirrors import Mirrors
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.daemon.sources.worktrees import Worktrees


class Workplaces:
    """Implements :class:`~chainwright.daemon.engine.ports.Workspaces` below the daemon's home."""

    def __init__(self, home: Home, trees: Workspaces, worktrees: Worktrees, mirrors: Mirrors) -> None:
        self._home = home
        self._trees = trees
        self._worktrees = worktrees
        self._mirrors = mirrors
        self._mirrored: set[str] = set()

    async def prepare(self, run_id: str, repository: str, commit: str) -> str:
        """The path of the run's checkout of this commit. Raises OSError, saying what cannot be read."""
        return await self._prepared(self._home.runs / run_id, repository, commit)

    async def prepare_own(self, run_id: str, attempt_id: str, repository: str, commit: str) -> str:
        """``runs/<run>/own/<attempt>/workspace``; raises as :meth:`prepare` does."""
        return await self._prepared(self._own(run_id) / attempt_id, repository, commit)

    async def prepare_worktree(self, run_id: str, attempt_id: str, repository: str, commit: str, *, anew: bool) -> str:
        """``runs/<run>/worktrees/<turn>``, on the branch of the turn."""
        await self._mirror(commit)
        folder = self._home.runs / run_id / "worktrees" / turn_name(attempt_id)
        if anew:
            try:
                await asyncio.to_thread(self._worktrees.make_anew, folder, branch_of(attempt_id), commit)
            except SourceError as error:
                raise OSError(f"no worktree at {commit[:12]} of {repository}: {error}") from error
        return str(folder)

    async def release(self, run_id: str, commit: str) -> None:
        """A workspace that nobody changed goes to another run: it was what the commit says."""
        own = self._own(run_id)
        for folder in (self._home.runs / run_id, *(own.iterdir() if own.is_dir() else ())):
            await self._trees.release(folder, commit)

    def mirror(self, commit: str) -> str:
        """``cache/mirrors/<commit>.git``."""
        return str(self._mirrors.path(commit))

    async def _mirror(self, commit: str) -> None:
        """Once a commit. A repository that has gone keeps no run from starting: its agents find no history, which they seldom want."""
        if commit not in self._mirrored:
            with suppress(SourceError):
                await asyncio.to_thread(self._mirrors.make_ready, commit)
                self._mirrored.add(commit)

    async def _prepared(self, folder: Path, repository: str, commit: str) -> str:
        await self._mirror(commit)
        _make(folder)
        try:
            return str(await self._trees.prepare(folder, commit))
        except SourceError as error:
            raise OSError(f"no workspace at {commit[:12]} of {repository}: {error}") from error

    def _own(self, run_id: str) -> Path:
        return self._home.runs / run_id / "own"

    def given_files(self, run_id: str, attempt_id: str) -> str:
        """``runs/<run>/artifacts/<attempt>``."""
        return str(self._home.runs / run_id / "artifacts" / attempt_id)

    def link_events(self, run_id: str, attempt_id: str) -> None:
        """``runs/<run>/events/<attempt>`` leads to the attempt's consumed event files."""
        folder = self._home.runs / run_id / "events"
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            (folder / attempt_id).symlink_to(Path("../../..") / self._home.sessions.name / attempt_id / "events/done")


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
