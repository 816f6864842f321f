"""`chainwright attach` between two real terminals: the person's and the agent's."""

import json
from urllib.parse import quote

import pytest

from chainwright.daemon.cli.failures import Refused

FILES = {
    "workflows/ask.yaml": """
agents:
  ask:
    run: |
      echo begun in $(stty size)
      while read line; do
        echo "heard $line in $(stty size)"
        case "$line" in bye) exit 0;; esac
      done
""",
    "workflows/stubborn.yaml": """
agents:
  stubborn:
    run: |
      trap 'echo heard INT' INT
      trap 'echo heard TERM' TERM
      echo ready
      while true; do sleep 0.1 || true; done
""",
    "workflows/brief.yaml": "agents:\n  say:\n    run: echo done here\n  wait:\n    needs: say\n    run: cat\n",
}


def test_a_watcher_sees_what_was_written_before(daemon, at_terminal):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun in 40 120")

    screen = at_terminal("attach", run, "ask")

    assert b"begun in 40 120" in screen.until(b"begun in 40 120")


def test_a_watcher_does_not_type(daemon, at_terminal, type_into, by_and_by):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun in 40 120")
    screen = at_terminal("attach", run, "ask")
    screen.until(b"begun in 40 120")
    screen.type(b"unheard\r")
    type_into(run, "ask", b"tea\r")

    screen.until(b"heard tea")
    assert "unheard" not in daemon.log(run, "ask")


def test_who_takes_over_types_and_resizes(daemon, at_terminal, by_and_by):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun in 40 120")
    screen = at_terminal("attach", run, "ask", "--take-over")
    by_and_by(screen.is_raw)
    screen.type(b"tea\r")
    screen.until(b"heard tea in 30 100")
    screen.resize(20, 70)
    screen.type_until(b"milk\r", b"heard milk in 20 70")
    screen.type(b"bye\r")
    screen.until(b"heard bye")

    assert b"exit code 0" in screen.until(b"has ended")
    assert screen.end() == 0
    assert daemon.end(run)["outcome"] == "succeeded"


def test_what_is_typed_while_it_connects_reaches_the_agent(daemon, at_terminal):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun in 40 120")
    screen = at_terminal("attach", run, "ask", "--take-over")
    screen.type(b"bye\r")

    screen.until(b"heard bye")
    assert daemon.end(run)["outcome"] == "succeeded"


def test_leaving_leaves_the_agent_running(daemon, at_terminal, by_and_by):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun in 40 120")
    screen = at_terminal("attach", run, "ask", "--take-over")
    by_and_by(screen.is_raw)
    screen.type(b"\x1d")

    assert screen.end() == 0
    assert not screen.is_raw()
    assert daemon.show(run)["agents"]["ask"]["state"] == "running"


def test_a_takeover_is_told_to_who_typed_before(daemon, at_terminal, by_and_by):
    run = daemon.run("ask")
    daemon.begun(run, "ask", "begun in 40 120")
    first = at_terminal("attach", run, "ask", "--take-over")
    by_and_by(first.is_raw)
    second = at_terminal("attach", run, "ask", "--take-over")
    by_and_by(second.is_raw)
    second.type(b"mine\r")

    second.until(b"heard mine")
    first.until(b"types now; you watch")


def test_an_agent_that_has_ended_shows_the_rest_and_ends(daemon, at_terminal):
    run = daemon.run("brief")
    daemon.begun(run, "wait")

    screen = at_terminal("attach", run, "say")

    assert screen.end() == 0
    assert b"done here" in screen.seen


def test_who_cannot_be_attached_to_is_said_and_why(daemon, chainwright):
    run = daemon.run("ask")

    assert chainwright("attach", run, "nobody").code == 4
    assert chainwright("attach", "zzz", "ask").code == 4
    assert chainwright("attach", run, "ask", "--take-over").code == 2


def test_sessions_lists_what_runs(daemon, chainwright):
    run = daemon.run("brief")
    daemon.begun(run, "wait")

    running = [json.loads(line) for line in chainwright("sessions", "--json").out.splitlines()]
    every = [json.loads(line) for line in chainwright("sessions", "--all", "--json").out.splitlines()]

    assert [one["agent"] for one in running if one["run_id"] == run] == ["wait"]
    assert [one["status"] for one in every if one["run_id"] == run and one["agent"] == "say"] == ["exited"]


def test_a_signal_reaches_an_agent_whoever_types(daemon, chainwright):
    """An interrupt can be heard, and survived; a kill cannot; nothing can be sent to what has ended."""
    run = daemon.run("stubborn")
    daemon.begun(run, "stubborn", "ready")

    assert chainwright("signal", run, "stubborn", "interrupt").code == 0
    daemon.begun(run, "stubborn", "heard INT")
    assert chainwright("signal", run, "stubborn", "terminate").code == 0
    daemon.begun(run, "stubborn", "heard TERM")
    sent = json.loads(chainwright("signal", run, "stubborn", "kill", "--json").out)

    attempt = daemon.attempt(daemon.end(run), "stubborn")
    assert sent == {"session": attempt["id"], "signal": "kill"}
    assert (attempt["signal"], attempt["outcome"]) == (9, "failed")
    assert chainwright("signal", run, "stubborn", "kill").code == 7
    for unknown in ("nobody", "\x1f"):
        with pytest.raises(Refused, match="there is no session"):
            daemon.client.post(f"/sessions/{quote(unknown)}/signal", {"signal": "kill"})
