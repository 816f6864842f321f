"""Screens that have their twins at the command line: a run as graph and line of time, its journal, events of all runs, settings."""

import json
from typing import Any

NODE = {"started_by": "with the run", "state": "finished", "outcome": "succeeded", "turns": 1, "attention": False}
BAR = {"id": "s1", "turn": 1, "attempt": 1, "leg": None, "state": "finished", "outcome": "succeeded"}
LANE = {"events": [{"at": 106.0, "name": "draft.ready", "number": 1}]}


def test_settings_and_the_journal_have_commands(run: Any, scripted: Any) -> None:
    assert run("config").out == 'log.level\t"info"\tdefault\n'
    assert run("journal", "run-a", "--after", "0", "-n", "5").out == "1\t1970-01-01T00:01:39Z\tRunRequested\t{}\n"


def test_events_of_all_runs_are_chosen_by_name_and_fate(run: Any, scripted: Any, make: Any) -> None:
    scripted.listed["all_events"] = [make.event(1, "draft.ready") | {"run_id": "run-aaa111", "chain": "hello"}]

    done = run("events", "--all", "--name", "draft.ready", "--unmatched", "-n", "3")

    assert done.out.startswith("run-aaa111\t1\t")
    asked = {"name": "draft.ready", "unmatched": True, "limit": 3, "cursor": None}
    assert scripted.asked == [("all_events", asked)]
    assert run("events", "run-a", "--unmatched").code == 2


def test_a_graph_tells_who_has_started_whom(run: Any, scripted: Any) -> None:
    arrows = [
        {"from": "write", "to": "edit", "event": "draft.ready", "travelled": 2},
        {"from": "write", "to": "end", "event": None, "travelled": 0},
    ]
    nodes = [{"agent": "write", **NODE}, {"agent": "edit", **NODE}]
    scripted.pictures["graph"] = {"run_id": "run-aaa111", "nodes": nodes, "arrows": arrows}

    assert run("show", "run-a", "--graph").out == (
        "write\tsucceeded\t1\twith the run\tedit (draft.ready)\nedit\tsucceeded\t1\twith the run\t\n"
    )
    assert json.loads(run("show", "run-a", "--graph", "--json").out)["arrows"] == arrows


def test_a_line_of_time_tells_when_each_waited_and_worked(run: Any, scripted: Any) -> None:
    lane = {"agent": "write", "waits": [{"turn": 1, "from": 100.0, "until": 106.0}], **LANE}
    lane["attempts"] = [{**BAR, "from": 106.0, "until": 112.0}]
    queued = {"agent": "edit", "waits": [{"turn": 1, "from": 118.0, "until": None}], "attempts": [], "events": []}
    scripted.pictures["timeline"] = {"run_id": "run-aaa111", "from": 100.0, "until": 124.0, "lanes": [lane, queued]}

    assert run("show", "run-a", "--timeline").out.splitlines() == [
        "write\t1.1\tsucceeded\t6.0\t6.0\t······━━━━━━\tdraft.ready",
        "edit\t1.\tqueued\t18.0\t6.0\t                  ······\t",
    ]
