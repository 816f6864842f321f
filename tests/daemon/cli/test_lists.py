"""Lists and single things: runs, show, events, explain, sessions, chains, deployments."""

import json
from typing import Any

import pytest

REFUSED = {"commit": "d" * 40, "refused_at": 5.0, "diagnostics": ["workflows/a.yaml:1:1: error: no [x]"]}
DEPLOYMENT = {
    "repository": "demo",
    "environment": "main",
    "commit": "c" * 40,
    "deployed_at": 1.0,
    "hash": "h",
    "chains": ["a", "b"],
    "refused": None,
    "problem": "",
    "id": 7,
    "head": "c" * 40,
    "cause": "rollback",
    "actor": "ada",
    "message": "",
    "runs_elsewhere": [{"commit": "e" * 40, "count": 3}],
}
CHAIN = {
    "id": "team/a",
    "name": "A",
    "description": "",
    "path": "workflows/team/a.yaml",
    "commit": "c" * 40,
    "schedules": [{"cron": "0 7 * * 1", "timezone": "UTC", "next": 0.0}],
    "webhooks": [{"id": "forge", "scheme": "github", "path": "/hooks/default/main/forge"}],
    "inputs": [{"name": "who"}],
    "agents": ["one", "two"],
}
SESSION = {
    "id": "att-1",
    "run_id": "run-aaa111",
    "agent": "greet",
    "turn": 1,
    "leg": None,
    "attempt": 1,
    "host": "local",
    "status": "running",
    "pid": 7,
    "started_at": 0.0,
    "ended_at": None,
    "acknowledged": False,
    "owner": "me",
}


def test_in_a_pipe_a_list_is_tab_separated_without_a_head(run: Any, scripted: Any) -> None:
    done = run("runs")

    fields = done.out.rstrip("\n").split("\t")
    assert fields[:5] == ["run-aaa111", "hello", "1", "running", "1970-01-01T00:01:39Z"]


def test_as_json_a_list_is_an_object_per_line(run: Any, scripted: Any, make: Any) -> None:
    scripted.details["run-bbb222"] = make.detail("run-bbb222")

    done = run("runs", "--json", "--chain", "hello", "--state", "running", "--limit", "3")

    assert [json.loads(line)["id"] for line in done.out.splitlines()] == ["run-bbb222", "run-aaa111"]
    wanted, page = {"chain": "hello", "state": "running"}, {"limit": 3, "cursor": None}
    assert scripted.asked == [("runs", wanted, page)]


def test_at_a_terminal_a_list_is_a_table_with_marks(at_terminal: Any, scripted: Any) -> None:
    command = at_terminal("runs")

    assert command.end() == 0
    assert b"STATE" in command.seen
    assert "● running".encode() in command.seen


def test_no_color_is_obeyed(at_terminal: Any, scripted: Any) -> None:
    command = at_terminal("runs", NO_COLOR="1")
    command.end()

    assert b"\x1b[36m" not in command.seen
    assert "● running".encode() in command.seen


def test_an_empty_list_says_what_to_do(at_terminal: Any, scripted: Any) -> None:
    scripted.details = {}
    command = at_terminal("runs")
    command.end()

    assert b"chainwright run CHAIN" in command.seen


def test_show_has_a_line_for_each_attempt(run: Any, scripted: Any, make: Any) -> None:
    lost = make.attempt(
        1, state="finished", outcome="failed", reason="exit", detail="code 3", exit_code=3, ended_at=101.0
    )
    again = make.attempt(2, id="att-2", state="finished", outcome="succeeded", exit_code=0, ended_at=102.0)
    agents = {"greet": make.agent(lost, again), "reply": make.agent(state="queued")}
    scripted.details["run-aaa111"] = make.detail(agents=agents, inputs={"who": "you"}, outputs={"n": 3})

    done = run("show", "run-a")

    assert "greet\t1\t\t1\tfailed\t3\t1.0s\texit: code 3\n" in done.out
    assert "greet\t1\t\t2\tsucceeded\t0\t2.0s\t\n" in done.out
    assert "reply\t\t\t\tqueued" in done.out
    assert "input who = you" in done.out
    assert "output n = 3" in done.out


