"""Statements of many rows: any number, in order, with what SQLite counts."""

import sqlite3
from contextlib import closing

import pytest

from chainwright.daemon.store.bulk import insert, update

INSERT = insert("t", "id value")
UPDATE = update("t", "id new_value", 1, "value = new.new_value", "value <> 'kept'")


@pytest.fixture
def connection():
    """A table."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.execute("CREATE TABLE t (id INTEGER, value TEXT)")
        yield opened


@pytest.mark.parametrize("count", [0, 1, 2, 3, 127, 128, 129, 300])
def test_any_number_of_rows_is_written_in_order(connection, count):
    rows = [(number, f"v{number}") for number in range(count)]

    assert INSERT.execute(connection, rows) == count
    assert connection.execute("SELECT id, value FROM t ORDER BY rowid").fetchall() == rows


def test_only_the_rows_that_were_changed_are_counted(connection):
    INSERT.execute(connection, [(1, "a"), (2, "kept"), (3, "c")])

    assert UPDATE.execute(connection, [(1, "x"), (2, "x"), (9, "x")]) == 1
    assert connection.execute("SELECT value FROM t ORDER BY id").fetchall() == [("x",), ("kept",), ("c",)]
