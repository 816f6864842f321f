"""The writer as seen from outside the process: what was acknowledged survives ``kill -9``, and nothing is half there."""

import signal
import subprocess
import sys
from collections import Counter

import pytest

from chainwright.daemon.store.sqlite import SqliteStore

RUNS, ENTRIES = 5, 3

APPENDER = f"""
import asyncio, pathlib, sys
from chainwright.daemon.core.decisions import TimerSet
from chainwright.daemon.core.facts import RunRequested, Trigger
from chainwright.daemon.store.port import Append
from chainwright.daemon.store.sqlite import SqliteStore

async def live(store, number):
    request = RunRequested(
        at=1.0, run_id=f"run-{{number}}", number=number, organization="default", repository="r", environment="main",
        chain="c", commit="c0ffee", definition="d", trigger=Trigger(kind="manual", actor="ann"),
    )
    await store.create_run(request, [(1.0, request)])
    entries = [(1.0, TimerSet(timer=f"t{{n}}", due=1.0)) for n in range({ENTRIES})]
    while True:
        await store.append(Append(run_id=request.run_id, epoch=store.epoch, entries=entries))
        print(request.run_id, flush=True)

async def main():
    store = SqliteStore(pathlib.Path(sys.argv[1]))
    await store.open()
    await asyncio.gather(*(live(store, number) for number in range({RUNS})))

asyncio.run(main())
"""


def acknowledged_before_kill(path, count):
    """How many appends of each run were acknowledged by a process that is killed after ``count`` of them."""
    with subprocess.Popen([sys.executable, "-c", APPENDER, str(path)], stdout=subprocess.PIPE, text=True) as appender:
        assert appender.stdout is not None
        seen = [appender.stdout.readline().strip() for _ in range(count)]
        appender.send_signal(signal.SIGKILL)
        seen += [line.strip() for line in appender.stdout]
    return Counter(seen)


@pytest.mark.parametrize("count", [7, 60, 333])
async def test_kill_9_loses_nothing_acknowledged_and_tears_no_append(path, count):
    acknowledged = acknowledged_before_kill(path, count)
    store = SqliteStore(path)
    await store.open()
    try:
        found = {run.run_id: len(run.rows) - 1 for run in await store.open_runs()}

        assert all(found[run_id] >= ENTRIES * appends for run_id, appends in acknowledged.items())
        assert all(entries % ENTRIES == 0 for entries in found.values())
        assert [await store.verify(run_id) for run_id in found] == [None] * RUNS
    finally:
        await store.close()