def test_show_as_json_is_the_whole_run(run: Any, scripted: Any) -> None:
    assert json.loads(run("show", "@last", "--json").out) == scripted.details["run-aaa111"]


def test_a_run_that_is_none_is_not_found(run: Any, scripted: Any) -> None:
    done = run("show", "zzz")

    assert (done.code, "`chainwright runs` lists them" in done.err) == (4, True)


def test_events_tell_their_fate_and_their_takers(run: Any, scripted: Any, make: Any) -> None:
    scripted.listed["events"] = [make.event(1, "draft.ready", data={"words": 3})]

    done = run("events", "run-a")

    assert done.out == '1\t1970-01-01T00:01:40Z\tdraft.ready\toutside\trouted\tgreet consumed\t{"words": 3}\n'


def test_control_characters_of_others_do_not_reach_the_terminal(run: Any, scripted: Any, make: Any) -> None:
    scripted.listed["events"] = [make.event(1, "x", why="\x1b[2J\tgone")]

    assert "\x1b" not in run("events").out


def test_explain_prints_the_sentences(run: Any, scripted: Any) -> None:
    done = run("explain", "run-a", "reply")

    assert done.out == "reply  · queued\n  It waits for draft.ready.\n"


@pytest.mark.parametrize(("more", "everything"), [([], False), (["--all"], True)])
def test_sessions(run: Any, scripted: Any, more: list[str], everything: bool) -> None:
    scripted.listed["sessions"] = [SESSION]

    done = run("sessions", *more)

    assert done.out.startswith("att-1\trunning\trun-aaa111\tgreet\t1\t\t1\tlocal\t7\t")
    assert scripted.asked == [("sessions", everything)]


def test_sessions_of_a_host_that_gives_no_answer_are_not_known(run: Any, scripted: Any) -> None:
    scripted.listed |= {"sessions": [SESSION], "silent": [{"host": "gpu1", "why": "nothing listens there"}]}
    done = run("sessions")

    assert (done.code, done.err) == (0, "not known of host gpu1: nothing listens there\n")


def test_chains(run: Any, scripted: Any) -> None:
    scripted.listed["chains"] = [CHAIN]

    done = run("chains")

    assert (
        done.out
        == "team/a\tA\t2\twho\t1970-01-01T00:00:00Z\tworkflows/team/a.yaml\tcccccccccc\t/hooks/default/main/forge\n"
    )


def test_deployments_tell_what_was_refused_since(run: Any, scripted: Any) -> None:
    scripted.listed["deployments"] = [{**DEPLOYMENT, "refused": REFUSED}]

    done = run("deployments")

    assert done.out == "demo\tmain\tcccccccccc\t1970-01-01T00:00:01Z\trollback ada\t2\tdddddddddd\t\n"
    assert "3 runs still on eeeeeeeeee" in done.err
    assert "workflows/a.yaml:1:1: error: no [x]" in done.err


def test_deployments_can_look_first(run: Any, scripted: Any) -> None:
    scripted.listed["deployments"] = [DEPLOYMENT]

    assert json.loads(run("deployments", "--reconcile", "--json").out) == DEPLOYMENT
    assert scripted.asked == [("reconcile",)]


@pytest.mark.parametrize(
    ("verb", "asked", "prints"), [("cancel", "cancel_run", "run-aaa111"), ("retry", "retry_run", "run-bbb222")]
)
def test_what_is_done_to_a_run_prints_the_run(run: Any, scripted: Any, verb: str, asked: str, prints: str) -> None:
    done = run(verb, "run-a")

    assert (done.code, done.out) == (0, f"{prints}\n")
    assert scripted.asked[0][:2] == (asked, "run-a")


def test_a_retry_says_what_is_to_be_done_again(run: Any, scripted: Any) -> None:
    run("retry", "run-a", "--from", "greet", "--on-new-definition")

    asked = {"failed": False, "from_agent": "greet", "on_new_definition": True, "idempotency_key": None}
    assert scripted.asked == [("retry_run", "run-a", asked)]
