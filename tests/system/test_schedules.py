"""Schedules start runs by themselves, one at a time, and account for what was due while no daemon was there."""

import signal
import sqlite3
import time

FILES = {
    "workflows/tick.yaml": "on:\n  schedule: [{cron: '* * * * * *'}]\nagents:\n  a:\n    run: 'true'\n",
    "workflows/slow.yaml": "on:\n  schedule: [{cron: '* * * * * *'}]\nagents:\n  a:\n    run: sleep 30\n",
    "workflows/each.yaml": """
on:
  schedule: [{cron: '* * * * * *', missed: all, overlap: queue, inputs: {word: tea}}]
inputs: {word: {type: string, required: true}}
agents:
  a: {env: {WORD: '${{ inputs.word }}'}, run: 'true'}
""",
    "workflows/newest.yaml": """
on:
  schedule: [{cron: '* * * * * *', missed: once, overlap: allow}]
agents:
  a: {run: 'true'}
""",
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


def listed(daemon, chain):
    """The schedule of a chain, and its fires, oldest first."""
    (schedule,) = daemon.client.items("/schedules", chain=chain)
    return schedule, daemon.client.items(f"/schedules/{schedule['id']}/fires", limit=1_000)[::-1]


def test_a_schedule_is_listed_paused_run_and_resumed(own_daemon, command, by_and_by):
    """The pause outlives a death of the daemon, is drift, and leaves a row for each time."""
    daemon = own_daemon
    home = daemon.home
    by_and_by(lambda: listed(daemon, "tick")[1])
    done = command(home, "schedules")
    assert "tick\t" in done.out and "Every second" in done.out

    assert command(home, "schedules", "pause", "tick", "--until", "1d").code == 0
    daemon.stop(signal.SIGKILL)
    daemon.start()
    by_and_by(lambda: listed(daemon, "tick")[1][-1]["missed"].startswith("paused by"))
    doctor = command(home, "doctor")
    assert doctor.code == 1
    assert "tick is paused by" in doctor.out and "until" in doctor.out

    run = command(home, "schedules", "run", "tick").out.strip()
    assert daemon.end(run)["outcome"] == "succeeded"
    assert command(home, "schedules", "resume", "tick").code == 0
    by_and_by(lambda: listed(daemon, "tick")[1][-1]["run_id"])

    past = command(home, "schedules", "past", "tick", "-n", "1000").out
    assert "succeeded" in past and "missed: paused by" in past
    schedule, fires = listed(daemon, "tick")
    assert schedule["paused"] is None
    assert [fire["due"] for fire in fires] == [fires[0]["due"] + second for second in range(len(fires))]
    assert command(home, "doctor").code == 0


def test_what_passed_while_no_daemon_was_there_is_made_up_for(own_daemon, by_and_by):
    """`missed: all` and `once`, with a daemon that was really away."""
    daemon = own_daemon
    by_and_by(lambda: listed(daemon, "each")[1])
    daemon.stop(signal.SIGKILL)
    stopped = time.time()
    by_and_by(lambda: time.time() > stopped + 3.1)
    daemon.start()
    back = time.time()
    by_and_by(lambda: listed(daemon, "each")[1][-1]["due"] > back and listed(daemon, "newest")[1][-1]["due"] > back)

    away = [fire for fire in listed(daemon, "each")[1] if stopped < fire["due"] < stopped + 3]
    assert len(away) >= 2
    assert all(fire["run_id"] for fire in away)
    newest = [fire for fire in listed(daemon, "newest")[1] if stopped < fire["due"] < back]
    assert "made up for by that of" in newest[0]["missed"]
    assert any(fire["run_id"] for fire in newest)
    by_and_by(lambda: not daemon.client.get("/runs", chain="each", state="queued")["items"])
    for fire in away:
        assert daemon.show(fire["run_id"])["inputs"] == {"word": "tea"}
