"""A nursery starts command lines as processes of their own."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwright.daemon.testing.nursery import Nursery, Process
from chainwright.daemon.web.codes import EXIT_UNREACHABLE, EXIT_USAGE

LIMIT_S = 30.0


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    warm = Nursery(Path(__file__).parents[2] / "forks.py")
    yield warm
    warm.close()


def started(nursery: Nursery, folder: Path, *words: str) -> Process:
    env = {"PATH": os.environ["PATH"], "CHAINWRIGHT_HOME": str(folder / "h"), "CHAINWRIGHT_LISTEN__PORT": "0"}
    return Process(nursery, words=words, env=env, log=folder / "log", cwd=folder)


def test_what_it_prints_is_in_its_log_and_its_exit_code_is_known(nursery: Nursery, tmp_path: Path) -> None:
    process = started(nursery, tmp_path, "version")

    assert process.wait(LIMIT_S) == 0
    assert (tmp_path / "log").read_text().startswith("chainwright ")


def test_a_failure_is_that_of_the_command(nursery: Nursery, tmp_path: Path) -> None:
    assert started(nursery, tmp_path, "no-such-verb").wait(LIMIT_S) == EXIT_USAGE


def test_a_daemon_of_it_ends_by_a_signal_as_any_other(nursery: Nursery, tmp_path: Path) -> None:
    process = started(nursery, tmp_path, "up")
    assert process.poll() is None
    process.send_signal(signal.SIGKILL)

    assert process.wait(LIMIT_S) == -signal.SIGKILL
    process.send_signal(signal.SIGTERM)  # to nobody, and no fault


@pytest.mark.parametrize("name", ["a", "b"])
def test_each_command_has_its_own_environment(nursery: Nursery, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()

    assert started(nursery, folder, "runs").wait(LIMIT_S) == EXIT_UNREACHABLE
    assert str(folder / "h") in (folder / "log").read_text()
