"""Hosts: who they are, and people's hold on them, across the deaths of a daemon."""

import json
import signal
import sys

import pytest

from chainwright.daemon.config import FILE
from chainwright.daemon.core.hosts import fingerprint

FILES = {
    "workflows/far.yaml": """
agents:
  wait:
    runs-on: [far]
    run: |
      trap 'exit 7' TERM
      echo here
      for _ in $(seq 600); do sleep 0.1; test ! -e "$HOME/go-on" || exit 0; done
""",
    "workflows/quick.yaml": "agents:\n  greet:\n    runs-on: far\n    run: echo hello\n",
}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3"
CONFIGURED = "sessions: {orphan_s: 1}\nhosts:\n  big: {address: big.example.org, labels: [gpu], slots: 4}\n"


@pytest.fixture
def settings(root):
    """The daemon of this home has a host in its configuration."""
    (root / "h").mkdir(exist_ok=True)
    (root / "h" / FILE).write_text(CONFIGURED)


@pytest.mark.usefixtures("settings")
def test_what_is_known_of_hosts_outlives_the_daemon(own_daemon, command):
    """Configured and added ones are listed alike; drain and key are kept for both; the configuration is not changed by command."""
    daemon, home = own_daemon, own_daemon.home
    added = command(home, "hosts", "add", "gpu1", "10.0.0.7", "--user", "ada", "--label", "gpu", "--host-key", KEY)
    assert (added.code, "hosts test gpu1" in added.err) == (0, True)
    assert command(home, "hosts", "drain", "big", "--reason", "new disk").code == 0
    assert command(home, "hosts", "drain", "local").code == 0
    daemon.stop(signal.SIGKILL)
    daemon.start()

    found = {row[0]: row for row in command(home, "hosts").rows}
    assert list(found) == ["local", "big", "gpu1"]
    assert found["gpu1"][1:4] == ["ada@10.0.0.7", "gpu1,gpu", "0/16"]
    assert found["big"][2] == "big,gpu"
    assert found["big"][4] == "drained, untrusted: no key is pinned: chainwright hosts trust big"
    assert found["local"][4] == "drained, connected"
    shown = json.loads(command(home, "hosts", "show", "big", "--json").out)
    assert shown["stands_in"] == str(home.root / FILE)
    assert [(entry["step"], entry["detail"]) for entry in shown["entries"]] == [("drained", "new disk")]

    refused = command(home, "hosts", "remove", "big")
    assert refused.code == 7
    assert f"change hosts.big of {home.root / FILE}" in refused.err
    assert command(home, "hosts", "add", "gpu1", "10.0.0.8").code == 7
    assert command(home, "hosts", "resume", "gpu1").code == 7
    assert command(home, "hosts", "drain", "gpu9").code == 4
    assert command(home, "hosts", "resume", "local").code == 0
    assert command(home, "hosts", "remove", "gpu1").code == 0
    assert command(home, "hosts", "show", "gpu1").code == 4


@pytest.fixture
def far(make_sshd):
    """A machine beside this one."""
    return make_sshd()


def add(command, home, sshd, *more):
    settings = sshd.settings()
    way = ("--port", str(settings.port), "--user", settings.user, "--key", settings.key, "--root", settings.root)
    way += ("--python", sys.executable)  # what is first in the PATH may be a script that looks for one
    return command(home, "hosts", "add", "far", settings.address, *way, *more)


def state_of(command, home, name="far"):
    return json.loads(command(home, "hosts", "show", name, "--json").out)


def connected(command, home):
    return state_of(command, home)["state"] == "connected"


def test_a_host_is_added_trusted_tried_and_used(own_daemon, command, by_and_by, far):
    """As a person does it, who is told at each step what comes next."""
    daemon, home = own_daemon, own_daemon.home
    print_of = fingerprint(far.settings().host_key)
    assert "hosts trust far" in add(command, home, far).err
    assert state_of(command, home)["state"] == "untrusted"
    tried = command(home, "hosts", "test", "far")
    assert (tried.code, tried.rows[2][:2], tried.rows[2][3]) == (
        1,
        ["failed", "host key"],
        "chainwright hosts trust far",
    )

    unasked = command(home, "hosts", "trust", "far")
    assert (unasked.code, print_of in unasked.err) == (2, True)
    assert command(home, "hosts", "trust", "far", "--fingerprint", "SHA256:other").code == 7
    assert command(home, "hosts", "trust", "far", "--fingerprint", print_of).code == 0
    tried = command(home, "hosts", "test", "far")
    assert tried.code == 0, tried.out
    assert {row[0] for row in tried.rows} <= {"ok", "warning"}
    assert tried.rows[-2][1] == "session"
    assert "takes far/wait, quick/greet" in tried.rows[-1][2]

    assert daemon.ended("quick")["outcome"] == "succeeded"
    assert connected(command, home)
    cleared = command(home, "hosts", "clear", "far")
    assert (cleared.code, cleared.out) == (0, "")
    doctor = {row[1]: row[0] for row in command(home, "doctor").rows}
    assert (doctor["host far"], doctor["labels of hosts"]) == ("ok", "ok")


