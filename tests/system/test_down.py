"""`chainwright down`: the daemon's process is gone when it returns, its sessions go on, and the next daemon finds them."""

import os
import shutil
import signal
import subprocess
import sys

from chainwright.daemon.config import Home

FILES = {
    "workflows/ask.yaml": "agents:\n  ask:\n    run: |\n      echo begun\n      read line\n      echo heard $line\n",
}


def test_the_process_is_gone_when_it_returns(own_daemon, command):
    done = command(own_daemon.home, "down")

    assert done.code == 0
    assert own_daemon.process.wait(1) == 0


def test_what_agents_do_meanwhile_is_there_after_the_next_up(own_daemon, command, by_and_by):
    run = own_daemon.run("ask")
    own_daemon.begun(run, "ask", "begun")
    session = own_daemon.client.items("/sessions")[0]
    done = command(own_daemon.home, "down")

    assert "1 session" in done.err
    os.kill(session["pid"], signal.SIGKILL)
    exit_record = own_daemon.home.sessions / session["id"] / "exit.json"
    by_and_by(exit_record.exists)
    own_daemon.start()
    detail = own_daemon.end(run)

    assert own_daemon.attempt(detail, "ask")["signal"] == signal.SIGKILL
    assert [one["state"] for one in own_daemon.events(run)] == []


def test_a_daemon_that_was_killed_leaves_no_run_behind(own_daemon):
    run = own_daemon.run("ask")
    own_daemon.begun(run, "ask", "begun")
    own_daemon.stop(signal.SIGKILL)

    own_daemon.start()

    link = own_daemon.show(run)["agents"]["ask"]
    assert (link["state"], len(link["turns"][0]["attempts"])) == ("running", 1)


def test_down_without_a_daemon_gives_6_and_says_how_to_start_one(command, root):
    done = command(Home(root / "nothing"), "down")

    assert done.code == 6
    assert "chainwright up" in done.err


def test_a_daemon_whose_home_is_removed_says_so_and_ends(root, environment, by_and_by):
    home = Home(root / "h")
    with (root / "said").open("wb") as said:
        up = [sys.executable, "-m", "chainwright", "up"]
        process = subprocess.Popen(up, env=environment(home.root), stdout=said, stderr=said)
    by_and_by(lambda: "daemon.ready" in (root / "said").read_text())
    shutil.rmtree(home.root)

    assert process.wait(20) == 1
    assert f"the home {home.root} is gone" in (root / "said").read_text()
