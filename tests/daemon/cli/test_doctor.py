"""``doctor``, ``version`` and ``completion``."""

import json
import sqlite3
import subprocess
from typing import Any

import pytest

from chainwright import __version__


def checks(done: Any) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in map(json.loads, done.out.splitlines())}


def test_without_a_daemon_the_machine_is_checked(run: Any) -> None:
    done = run("doctor", "--json")

    found = checks(done)
    assert list(found) == ["python", "git", "sqlite", "terminals", "home", "room", "socket", "daemon"]
    assert (done.code, found["daemon"]["detail"]) == (0, "not running")


def test_the_daemons_own_checks_follow(run: Any, scripted: Any) -> None:
    assert checks(run("doctor", "--json"))["store"]["detail"] == "the journal verifies"


def test_what_is_not_well_is_told_with_what_to_do(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 7, 0))

    done = run("doctor", "--json")

    assert done.code == 1
    assert "or newer" in checks(done)["sqlite"]["hint"]


def test_a_missing_git_is_told(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert not checks(run("doctor", "--json"))["git"]["ok"]


def test_a_home_that_is_a_file_is_told(run: Any, tmp_path: Any) -> None:
    (tmp_path / "file").write_text("")

    found = checks(run("--home", str(tmp_path / "file" / "home"), "doctor", "--json"))

    assert not found["home"]["ok"]


def test_the_version_of_an_absent_daemon_is_null(run: Any) -> None:
    assert json.loads(run("version", "--json").out) == {"client": __version__, "daemon": None}
    assert run("version").out == f"chainwright {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_the_shell_takes(run: Any, shell: str) -> None:
    done = run("completion", shell)

    assert "_CHAINWRIGHT_COMPLETE" in done.out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=done.out, text=True, check=True)
