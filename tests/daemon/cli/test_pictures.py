"""A run as a graph and as a line of time, at the command line."""

import json
from typing import Any

NODE = {"started_by": "with the run", "state": "finished", "outcome": "succeeded", "turns": 1, "attention": False}
BAR = {"id": "s1", "turn": 1, "attempt": 1, "leg": None, "state": "finished", "outcome": "succeeded"}
LANE = {"events": [{"at": 106.0, "name": "draft.ready", "number": 1}]}


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
