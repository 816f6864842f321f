"""Migrations: each once, in order, whole or not at all, and never changed afterwards."""

import sqlite3
from contextlib import closing

import pytest

from chainwright.daemon.store.migrate import SHIPPED, migrate, migrations
from chainwright.daemon.store.port import StoreError

FIRST = "CREATE TABLE a (x INTEGER);\nINSERT INTO a VALUES (1);\n"
SECOND = "ALTER TABLE a ADD COLUMN y TEXT DEFAULT ';';\n-- the end\n"


@pytest.fixture
def folder(tmp_path):
    """Two migrations."""
    (tmp_path / "0001_first.sql").write_text(FIRST)
    (tmp_path / "0002_second.sql").write_text(SECOND)
    (tmp_path / "README.md").write_text("not one")
    return tmp_path


@pytest.fixture
def connection():
    """An empty database."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def applied(connection):
    return connection.execute("SELECT number, name, applied_at FROM migration ORDER BY number").fetchall()


def test_what_is_missing_is_applied_in_order_and_once(connection, folder):
    for now in (1.0, 2.0):
        migrate(connection, migrations(folder), now)

    assert applied(connection) == [(1, "0001_first", 1.0), (2, "0002_second", 1.0)]
    assert connection.execute("SELECT x, y FROM a").fetchall() == [(1, ";")]


def test_a_new_migration_is_applied_to_an_old_database(connection, folder):
    migrate(connection, migrations(folder)[:1], 1.0)
    migrate(connection, migrations(folder), 2.0)

    assert applied(connection) == [(1, "0001_first", 1.0), (2, "0002_second", 2.0)]


def test_a_changed_migration_is_an_error_that_names_it(connection, folder):
    migrate(connection, migrations(folder), 1.0)
    (folder / "0001_first.sql").write_text(FIRST + "-- a remark\n")
    with pytest.raises(StoreError, match="0001_first was changed"):
        migrate(connection, migrations(folder), 2.0)


def test_a_database_of_a_newer_version_is_refused(connection, folder):
    migrate(connection, migrations(folder), 1.0)
    with pytest.raises(StoreError, match="newer version: it has migration 0002_second"):
        migrate(connection, migrations(folder)[:1], 2.0)


def test_a_migration_that_fails_leaves_nothing_behind(connection, folder):
    (folder / "0002_second.sql").write_text("CREATE TABLE b (x);\nINSERT INTO missing VALUES (1);\n")
    with pytest.raises(sqlite3.OperationalError, match="missing"):
        migrate(connection, migrations(folder), 1.0)

    assert applied(connection) == [(1, "0001_first", 1.0)]
    assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'b'").fetchone() == (0,)


def test_an_unfinished_statement_is_not_passed_over(connection, folder):
    (folder / "0002_second.sql").write_text("CREATE TABLE b (x")
    with pytest.raises(sqlite3.OperationalError, match="incomplete"):
        migrate(connection, migrations(folder), 1.0)


def test_a_gap_in_the_numbers_is_an_error(folder):
    (folder / "0004_fourth.sql").write_text("SELECT 1;")
    with pytest.raises(StoreError, match="without a gap"):
        migrations(folder)


def test_the_shipped_ones_are_read():
    assert [migration.name for migration in migrations(SHIPPED)][:1] == ["0001_initial"]
