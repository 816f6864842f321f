"""Yesterday's database opens for ever, and says what it said then: more may be known by now, nothing else."""

import gzip
import json
import runpy
from pathlib import Path

import pytest

from chainwright.daemon.store.migrate import migrations
from chainwright.daemon.store.sqlite import SqliteStore

HERE = Path(__file__).parent
DATABASES = sorted((HERE / "stores").glob("*.db.gz"))


def still_says(now, then):
    """``now`` without what ``then`` did not know."""
    match then, now:
        case dict(), dict():
            return {key: still_says(now.get(key), value) for key, value in then.items()}
        case list(), list() if len(then) == len(now):
            return [still_says(*pair) for pair in zip(now, then, strict=True)]
        case _:
            return now


@pytest.mark.parametrize("file", DATABASES, ids=lambda file: file.name.partition(".")[0])
async def test_a_database_of_an_earlier_version_opens_and_says_the_same(file, tmp_path):
    path = tmp_path / "state.db"
    path.write_bytes(gzip.decompress(file.read_bytes()))
    expected = json.loads((HERE / "stores" / file.name.replace(".db.gz", ".json")).read_text())
    store = SqliteStore(path)
    await store.open()
    try:
        now = await runpy.run_path(str(HERE / "make_store.py"))["answers"](store)

        assert still_says(now, expected) == expected
    finally:
        await store.close()


def test_the_database_of_each_migration_is_kept():
    assert [file.name for file in DATABASES] == [f"{migration.number:04}.db.gz" for migration in migrations()]
