"""The adapters that must keep the port's promises, and runs to try them with. Another adapter joins by a line in ``ADAPTERS``."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact, RunRequested, Trigger
from chainwright.daemon.store.port import Append, Store
from chainwright.daemon.store.sqlite import SqliteStore

ADAPTERS: dict[str, Callable[[Path], Store]] = {
    "sqlite": lambda folder: SqliteStore(folder / "state.db"),
}

Request = Callable[..., RunRequested]


class Database:
    """One database, and the daemons that open it one after the other."""

    def __init__(self, make: Callable[[], Store]) -> None:
        self._make = make
        self._store: Store | None = None

    async def open(self) -> Store:
        """As the next daemon would: the one before has let go."""
        await self.close()
        self._store = self._make()
        await self._store.open()
        return self._store

    async def close(self) -> None:
        if self._store:
            await self._store.close()
            self._store = None


@pytest.fixture(params=ADAPTERS)
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty database."""
    found = Database(lambda: ADAPTERS[request.param](tmp_path))
    yield found
    await found.close()


@pytest.fixture
async def store(database: Database) -> Store:
    """An open store on an empty database."""
    return await database.open()


@pytest.fixture
def requested() -> Request:
    """A request for a run, by its number; ids sort by it."""

    def request(number: int, **changed: Any) -> RunRequested:
        fields: dict[str, Any] = {
            "at": float(number),
            "run_id": f"run-{number:06}",
            "number": number,
            "organization": "default",
            "repository": "notes",
            "environment": "main",
            "chain": "brief",
            "commit": "c0ffee",
            "definition": "digest",
            "trigger": Trigger(kind="manual", actor="ann"),
        }
        return RunRequested(**fields | changed)

    return request


@pytest.fixture
def begun(store: Store, requested: Request) -> Callable[..., Any]:
    """Create run 1 with these entries after the request, a second apart; its id."""

    async def begin(*entries: Fact | Decision, **changed: Any) -> str:
        request = requested(1, **changed)
        timed = [(1.0 + second, entry) for second, entry in enumerate([request, *entries])]
        return await store.create_run(request, timed)

    return begin


@pytest.fixture
def append(store: Store) -> Callable[..., Any]:
    """Append entries to a run, all at second 100."""

    async def add(run_id: str, *entries: Fact | Decision, **fields: Any) -> None:
        timed = [(100.0, entry) for entry in entries]
        await store.append(Append(run_id=run_id, entries=timed, **{"epoch": store.epoch} | fields))

    return add
