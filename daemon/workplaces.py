"""The folders of runs: where their agents work, and where people look at their event files."""

from contextlib import suppress
from pathlib import Path

from chainwright.daemon.config import Home
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.workspace import Workspaces


class Workplaces:
    """Implements :class:`~chainwright.daemon.engine.ports.Workspaces` below the daemon's home."""

    def __init__(self, home: Home, trees: Workspaces) -> None:
        self._home = home
        self._trees = trees

    async def prepare(self, run_id: str, repository: str, commit: str) -> str:
        """The path of the run's checkout of this commit. Raises OSError, saying what cannot be read."""
        return await self._prepared(self._home.runs / run_id, repository, commit)

    async def prepare_own(self, run_id: str, attempt_id: str, repository: str, commit: str) -> str:
        """``runs/<run>/own/<attempt>/workspace``; raises as :meth:`prepare` does."""
        return await self._prepared(self._own(run_id) / attempt_id, repository, commit)

    async def release(self, run_id: str, commit: str) -> None:
        """A workspace that nobody changed goes to another run: it was what the commit says."""
        own = self._own(run_id)
        for folder in (self._home.runs / run_id, *(own.iterdir() if own.is_dir() else ())):
            await self._trees.release(folder, commit)

    async def _prepared(self, folder: Path, repository: str, commit: str) -> str:
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
