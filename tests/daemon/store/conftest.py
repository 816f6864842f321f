"""An open store in a file, and the smallest run."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from chainwright.daemon.core.facts import RunRequested, Trigger
from chainwright.daemon.store.sqlite import SqliteStore


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "state" / "state.db"


@pytest.fixture
async def store(path: Path) -> AsyncIterator[SqliteStore]:
    """An open store."""
    opened = SqliteStore(path)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def requested() -> Callable[[int], RunRequested]:
    """A request for a run, by its number."""
    return lambda number: RunRequested(
        at=float(number),
        run_id=f"run-{number:06}",
        number=number,
        organization="default",
        repository="notes",
        environment="main",
        chain="brief",
        commit="c0ffee",
        definition="digest",
        trigger=Trigger(kind="manual", actor="ann"),
    )
