"""Questions see one moment, and their errors are the store's."""

import sqlite3
from contextlib import closing

import pytest

from chainwright.daemon.store import connection
from chainwright.daemon.store.port import StoreError
from chainwright.daemon.store.readers import Readers


@pytest.fixture
async def file(tmp_path):
    """A table with a row."""
    with closing(connection.writer(tmp_path / "x.db")) as writing:
        writing.execute("CREATE TABLE t (x INTEGER)")
        writing.execute("INSERT INTO t VALUES (1)")
    return tmp_path / "x.db"


@pytest.fixture
async def readers(file):
    """Readers of it."""
    opened = Readers(file)
    yield opened
    await opened.close()


def count(reading):
    return reading.execute("SELECT count(*) FROM t").fetchone()[0]


async def test_a_question_does_not_see_what_is_written_while_it_is_answered(file, readers):
    def question(reading):
        before = count(reading)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("INSERT INTO t VALUES (2)")
        return before, count(reading)

    assert await readers.ask(question) == (1, 1)
    assert await readers.ask(count) == 2


async def test_a_question_that_fails_leaves_its_connection_usable(readers):
    for _ in range(5):
        with pytest.raises(StoreError, match="no such table"):
            await readers.ask(lambda reading: reading.execute("SELECT * FROM missing"))

    assert await readers.ask(count) == 1
