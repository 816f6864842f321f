"""`limits` with `on-limit`: a run that has reached one fails, asks people, or goes on and says so."""

import json
import signal

LOOP = """
limits: {turns: 2, on-limit: WORD}
agents:
  ping:
    on: {any: [pong.succeeded, begin.succeeded]}
    max-turns: 3
    run: 'true'
  pong: {on: ping.succeeded, run: 'true'}
  begin: {run: 'true'}
  enough: {on: ping.exhausted, run: 'true'}
"""
TURN = """
agents:
  work:
    limits: {duration: 1s, on-limit: WORD}
    retry: {max: 1, delay: 0s}
    run: |
      [ "$CHAINWRIGHT_ATTEMPT" = 2 ] || { until [ -e go ]; do sleep 0.02; done; exit 1; }
"""
FILES = {f"workflows/{word}.yaml": LOOP.replace("WORD", word) for word in ("fail", "pause", "notify")} | {
    "workflows/turn-pause.yaml": TURN.replace("WORD", "pause"),
    "workflows/turn-fail.yaml": TURN.replace("WORD", "fail"),
    "workflows/late.yaml": """
limits: {duration: 0.5s, on-limit: pause}
agents:
  work: {run: 'until [ -e go ]; do sleep 0.02; done'}
""",
}


def paused(daemon, run, by_and_by):
    by_and_by(lambda: daemon.show(run)["state"] == "waiting")
    return daemon.show(run)


def test_25_by_default_the_run_fails(daemon):
    assert daemon.ended("fail")["reason"] == "limit-turns"


def test_25_with_pause_people_decide_and_may_add_some(daemon, chainwright, by_and_by):
    run = daemon.run("pause")
    detail = paused(daemon, run, by_and_by)
    assert (detail["reason"], detail["detail"]) == ("limit-turns", "the run's limit of 2 turns is reached")
    (waiting,) = [json.loads(line) for line in chainwright("approvals", "--json").out.splitlines()]
    assert (waiting["run_id"], waiting["limit"], waiting["agent"]) == (run, "turns", None)
    assert f"chainwright approve {run}" in chainwright("explain", run, "pong").out

    assert chainwright("approve", run, "--add", "1").code == 0
    by_and_by(lambda: daemon.show(run)["detail"] == "the run's limit of 3 turns is reached")
    assert chainwright("approve", run, "--add", "100").code == 0

    assert daemon.end(run)["outcome"] == "succeeded"


def test_25_with_pause_people_may_say_no(daemon, chainwright, by_and_by):
    run = daemon.run("pause")
    paused(daemon, run, by_and_by)

    assert chainwright("reject", run, "-m", "it goes in circles").code == 0

    ended = daemon.end(run)
    assert (ended["outcome"], ended["reason"]) == ("failed", "limit-turns")
    assert ended["detail"].endswith("it goes in circles")


def test_25_with_notify_the_run_goes_on_and_says_so(daemon):
    ended = daemon.ended("notify")

    assert ended["outcome"] == "succeeded"
    kinds = [entry["kind"] for entry in daemon.client.items(f"/runs/{ended['id']}/journal")]
    assert kinds.count("LimitReached") == 1


def test_25_out_of_time_what_runs_goes_on(daemon, chainwright, by_and_by):
    run = daemon.run("late")
    assert paused(daemon, run, by_and_by)["reason"] == "limit-duration"
    assert daemon.show(run)["agents"]["work"]["state"] == "running"

    (daemon.home.runs / run / "workspace" / "go").touch()

    assert daemon.end(run)["outcome"] == "succeeded"


def test_25_a_pause_survives_a_killed_daemon(own_daemon, command, by_and_by):
    daemon = own_daemon
    run = daemon.run("pause")
    before = paused(daemon, run, by_and_by)
    daemon.stop(signal.SIGKILL)
    daemon.start()

    after = daemon.show(run)
    assert (after["state"], after["detail"]) == (before["state"], before["detail"])
    assert command(daemon.home, "approve", run, "--add", "100").code == 0
    assert daemon.end(run)["outcome"] == "succeeded"


def test_25_a_turn_that_takes_too_long_fails(daemon):
    work = daemon.ended("turn-fail")["agents"]["work"]

    assert (work["outcome"], work["reason"]) == ("timed_out", "limit-duration")
    assert work["detail"].startswith("the limit of 1 s of each turn is reached")


def test_25_with_pause_people_decide_about_a_turn_whatever_happens_to_the_daemon(own_daemon, command, by_and_by):
    daemon = own_daemon
    run = daemon.run("turn-pause")
    by_and_by(lambda: daemon.show(run)["agents"]["work"]["reason"] == "limit-duration")
    assert daemon.show(run)["state"] == "running"
    (daemon.home.runs / run / "workspace" / "go").touch()
    by_and_by(lambda: daemon.show(run)["state"] == "waiting")
    daemon.stop(signal.SIGKILL)
    daemon.start()

    (waiting,) = daemon.client.items("/approvals")
    assert (waiting["agent"], waiting["turn"], waiting["limit"]) == ("work", 1, "duration")
    assert "work limit of duration" in command(daemon.home, "approvals").out
    assert f"chainwright approve {run} work" in command(daemon.home, "explain", run, "work").out
    assert daemon.show(run)["detail"] == "work: the limit of 1 s of each turn is reached"

    assert command(daemon.home, "approve", run, "work", "--add", "1h").code == 0
    assert daemon.end(run)["outcome"] == "succeeded"
