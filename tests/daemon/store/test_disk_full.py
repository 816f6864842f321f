"""A full disk under the store: nothing is written, nothing is lost, and no restart is needed (semantics.md 45)."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chainwright.daemon.core.decisions import TimerSet
from chainwright.daemon.store.port import Append, StoreFull
from chainwright.daemon.store.sqlite import SqliteStore


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("MISSING CAPABILITY: mounting a small tmpfs needs root; the full disk was not tried")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room there is."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


def timers(store, run_id, count=200):
    entries = [(1.0, TimerSet(timer=f"timer-{number}" * 5, due=1.0)) for number in range(count)]
    return Append(run_id=run_id, epoch=store.epoch, entries=entries)


async def until_full(store, run_id):
    """Append until the disk refuses; how many appends were acknowledged."""
    for acknowledged in range(1_000):
        try:
            await store.append(timers(store, run_id))
        except StoreFull:
            return acknowledged
    raise AssertionError("the disk never filled")


async def test_a_full_disk_refuses_writes_until_there_is_room(small_disk, requested):
    store, request = SqliteStore(small_disk / "state" / "state.db"), requested(1)
    await store.open()
    try:
        await store.create_run(request, [(1.0, request)])
        ballast = fill(small_disk)
        acknowledged = await until_full(store, request.run_id)
        with pytest.raises(StoreFull, match="is full"):
            await store.append(timers(store, request.run_id))

        assert len(await store.journal(request.run_id)) == 1 + 200 * acknowledged
        ballast.unlink()
        await store.append(timers(store, request.run_id))
        assert len(await store.journal(request.run_id)) == 1 + 200 * (acknowledged + 1)
        assert await store.verify(request.run_id) is None
    finally:
        await store.close()


async def test_a_store_closes_and_opens_again_around_a_full_disk(small_disk, requested):
    store, request = SqliteStore(small_disk / "state" / "state.db"), requested(1)
    await store.open()
    await store.create_run(request, [(1.0, request)])
    ballast = fill(small_disk)
    acknowledged = await until_full(store, request.run_id)
    await store.close()
    ballast.unlink()
    await store.open()
    try:
        assert len(await store.journal(request.run_id)) == 1 + 200 * acknowledged
        assert await store.verify(request.run_id) is None
    finally:
        await store.close()


async def test_a_disk_that_is_full_from_the_start_says_so(small_disk):
    fill(small_disk)
    with pytest.raises(StoreFull, match="is full"):
        await SqliteStore(small_disk / "state.db").open()
