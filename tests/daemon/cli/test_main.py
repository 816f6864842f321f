"""The entrance: help, exit codes, and what is not imported."""

import json
import subprocess
import sys
from typing import Any

import pytest

from chainwright.daemon.cli.main import cli, main
from chainwright.daemon.cli.verbs import VERBS
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import MEANINGS

HEAVY = ("aiohttp", "rich", "pydantic", "yaml", "asyncio", "http.client", "sqlite3", "structlog", "git")


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["nonsense"]])
def test_help_imports_nothing_heavy(environ: dict[str, str], argv: list[str]) -> None:
    script = (
        "import json, sys\n"
        "from chainwright.daemon.cli.main import main\n"
        f"main({argv!r})\n"
        "print(json.dumps(sorted(sys.modules)))"
    )

    told = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)

    loaded = set(json.loads(told.stdout.splitlines()[-1]))
    assert loaded.isdisjoint(HEAVY)


def test_a_list_imports_neither_the_server_nor_the_validator(environ: dict[str, str], daemon: Any) -> None:
    script = (
        "import json, sys\n"
        "from chainwright.daemon.cli.main import main\n"
        "assert main(['runs']) == 0\n"
        "print(json.dumps(sorted(sys.modules)))"
    )

    told = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)

    loaded = set(json.loads(told.stdout.splitlines()[-1]))
    assert loaded.isdisjoint({"aiohttp", "rich", "pydantic", "asyncio"})


@pytest.mark.parametrize("name", VERBS)
def test_the_table_says_what_the_command_says(name: str) -> None:
    command = cli.get_command(cli.make_context("chainwright", ["version"]), name)

    assert command is not None
    assert (command.name, command.short_help) == (name, VERBS[name].does)


@pytest.mark.parametrize("name", VERBS)
def test_every_command_has_a_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert "Usage: chainwright" in capsys.readouterr().out


def test_an_unknown_command_is_answered_with_the_near_one(run: Any) -> None:
    done = run("atach")

    assert done.code == 2
    assert 'there is no command "atach" - did you mean "attach"?' in done.err


def test_an_unknown_option_is_answered_with_the_near_one(run: Any) -> None:
    done = run("runs", "--limt", "3")

    assert (done.code, "--limit" in done.err) == (2, True)


def test_without_a_daemon_the_way_to_start_one_is_told(run: Any, home: Any) -> None:
    done = run("runs")

    assert done.code == 6
    assert str(home.socket) in done.err
    assert "chainwright up --detach" in done.err


@pytest.mark.parametrize("code", Code)
def test_every_refusal_has_its_exit_code_and_its_words_on_stderr(run: Any, scripted: Any, code: Code) -> None:
    scripted.refusal = Refusal(code, "no", "because")

    done = run("runs")

    assert (done.code, done.out) == (MEANINGS[code].exit_code, "")
    assert done.err == "error: no\n  because\n"


def test_a_bad_configuration_is_a_usage_error(run: Any, home: Any) -> None:
    (home.root / "chainwright.yaml").write_text("- no map\n")

    done = run("runs")

    assert done.code == 2
    assert "a map of settings was expected" in done.err


def test_another_home_can_be_named(run: Any, tmp_path: Any) -> None:
    done = run("--home", str(tmp_path / "other"), "runs")

    assert str(tmp_path / "other" / "daemon.sock") in done.err


def test_a_reader_that_has_had_enough_is_no_error(environ: dict[str, str], scripted: Any, make: Any) -> None:
    scripted.output = [b"x" * 65536] * 64
    shell = f"{sys.executable} -m chainwright logs | head -c 10; exit ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", shell], env=environ, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (141, "x" * 10, "")
