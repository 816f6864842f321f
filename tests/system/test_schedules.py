"""Schedules start runs by themselves, one at a time, and account for what was due while no daemon was there."""

import sqlite3
import time

FILES = {
    "workflows/tick.yaml": "on:\n  schedule: [{cron: '* * * * * *'}]\nagents:\n  a:\n    run: 'true'\n",
    "workflows/slow.yaml": "on:\n  schedule: [{cron: '* * * * * *'}]\nagents:\n  a:\n    run: sleep 30\n",
}


def fires(daemon):
    """Every due time on record: schedule, due, run, why it was missed."""
    with sqlite3.connect(f"file:{daemon.home.database}?mode=ro", uri=True) as store:
        return store.execute("SELECT schedule, due, run_id, missed FROM fire ORDER BY due").fetchall()


def test_due_times_become_runs_and_none_is_unaccounted_for(own_daemon, by_and_by):
    daemon = own_daemon
    by_and_by(lambda: len(daemon.client.get("/runs", chain="tick")["items"]) >= 2)
    by_and_by(lambda: [row for row in fires(daemon) if row[3].startswith("overlap")])
    daemon.stop()
    before = fires(daemon)
    stopped = time.time()
    by_and_by(lambda: time.time() > stopped + 2.1)
    daemon.start()
    by_and_by(lambda: any("not running" in row[3] for row in fires(daemon)))

    run = daemon.client.get("/runs", chain="tick")["items"][0]
    assert run["trigger"]["kind"] == "schedule"
    assert len(daemon.client.get("/runs", chain="slow")["items"]) == 1
    after = fires(daemon)  # once: it goes on every second
    assert len({row[:2] for row in after}) == len(after) > len(before)
    for schedule in {row[0] for row in after}:
        due = [row[1] for row in after if row[0] == schedule]
        assert due == [due[0] + second for second in range(len(due))]
