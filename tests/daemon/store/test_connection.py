"""How connections are set up."""

import sqlite3
from contextlib import closing

import pytest

from chainwright.daemon.store import connection
from chainwright.daemon.store.port import StoreError


@pytest.fixture
def file(tmp_path):
    """A database with a table."""
    with closing(connection.writer(tmp_path / "x.db")) as writing:
        writing.execute("CREATE TABLE t (x INTEGER)")
    return tmp_path / "x.db"


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("secure_delete", 1),
        ("busy_timeout", connection.BUSY_MS),
    ],
)
def test_the_writer_is_durable_and_strict(file, pragma, value):
    with closing(connection.writer(file)) as writing:
        assert writing.execute(f"PRAGMA {pragma}").fetchone() == (value,)


def test_a_reader_cannot_write(file):
    with closing(connection.reader(file)) as reading, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reading.execute("INSERT INTO t VALUES (1)")


def test_an_sqlite_without_strict_tables_is_refused_with_what_is_needed(monkeypatch, file):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match=r"3\.37\.0 is needed"):
        connection.writer(file)
