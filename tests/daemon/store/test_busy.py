"""Another process holds the database: writes wait for it, and say so when it takes too long."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from chainwright.daemon.store import connection
from chainwright.daemon.store.port import StoreBusy
from chainwright.daemon.store.sqlite import SqliteStore


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(connection, "_EVERY", connection._EVERY.replace(str(connection.BUSY_MS), "50"))


@pytest.fixture
def holder(path, store) -> Iterator[sqlite3.Connection]:
    """Somebody's shell on the database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as shell:
        yield shell


async def test_a_write_that_waited_too_long_is_told_so_and_can_be_made_again(store: SqliteStore, holder, requested):
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="another process holds"):
        await store.create_run(requested(1), [(1.0, requested(1))])
    holder.execute("ROLLBACK")

    assert await store.create_run(requested(1), [(1.0, requested(1))]) == requested(1).run_id


async def test_a_reader_holds_nobody_up(store: SqliteStore, holder, requested):
    holder.execute("BEGIN")
    holder.execute("SELECT * FROM run").fetchall()

    assert await store.create_run(requested(1), [(1.0, requested(1))])
