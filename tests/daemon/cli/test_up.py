"""``up`` and ``down``."""

import os
import subprocess
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

import chainwright.daemon
from chainwright.daemon.cli import up
from chainwright.daemon.config import Config


@pytest.fixture
def supervised(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Config, bool]]:
    """What a stand-in for the supervisor was asked to run."""
    asked: list[tuple[Config, bool]] = []

    def run(config: Config, *, demo: bool, hosted: bool, greet: Any) -> int:
        asked.append((config, demo))
        return 7

    stand_in = SimpleNamespace(run=run)
    monkeypatch.setitem(sys.modules, "chainwright.daemon.supervisor", stand_in)
    monkeypatch.setattr(chainwright.daemon, "supervisor", stand_in, raising=False)
    return asked


@pytest.fixture
def in_background(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What ``up --detach`` starts is this program instead of a daemon."""
    real = subprocess.Popen
    started: list[list[str]] = []
    processes: list[Any] = []

    def put(program: str) -> list[list[str]]:
        def popen(command: list[str], **options: Any) -> Any:
            started.append(command)
            processes.append(real([sys.executable, "-c", program], **options))
            return processes[-1]

        monkeypatch.setattr(subprocess, "Popen", popen)
        return started

    yield put
    for process in processes:
        process.kill()
        process.wait()


def test_in_the_foreground_the_supervisor_runs_with_the_whole_configuration(
    run: Any, supervised: list[tuple[Config, bool]], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    done = run("up", "--repo", "chains", "--branch", "next", "--demo")

    ((config, demo),) = supervised
    assert (done.code, demo) == (7, True)
    assert config.settings.repository.path == str(tmp_path / "chains")
    assert (config.settings.repository.branch, config.origin("repository.branch")) == ("next", "flag")


def test_in_the_background_it_returns_once_commands_are_taken(
    run: Any, home: Any, daemon: Any, in_background: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up, "_refuse_a_second", lambda _: None)
    started = in_background("import signal; signal.pause()")

    done = run("--home", str(home.root), "up", "--detach", "--repo", "/r")

    assert done.code == 0
    assert started == [
        [sys.executable, "-m", "chainwright", "--home", str(home.root), "up", "--repo", "/r"],
    ]


def test_a_daemon_that_ends_at_once_shows_the_end_of_its_log(run: Any, home: Any, in_background: Any) -> None:
    home.log.write_text("of yesterday\n")
    in_background("import sys; print('the disk is gone'); sys.exit(9)")

    done = run("up", "--detach")

    assert done.code == 1
    assert "the daemon ended with exit code 9" in done.err
    assert "the disk is gone" in done.err
    assert "yesterday" not in done.err


def test_a_second_daemon_is_refused(run: Any, daemon: Any) -> None:
    done = run("up", "--detach")

    assert (done.code, "is up" in done.err) == (7, True)


def test_down_waits_until_the_process_has_gone(run: Any, scripted: Any) -> None:
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    pipe = process.stdin

    async def status(_: Any) -> dict[str, Any]:
        return {"pid": process.pid, "sessions": 2}

    async def shut_down(_: Any) -> None:
        pipe.close()

    scripted.status, scripted.shut_down = status, shut_down

    done = run("down")

    assert (done.code, os.waitpid(process.pid, os.WNOHANG)[0]) == (0, process.pid)
    process.returncode = 0
    assert done.err == "the daemon is down; 2 sessions go on\n"


def test_down_without_a_daemon_says_so(run: Any) -> None:
    assert run("down").code == 6