@pytest.fixture
def used(own_daemon, command, by_and_by, far):
    """The host of this daemon, which is connected."""
    add(command, own_daemon.home, far, "--host-key", far.settings().host_key)
    by_and_by(lambda: connected(command, own_daemon.home))


@pytest.mark.usefixtures("used")
def test_a_drained_host_gets_nothing_new_and_keeps_what_it_has(own_daemon, command, by_and_by):
    daemon, home = own_daemon, own_daemon.home
    first = daemon.run("far")
    daemon.begun(first, "wait", "here")
    assert state_of(command, home)["sessions"] == 1
    assert "still run there: 1" in command(home, "hosts", "drain", "far", "--reason", "new disk").err
    second = daemon.run("quick")
    by_and_by(lambda: "drained by" in command(home, "explain", second, "greet").out)
    doctor = {row[1]: row for row in command(home, "doctor").rows}
    assert (doctor["host far"][0], "new disk" in doctor["host far"][2]) == ("not ok", True)
    refused = command(home, "hosts", "remove", "far")
    assert (refused.code, "1 session runs" in refused.err) == (7, True)

    assert command(home, "hosts", "resume", "far").code == 0
    assert daemon.end(second)["outcome"] == "succeeded"
    command(home, "cancel", first)
    daemon.end(first)
    assert command(home, "hosts", "remove", "far").code == 0


@pytest.mark.usefixtures("settings", "used")
def test_what_is_left_of_a_host_that_was_taken_away_is_stopped_when_it_is_back(own_daemon, command, by_and_by, far):
    daemon, home = own_daemon, own_daemon.home
    run = daemon.run("far")
    daemon.begun(run, "wait", "here")
    assert command(home, "hosts", "remove", "far", "--force").code == 0
    assert daemon.end(run)["agents"]["wait"]["reason"] == "lost"
    (child,) = far.folder.glob("r/*/s/*/child.json")
    assert not child.with_name("exit.json").exists()

    add(command, home, far, "--host-key", far.settings().host_key)
    by_and_by(child.with_name("ack").exists)
    assert json.loads(child.with_name("exit.json").read_text())["ended_by"] == "stop"
    (row,) = command(home, "sessions", "--all").rows
    assert (row[1], row[7]) == ("exited", "far")


@pytest.mark.usefixtures("settings", "used")
def test_a_daemon_that_has_lost_its_database_finds_what_runs_there_and_ends_it(own_daemon, command, by_and_by, far):
    """Its folder there is named after its key: what is in it is this daemon's, whether or not it remembers."""
    daemon, home = own_daemon, own_daemon.home
    daemon.begun(daemon.run("far"), "wait", "here")
    daemon.stop(signal.SIGKILL)
    for file in home.root.glob("chainwright.db*"):
        file.unlink()
    home.root.joinpath(FILE).write_text("{}")  # there is time to see it listed
    daemon.start()
    add(command, home, far, "--host-key", far.settings().host_key)
    found = by_and_by(lambda: command(home, "sessions").rows)
    assert [(row[1], row[7], row[10]) for row in found] == [("running", "far", "")]

    daemon.stop()
    home.root.joinpath(FILE).write_text(CONFIGURED)
    daemon.start()
    (child,) = far.folder.glob("r/*/s/*/child.json")
    by_and_by(child.with_name("ack").exists)
    assert json.loads(child.with_name("exit.json").read_text())["ended_by"] == "stop"


@pytest.mark.usefixtures("used")
def test_a_host_whose_key_has_changed_gets_nothing_until_somebody_says_so(own_daemon, command, by_and_by, far):
    home = own_daemon.home
    old = fingerprint(far.settings().host_key)
    far.stop()
    far.change_host_key()
    far.start()
    by_and_by(lambda: state_of(command, home)["state"] == "untrusted")
    silent = command(home, "sessions")
    assert "not known of host far" in silent.err
    assert command(home, "hosts", "clear", "far", "--dry-run").code == 6

    refused = command(home, "hosts", "trust", "far", "--yes")
    assert refused.code == 7
    assert old in refused.err
    assert fingerprint(far.settings().host_key) in refused.err
    assert command(home, "hosts", "trust", "far", "--yes", "--replace").code == 0
    by_and_by(lambda: connected(command, home))
    assert [entry["step"] for entry in state_of(command, home)["entries"]] == ["added", "trusted", "trusted"]
