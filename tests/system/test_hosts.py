"""Hosts: who they are, and people's hold on them, across the deaths of a daemon."""

import json
import signal

import pytest

from chainwright.daemon.config import FILE

FILES = {"workflows/hello.yaml": "agents:\n  greet:\n    run: echo hello\n"}
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3"
CONFIGURED = "hosts:\n  big: {address: big.example.org, labels: [gpu], slots: 4}\n"


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
    assert found["gpu1"][1:5] == ["ada@10.0.0.7", "gpu1,gpu", "0/16", "idle"]
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
