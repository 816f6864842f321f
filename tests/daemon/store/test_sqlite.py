"""What the SQLite store promises beyond the port: grouped commits, one daemon for each folder, damage that is seen."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest

from chainwright.daemon.core.decisions import AttemptScheduled, TimerSet, TurnQueued
from chainwright.daemon.store.port import Append, StoreError, StoreLocked
from chainwright.daemon.store.sqlite import SqliteStore

ATTEMPT = (TurnQueued(agent="a", turn=1), AttemptScheduled(attempt_id="at-1", agent="a", turn=1, attempt=1))
TIMERS = [(1.0, TimerSet(timer=f"t{number}", due=float(number))) for number in range(5)]

HOLDER = """
import asyncio, pathlib, sys
from chainwright.daemon.store.sqlite import SqliteStore

async def hold():
    await SqliteStore(pathlib.Path(sys.argv[1])).open()
    print("open", flush=True)
    sys.stdin.read()

asyncio.run(hold())
"""


async def test_writes_that_come_together_share_commits(store, requested):
    requests = [requested(number) for number in range(1, 201)]
    await asyncio.gather(*(store.create_run(request, [(1.0, request)]) for request in requests))
    created = store.statistics()
    appends = [Append(run_id=request.run_id, epoch=store.epoch, entries=TIMERS) for request in requests]
    await asyncio.gather(*(store.append(append) for append in appends))
    appended = store.statistics()

    assert appended.writes - created.writes == 200
    assert appended.commits - created.commits < 20


async def test_a_write_does_not_wait_for_company(store, requested):
    request = requested(1)
    await asyncio.wait_for(store.create_run(request, [(1.0, request)]), timeout=10)

    told = store.statistics()
    assert (told.commits, told.writes, told.commits_within[float("inf")]) == (1, 1, 1)
    assert told.commits_s > 0
    assert told.size_bytes > 4096


async def test_a_second_store_on_the_folder_is_refused_and_told_the_holder(store, path):
    with pytest.raises(StoreLocked, match=r"in use by process \d+"):
        await SqliteStore(path).open()


@pytest.fixture
def holder(path):
    """Another process that has the store open."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        yield process
        process.kill()


async def test_another_process_holds_the_folder_until_it_is_killed(path, holder):
    store = SqliteStore(path)
    with pytest.raises(StoreLocked, match=f"in use by process {holder.pid}"):
        await store.open()
    holder.kill()
    holder.wait()
    await store.open()
    await store.close()

    assert store.epoch == 2


async def test_a_store_that_could_not_open_lets_the_folder_go(path):
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be taken for one" * 100)
    broken = SqliteStore(path)
    with pytest.raises(StoreError, match=r"state\.db"):
        await broken.open()
    path.unlink()

    await broken.open()
    await broken.close()


async def test_only_the_owner_can_read_the_files(store, path, requested):
    request = requested(1)
    await store.create_run(request, [(1.0, request)])
    files = list(path.parent.iterdir())

    assert {file.name for file in files} == {"state.db", "state.db-wal", "state.db-shm", "state.lock"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("damage", "first"),
    [
        ("UPDATE journal SET body = CAST(replace(body, 't3', 't4') AS BLOB) WHERE seq = 5", 5),
        ("UPDATE journal SET at = at + 1 WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 2", 2),
        ("DELETE FROM journal WHERE seq = 6", 6),
        ("DELETE FROM journal WHERE seq > 3", 4),
        ("DELETE FROM journal", 1),
    ],
)
async def test_damage_to_a_journal_is_found(path, requested, damage, first):
    store, request = SqliteStore(path), requested(1)
    await store.open()
    await store.create_run(request, [(1.0, request), *TIMERS])
    await store.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(damage)
    await store.open()
    try:
        assert await store.verify(request.run_id) == first
    finally:
        await store.close()


async def test_a_flipped_byte_in_the_file_is_found(path, requested):
    store, request = SqliteStore(path), requested(1)
    await store.open()
    await store.create_run(request, [(1.0, request), *TIMERS])
    await store.close()
    content = bytearray(path.read_bytes())
    content[content.index(b'"timer":"t2"') + 10] ^= 1
    path.write_bytes(content)
    await store.open()
    try:
        assert await store.verify(request.run_id) == 4
    finally:
        await store.close()


async def test_taken_input_is_gone_from_the_file(path, store, requested):
    async def kept():
        await store.close()
        found = b"hunter2-hunter2" in path.read_bytes()
        await store.open()
        await store.open_runs()
        return found

    request = requested(1)
    await store.create_run(request, [(1.0, entry) for entry in (request, *ATTEMPT)])
    seq = await store.keep_input("at-1", b"hunter2-hunter2")
    assert await kept()
    await store.acknowledge_input("at-1", seq)

    assert not await kept()
