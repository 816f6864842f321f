"""`chainwright up`: ready when it says so, alone in its home, and gone without its sessions."""

import signal
import subprocess
import sys

import pytest

from chainwright.daemon.config import Home

FILES = {
    "workflows/hold.yaml": "agents:\n  hold:\n    run: |\n      echo begun\n      read line\n      echo heard $line\n",
    "workflows/hello.yaml": "agents:\n  greet:\n    run: echo hello\n",
}


def up(environ, *options):
    """`chainwright up …` as a process, so that a daemon in the background is nobody's child."""
    command = [sys.executable, "-m", "chainwright", "up", *options]
    return subprocess.run(command, env=environ, capture_output=True, timeout=20, text=True, check=False)


def test_detached_it_returns_once_runs_can_be_started(own_daemon, environment):
    assert own_daemon.stop() == 0

    done = up(environment(own_daemon.home.root), "--detach", "--repo", str(own_daemon.repository.path))

    assert done.returncode == 0, done.stderr
    assert own_daemon.ended("hello")["outcome"] == "succeeded"


def test_a_second_daemon_in_the_background_is_refused_with_the_pid_of_the_first(daemon, chainwright):
    done = chainwright("up", "--detach", "--repo", str(daemon.repository.path))

    assert done.code == 7
    assert f"pid {daemon.process.pid}" in done.err


def test_a_second_daemon_in_the_foreground_is_refused_with_the_pid_of_the_first(daemon, environment):
    done = up(environment(daemon.home.root))

    assert done.returncode == 7
    assert str(daemon.process.pid) in done.stderr
    assert daemon.ended("hello")["outcome"] == "succeeded"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_exits_0_and_leaves_sessions_running(own_daemon, number):
    run = own_daemon.run("hold")
    own_daemon.begun(run, "hold", "begun")
    pid = own_daemon.client.items("/sessions")[0]["pid"]

    assert own_daemon.stop(number) == 0

    assert f"/proc/{pid}" in own_daemon.traces()
    own_daemon.start()
    assert own_daemon.show(run)["agents"]["hold"]["state"] == "running"
    assert own_daemon.client.items("/sessions")[0]["pid"] == pid


def test_a_bare_repository_is_deployed_like_any_other(root, own_daemon):
    own_daemon.stop()
    bare = root / "bare.git"
    own_daemon.repository.git("clone", "--quiet", "--bare", ".", str(bare))

    own_daemon.start("--repo", str(bare))

    assert own_daemon.ended("hello")["outcome"] == "succeeded"


def test_without_a_repository_it_is_up_and_says_that_nothing_is_deployed(own_daemon, command):
    own_daemon.repository.path.rename(own_daemon.repository.path.with_name("elsewhere"))
    own_daemon.stop()
    own_daemon.home.database.unlink()

    own_daemon.start()
    done = command(own_daemon.home, "run", "hello")

    assert done.code == 7
    assert "nothing is deployed" in done.err
    assert "up --repo PATH" in done.err


def test_in_the_background_it_says_what_could_not_be_deployed(own_daemon, environment, root):
    assert own_daemon.stop() == 0

    done = up(environment(own_daemon.home.root), "--detach", "--repo", str(root / "mistyped"))

    assert done.returncode == 0
    assert "mistyped is not there" in done.stderr


def test_a_daemon_that_cannot_start_says_why_in_a_sentence(own_daemon, environment):
    assert own_daemon.stop() == 0
    kept = own_daemon.home.database.read_bytes()
    own_daemon.home.database.write_bytes(b"garbage")

    done = up(environment(own_daemon.home.root), "--detach")
    own_daemon.home.database.write_bytes(kept)

    assert done.returncode == 1
    assert "the daemon cannot start: " in done.stderr
    assert "{" not in done.stderr


def test_the_demo_comes_with_a_run_of_the_shipped_chain(own_daemon, by_and_by):
    own_daemon.stop()

    own_daemon.start("--demo")

    (run,) = by_and_by(lambda: own_daemon.client.items("/runs"))
    assert run["chain"] == "demo"
    by_and_by(lambda: own_daemon.show(run["id"])["agents"]["research"]["outcome"] == "succeeded")


def test_a_setting_that_does_not_exist_is_named_with_the_near_one(command, root):
    settings = root / "settings.yaml"
    settings.write_text("sessions: {slot: 4}\n")

    done = command(Home(root / "nothing"), "--config", str(settings), "up", "--detach")

    assert done.code == 2
    assert "sessions.slot" in done.err
    assert '"slots"' in done.err
