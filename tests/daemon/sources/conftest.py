"""Real git repositories in a temporary folder."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.repositories import WorkingRepository

from chainwright.daemon.sources.repository import Repository


@pytest.fixture
def work(tmp_path: Path) -> WorkingRepository:
    """An empty repository with the branch main."""
    return WorkingRepository(tmp_path / "work")


@pytest.fixture
def open_repository() -> Iterator[Callable[[Path], Repository]]:
    """Opens repositories and closes them after the test."""
    opened: list[Repository] = []

    def open_one(path: Path) -> Repository:
        opened.append(Repository(path))
        return opened[-1]

    yield open_one
    for repository in opened:
        repository.close()


@pytest.fixture
def repository(work: WorkingRepository, open_repository: Callable[[Path], Repository]) -> Repository:
    """The same repository as the daemon has it."""
    return open_repository(work.path)
