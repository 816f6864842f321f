"""`chainwright doctor`: well when all is well, and what to do when it is not."""

import json

from chainwright.daemon.config import Home


def test_a_machine_and_a_daemon_that_are_well(chainwright):
    done = chainwright("doctor", "--json")

    checks = {one["check"]: one for one in map(json.loads, done.out.splitlines())}
    assert done.code == 0
    assert {"python", "git", "sqlite", "repository chains/main", "branch of chains/main", "fork server"} <= set(checks)
    assert all(one["ok"] for one in checks.values())


def test_without_a_daemon_the_machine_is_looked_at_all_the_same(command, root):
    done = command(Home(root / "nothing"), "doctor")

    assert done.code == 0
    assert "not running" in done.out


def test_a_home_that_cannot_be_is_not_well(command, root):
    (root / "file").write_text("")

    done = command(Home(root / "file" / "home"), "doctor")

    assert done.code == 1
    assert "CHAINWRIGHT_HOME" in done.out
