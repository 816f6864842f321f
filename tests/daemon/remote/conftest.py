"""A host whose porter is asked without a connection, and the daemon's half of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.direct_porter import DirectPorter
from tests.repositories import WorkingRepository

from chainwright.daemon.artifacts.store import ArtifactStore
from chainwright.daemon.remote.artifacts import RemoteArtifacts
from chainwright.daemon.remote.branches import Branches
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.workplaces import RemoteWorkplaces
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.daemon.sources.worktrees import Worktrees


@pytest.fixture
def work(tmp_path: Path) -> WorkingRepository:
    """A chain repository as its author has it."""
    return WorkingRepository(tmp_path / "work")


@pytest.fixture
def porter(tmp_path: Path) -> DirectPorter:
    """Of the host."""
    return DirectPorter(tmp_path / "host")


@pytest.fixture
def home(porter: DirectPorter) -> RemoteHome:
    """The host's name is one."""
    return RemoteHome("one", porter)


@pytest.fixture
def worktrees(tmp_path: Path, work: WorkingRepository) -> Worktrees:
    """The daemon's own."""
    (tmp_path / "cache").mkdir()
    return Worktrees(tmp_path / "cache", lambda: [work.path])


@pytest.fixture
async def trees(tmp_path: Path, work: WorkingRepository, worktrees: Worktrees) -> AsyncIterator[Workspaces]:
    """The daemon's cache of trees."""
    repository = Repository(work.path)
    opened = Workspaces(tmp_path / "cache", repository, spare=0)
    await opened.open()
    yield opened
    await opened.close()
    repository.close()


@pytest.fixture
async def places(
    home: RemoteHome, trees: Workspaces, work: WorkingRepository, worktrees: Worktrees
) -> AsyncIterator[RemoteWorkplaces]:
    """Where agents work on the host."""
    made = RemoteWorkplaces(home, trees, lambda _: work.path / ".git", Branches(home, worktrees))
    yield made
    await made.close()


@pytest.fixture
async def store(tmp_path: Path) -> ArtifactStore:
    """The daemon's."""
    opened = ArtifactStore(tmp_path / "artifacts", limit_bytes=10_000)
    await opened.open()
    return opened


@pytest.fixture
async def files(home: RemoteHome, store: ArtifactStore) -> AsyncIterator[RemoteArtifacts]:
    """Files of the host."""
    made = RemoteArtifacts(home, store, 10_000)
    yield made
    await made.close()
