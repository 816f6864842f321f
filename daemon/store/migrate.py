"""Brings a database up to this version by the numbered files of ``migrations/``, each once and in order.

The checksum of every applied file is kept: a file that was changed after it had been applied would leave two databases of the
same number that differ, so it is an error, as is a database that a newer version has already moved on.
"""

import hashlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chainwright.daemon.store.port import StoreError

SHIPPED: Final = Path(__file__).parent / "migrations"

_FILE: Final = re.compile(r"(?P<number>\d{4})_\w+\.sql")

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS migration (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at REAL NOT NULL
) STRICT
"""
_APPLIED: Final = "SELECT number, name, checksum FROM migration ORDER BY number"
_RECORD: Final = "INSERT INTO migration (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file of ``migrations/``."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: Path = SHIPPED) -> list[Migration]:
    """The folder's migrations, numbered from 1 without a gap. Raises :class:`StoreError` otherwise."""
    found = sorted(path for path in folder.iterdir() if _FILE.fullmatch(path.name))
    read = [Migration(number=int(path.name[:4]), name=path.stem, sql=path.read_text("utf-8")) for path in found]
    if [migration.number for migration in read] != list(range(1, len(read) + 1)):
        raise StoreError(f"the migrations in {folder} are not numbered from 0001 without a gap")
    return read


def migrate(connection: sqlite3.Connection, known: list[Migration], now: float) -> None:
    """Apply what the database has not seen, each in a transaction of its own. Raises :class:`StoreError`, ``sqlite3.Error``."""
    connection.execute(_TABLE)
    applied = connection.execute(_APPLIED).fetchall()
    _verify(applied, {migration.number: migration for migration in known})
    for migration in known[len(applied) :]:
        _apply(connection, migration, now)


def _verify(applied: list[tuple[int, str, str]], known: dict[int, Migration]) -> None:
    for number, name, checksum in applied:
        if number not in known:
            raise StoreError(f"the database was written by a newer version: it has migration {name}, unknown here")
        if known[number].checksum != checksum:
            raise StoreError(f"migration {name} was changed after it had been applied to this database")


def _apply(connection: sqlite3.Connection, migration: Migration, now: float) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in _statements(migration.sql):
            connection.execute(statement)
        connection.execute(_RECORD, (migration.number, migration.name, migration.checksum, now))
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _statements(sql: str) -> Iterator[str]:
    """The single statements: ``executescript`` would commit before the first of them."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement  # an unfinished one: SQLite says what is wrong with it
