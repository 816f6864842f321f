"""``emit``: into a run from outside, or as an event file from within an agent."""

import json
from typing import Any

import pytest


def test_with_a_run_it_is_sent_there(run: Any, scripted: Any) -> None:
    done = run("emit", "draft.ready", "--run", "run-a", "--data", '{"words": 3}', "--key", "k")

    assert (done.code, done.out) == (0, "")
    assert "draft.ready was sent to run-a as event 1" in done.err
    assert scripted.asked == [("inject_event", "run-a", "draft.ready", {"words": 3}, "k")]


def test_data_may_stand_in_a_file(run: Any, scripted: Any, tmp_path: Any) -> None:
    (tmp_path / "data.json").write_text("[1, 2]")

    run("emit", "x", "--run", "run-a", "--data", f"@{tmp_path}/data.json")

    assert scripted.asked == [("inject_event", "run-a", "x", [1, 2], None)]


@pytest.mark.parametrize("data", ["{oops", "@/no/such/file"])
def test_data_that_is_none_is_a_usage_error(run: Any, scripted: Any, data: str) -> None:
    done = run("emit", "x", "--run", "run-a", "--data", data)

    assert (done.code, scripted.asked) == (2, [])
    assert "--data" in done.err


def test_outside_of_an_agent_and_without_a_run_it_is_sent_to_chains(run: Any, scripted: Any) -> None:
    told = {"kind": "event", "name": "x", "at": 1.0, "told_at": 2.0}
    scripted.listed["told"] = [
        told | {"chain": "reads", "fate": "started", "run_id": "run-b", "reason": ""},
        told | {"chain": "counts", "fate": None, "told_at": None, "run_id": None, "reason": ""},
    ]
    done = run("emit", "x", "--data", "1", "--key", "k")

    assert done.out.splitlines() == ["reads\tstarted\trun-b\t", "counts\tnot told yet\t\t"]
    assert scripted.asked == [("send_event", "x", 1, {"key": "k", "environment": None})]


@pytest.fixture
def folder(tmp_path: Any) -> Any:
    """The event folder of an agent."""
    for name in ("tmp", "new"):
        (tmp_path / "events" / name).mkdir(parents=True)
    return tmp_path / "events"


def test_within_an_agent_it_becomes_an_event_file(run: Any, monkeypatch: pytest.MonkeyPatch, folder: Any) -> None:
    monkeypatch.setenv("CHAINWRIGHT_EVENTS", str(folder))

    done = run("emit", "x", "--data", "1", "--key", "k")

    (file,) = (folder / "new").iterdir()
    assert (done.code, json.loads(file.read_text())) == (0, {"event": "x", "data": 1, "key": "k"})


def test_a_name_that_is_none_is_refused_within_an_agent_too(
    run: Any, folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAINWRIGHT_EVENTS", str(folder))

    assert run("emit", "two words").code == 2
