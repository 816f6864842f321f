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
        (["drain", "gpu1", "--reason", "new disk"], ("drain_host", "gpu1", "new disk"), "still run there: 2"),
        (["resume", "gpu1"], ("resume_host", "gpu1"), "takes sessions"),
        (["clear", "gpu1"], ("clear_host", "gpu1", False), "1 went, 3 MiB"),
        (["clear", "gpu1", "--dry-run"], ("clear_host", "gpu1", True), "1 would go, 3 MiB"),
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


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3"
PRINT = "SHA256:Er6M/1lyolwTk0JmClGSh/q6Qmwa+xAhS6Y/M8Yh1VM"
SHOWN = {"host_key": KEY, "algorithm": "ssh-ed25519", "fingerprint": PRINT}
FRESH = SHOWN | {"pinned": None, "pinned_algorithm": None, "is_pinned": False}
CHANGED = SHOWN | {"pinned": "SHA256:old", "pinned_algorithm": "ssh-rsa", "is_pinned": False}
PINNED = SHOWN | {"pinned": PRINT, "pinned_algorithm": "ssh-ed25519", "is_pinned": True}


def check(name: str, verdict: str, hint: str = "") -> dict[str, Any]:
    return {"check": name, "verdict": verdict, "detail": f"about {name}", "hint": hint, "seconds": 0.5}


@pytest.mark.parametrize(("verdict", "code"), [("ok", 0), ("warning", 0), ("skipped", 0), ("failed", 1)])
def test_a_trial_fails_with_one_of_its_checks(run: Any, scripted: Any, verdict: str, code: int) -> None:
    scripted.listed["checks"] = [check("name", "ok"), check("login", verdict, "add the key")]
    done = run("hosts", "test", "gpu1")

    assert done.out == f"ok\tname\tabout name\t\n{verdict}\tlogin\tabout login\tadd the key\n"
    assert done.code == code


def test_a_trial_as_json_is_an_object_a_line(run: Any, scripted: Any) -> None:
    scripted.listed["checks"] = [check("name", "ok")]

    assert [json.loads(line) for line in run("hosts", "test", "gpu1", "--json").out.splitlines()] == [
        check("name", "ok")
    ]


def test_a_key_is_shown_with_how_to_compare_it_and_not_pinned_unasked(run: Any, scripted: Any) -> None:
    scripted.listed["keys"] = [FRESH]
    done = run("hosts", "trust", "gpu1")

    assert done.code == 2
    assert f"shown    ssh-ed25519 {PRINT}" in done.err
    assert "on gpu1 itself: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" in done.err
    assert "--fingerprint" in done.err
    assert scripted.asked == [("shown_host_key", "gpu1")]


@pytest.mark.parametrize(
    "option", [["--yes"], ["--fingerprint", PRINT], ["--fingerprint", PRINT.removeprefix("SHA256:")]]
)
def test_a_key_is_pinned_by_who_knows_it(run: Any, scripted: Any, option: list[str]) -> None:
    scripted.listed["keys"] = [FRESH]

    assert run("hosts", "trust", "gpu1", *option).code == 0
    assert scripted.asked[-1] == ("trust_host", "gpu1", KEY, False)


@pytest.mark.parametrize("option", [["--yes"], ["--fingerprint", PRINT]])
def test_a_key_that_has_changed_is_shown_beside_the_old_one_and_takes_replace(
    run: Any, scripted: Any, option: list[str]
) -> None:
    scripted.listed["keys"] = [CHANGED]
    done = run("hosts", "trust", "gpu1", *option)

    assert (done.code, scripted.asked) == (7, [("shown_host_key", "gpu1")])
    assert "pinned   ssh-rsa SHA256:old\nshown    ssh-ed25519" in done.err
    assert run("hosts", "trust", "gpu1", "--replace", *option).code == 0
    assert scripted.asked[-1] == ("trust_host", "gpu1", KEY, True)


def test_another_key_than_is_expected_is_not_pinned(run: Any, scripted: Any) -> None:
    scripted.listed["keys"] = [FRESH]
    done = run("hosts", "trust", "gpu1", "--fingerprint", "SHA256:other")

    assert (done.code, scripted.asked) == (7, [("shown_host_key", "gpu1")])


def test_a_key_that_is_pinned_is_left_alone(run: Any, scripted: Any) -> None:
    scripted.listed["keys"] = [PINNED]
    done = run("hosts", "trust", "gpu1")

    assert (done.code, scripted.asked) == (0, [("shown_host_key", "gpu1"), ("host", "gpu1")])
    assert "known by it already" in done.err


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"\n", 130)])
def test_at_a_terminal_the_person_is_asked(at_terminal: Any, scripted: Any, answer: bytes, code: int) -> None:
    scripted.listed["keys"] = [FRESH]
    screen = at_terminal("hosts", "trust", "gpu1")
    screen.until(b"Is this the key of that machine? [y/N]")
    screen.type(answer)

    assert screen.end() == code
    assert (("trust_host", "gpu1", KEY, False) in scripted.asked) == (code == 0)


def test_at_a_terminal_checks_are_shown_with_what_to_do(at_terminal: Any, scripted: Any) -> None:
    scripted.listed["checks"] = [check("name", "ok"), check("login", "failed", "add the key")]
    screen = at_terminal("hosts", "test", "gpu1", NO_COLOR="1")

    assert screen.end() == 1
    assert "✗ login        about login" in screen.seen.decode()
    assert "→ add the key" in screen.seen.decode()
