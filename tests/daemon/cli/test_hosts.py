"""``hosts``: the machines that agents run on."""

import json
from typing import Any

import pytest

from chainwright.schemas.hosts import HostSettings

STATE = "drained, unreachable since 2026-11-16T05:00:00Z: connection refused"


@pytest.fixture(autouse=True)
def _listed(scripted: Any, host: dict[str, Any]) -> None:
    scripted.listed["hosts"] = [host]


def test_a_host_is_told_on_a_line(run: Any) -> None:
    row = run("hosts").out.rstrip("\n").split("\t")

    assert row == ["gpu1", "ada@10.0.0.7:2222", "gpu1,gpu", "2/16", STATE, "2026-11-16T04:58:20Z", "yes"]


def test_as_json_each_is_an_object(run: Any) -> None:
    assert json.loads(run("hosts", "--json").out)["labels"] == ["gpu1", "gpu"]


def test_one_is_shown_with_what_was_done_to_it(run: Any, scripted: Any) -> None:
    shown = run("hosts", "show", "gpu1").out

    assert f"state        {STATE}\n" in shown
    assert "host key     SHA256:Er6M/1lyolwTk0JmClGSh/q6Qmwa+xAhS6Y/M8Yh1VM\n" in shown
    assert "user         ada\n" in shown
    assert "2026-11-16T03:33:20Z  drained by ann: new disk\n" in shown
    assert scripted.asked == [("host", "gpu1")]


def test_the_daemons_own_machine_is_shown(run: Any, scripted: Any, host: dict[str, Any]) -> None:
    own = {"name": "local", "address": "", "settings": None, "fingerprint": None, "drained": None, "entries": []}
    scripted.listed["hosts"] = [host | own | {"state": "connected", "since": None, "why": ""}]

    shown = run("hosts", "show", "local")
    assert (shown.code, shown.out.splitlines()[0]) == (0, "host         local")


def test_a_host_is_added_with_what_was_given_and_nothing_else(run: Any, scripted: Any) -> None:
    options = ["--port", "2222", "--label", "gpu", "--label", "big", "--env", "A=1=2", "--durable", "preferred"]
    done = run("hosts", "add", "gpu1", "10.0.0.7", *options)

    settings = HostSettings(
        address="10.0.0.7", port=2222, labels=["gpu", "big"], environment={"A": "1=2"}, durable="preferred"
    )
    assert (done.code, done.out) == (0, "")
    assert scripted.asked == [("add_host", "gpu1", settings, False)]
    assert "next: chainwright hosts test gpu1" in done.err


@pytest.mark.parametrize(
    "option", [["--env", "A"], ["--env", "=1"], ["--port", "0"], ["--durable", "no"], ["--slots", "x"]]
)
def test_what_cannot_be_meant_is_a_usage_error(run: Any, scripted: Any, option: list[str]) -> None:
    assert run("hosts", "add", "gpu1", "10.0.0.7", *option).code == 2
    assert scripted.asked == []


def test_an_address_that_is_none_is_refused_with_its_field(run: Any) -> None:
    done = run("hosts", "add", "gpu1", "a b")

    assert done.code == 2
    assert "settings.address" in done.err


@pytest.mark.parametrize(
    ("argv", "asked", "said"),
    [
        (["drain", "gpu1", "--reason", "new disk"], ("drain_host", "gpu1", "new disk"), "2 sessions still run there"),
        (["resume", "gpu1"], ("resume_host", "gpu1"), "takes sessions"),
        (["remove", "gpu1", "--force"], ("remove_host", "gpu1", True), "~/.chainwright is left on it"),
        (["add", "gpu1", "a", "--replace"], ("add_host", "gpu1", HostSettings(address="a"), True), "is added"),
    ],
)
def test_people_have_a_hold_on_hosts(run: Any, scripted: Any, argv: list[str], asked: Any, said: str) -> None:
    done = run("hosts", *argv)

    assert (done.code, scripted.asked) == (0, [asked])
    assert said in done.err


def test_what_a_command_did_is_told_as_json(run: Any) -> None:
    assert json.loads(run("hosts", "resume", "gpu1", "--json").out)["name"] == "gpu1"
