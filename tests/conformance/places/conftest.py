"""What the conformance suite of places needs of each kind of host: this machine, and one that is reached over a real sshd."""

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from tests.repositories import WorkingRepository

from chainwright.daemon.artifacts.port import HostArtifacts
from chainwright.daemon.artifacts.store import ArtifactStore
from chainwright.daemon.config import Home
from chainwright.daemon.engine.workplaces import Workspaces
from chainwright.daemon.remote.artifacts import RemoteArtifacts
from chainwright.daemon.remote.branches import Branches
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.workplaces import RemoteWorkplaces
from chainwright.daemon.sources.mirrors import Mirrors
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.workspace import Workspaces as Trees
from chainwright.daemon.sources.worktrees import Worktrees
from chainwright.daemon.workplaces import Workplaces
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter

LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Place:
    """A host on which runs can be, with the daemon's half of it."""

    workspaces: Workspaces
    files: HostArtifacts
    store: ArtifactStore
    home: Path
    """The daemon's folder on the host; of every kind it is on this machine, so that tests can look."""
    branches: Path
    """The daemon's repository in which people find the branches of agents."""
    work: WorkingRepository


@pytest.fixture
def work(tmp_path: Path) -> WorkingRepository:
    """A chain repository as its author has it."""
    return WorkingRepository(tmp_path / "work")


@pytest.fixture(params=["local", "ssh"])
async def place(request: pytest.FixtureRequest, tmp_path: Path, work: WorkingRepository) -> AsyncIterator[Place]:
    """A host of each kind. All tests share an sshd, to which each is another daemon."""
    home = Home(tmp_path / "daemon")
    home.cache.mkdir(parents=True)
    repository = Repository(work.path)
    trees = Trees(home.cache, repository, spare=0)
    worktrees = Worktrees(home.cache, lambda: [work.path])
    store = ArtifactStore(home.artifacts, LIMIT_BYTES)
    async with AsyncExitStack() as stack:
        stack.callback(repository.close)
        await trees.open()
        stack.push_async_callback(trees.close)
        await store.open()

        def made(workspaces: Workspaces, files: HostArtifacts, there: Path) -> Place:
            return Place(
                workspaces=workspaces, files=files, store=store, home=there, branches=worktrees.repository, work=work
            )

        if request.param == "local":
            mirrors = Mirrors(home.cache, lambda _: repository.common_folder())
            yield made(Workplaces(home, trees, worktrees, mirrors), store, home.root)
            return
        sshd = request.getfixturevalue("shared_sshd")
        connections = HostConnections("one", sshd.settings(), home=tmp_path, chance=Random(1))
        stack.push_async_callback(connections.close)
        porter = HostPorter(connections, owner=secrets.token_hex(6))
        stack.push_async_callback(porter.close)
        about = await porter.about()
        there = RemoteHome("one", porter)
        places = RemoteWorkplaces(there, trees, lambda _: repository.common_folder(), Branches(there, worktrees))
        files = RemoteArtifacts(there, store, LIMIT_BYTES)
        stack.push_async_callback(places.close)
        stack.push_async_callback(files.close)
        yield made(places, files, Path(about.home))


@pytest.fixture
def content_of() -> Callable[[str], dict[str, str]]:
    """Every file and link below a folder, by path; a program's content begins with ``+x``."""

    def read(folder: str) -> dict[str, str]:
        found = {}
        for path in sorted(Path(folder).rglob("*")):
            if path.is_symlink():
                found[str(path.relative_to(folder))] = f"→ {path.readlink()}"
            elif path.is_file():
                mark = "+x " if path.stat().st_mode & 0o100 else ""
                found[str(path.relative_to(folder))] = mark + path.read_text()
        return found

    return read
