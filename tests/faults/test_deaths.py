"""Other processes than the daemon die, or the daemon only seems to: session hosts, the fork server, a daemon that is stopped."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners import session_folder, session_host

EXIT_CONFLICT = 7


def child(faults: Any, session: str) -> dict[str, Any]:
    """The record of a session's agent."""
    record: dict[str, Any] = json.loads((faults.daemon.home.sessions / session / "child.json").read_text())
    return record


async def ready(faults: Any, *names: str) -> None:
    """Wait until these attempts wait for their input."""
    await faults.until(
        lambda: all((faults.books / name).exists() and "ready" in (faults.books / name).read_text() for name in names)
    )


def outcomes(detail: dict[str, Any], agent: str) -> list[tuple[str, str]]:
    """Outcome and reason of every attempt of an agent."""
    return [(one["outcome"], one["reason"]) for turn in detail["agents"][agent]["turns"] for one in turn["attempts"]]


async def test_an_attempt_whose_session_host_was_killed_is_lost_and_run_again_only_if_the_chain_says_so(
    faults: Any,
) -> None:
    """One kill each: without ``retry.on: [lost]`` nothing more is executed, with it one more attempt is."""
    await faults.daemon.up()
    run = await faults.load.start("only", chain="lost")
    names = [f"{run}-{agent}-1-1" for agent in ("once", "again")]
    await ready(faults, *names)
    for name in names:
        os.kill(child(faults, name)["host_pid"], signal.SIGKILL)
    await faults.load.type(f"{run}-again-1-2", ["go"])
    detail = await faults.daemon.until(run)

    assert outcomes(detail, "once") == [("lost", "lost")]
    assert outcomes(detail, "again") == [("lost", "lost"), ("succeeded", None)]
    assert detail["agents"]["report"]["outcome"] == "succeeded"


async def test_a_session_host_that_dies_while_the_daemon_is_away_is_lost_too(faults: Any) -> None:
    """The next daemon finds the record without its keeper, and starts nothing."""
    await faults.daemon.up()
    run = await faults.load.start("only", chain="patient")
    name = f"{run}-wait-1-1"
    await ready(faults, name)
    faults.daemon.kill()
    os.kill(child(faults, name)["host_pid"], signal.SIGKILL)
    await faults.daemon.up()
    detail = await faults.daemon.until(run)

    assert (detail["outcome"], outcomes(detail, "wait")) == ("failed", [("lost", "lost")])


async def test_a_check_whose_session_host_was_killed_is_run_again(faults: Any) -> None:
    """A check decides nothing when it is lost: the second time it says yes."""
    await faults.daemon.up()
    run = await faults.load.start("only", chain="checked")
    checks = faults.root / "checks"
    await faults.until(checks.exists)
    os.kill(child(faults, f"{run}-work-1-1.c0")["host_pid"], signal.SIGKILL)
    detail = await faults.daemon.until(run)

    assert detail["outcome"] == "succeeded"
    assert len(checks.read_text().split()) == 2


async def test_a_stopped_daemon_goes_on_where_it_was(faults: Any) -> None:
    """While it is stopped its agents go on to their end; afterwards all of it is on record."""
    await faults.daemon.up()
    run = await faults.load.start("only", lines=5, pause=0.0, typed=0)
    await faults.until((faults.books / f"{run}-talk-1-1").exists)
    faults.daemon.kill(signal.SIGSTOP)
    await faults.until(lambda: '"exits"' in (faults.books / f"{run}-talk-1-1").read_text())
    faults.daemon.kill(signal.SIGCONT)
    detail = await faults.daemon.until(run)

    assert detail["outcome"] == "succeeded"


async def test_a_second_daemon_on_one_home_refuses_and_names_the_first(faults: Any) -> None:
    """The first one is not disturbed, and a killed one leaves nothing in the way."""
    await faults.daemon.up()
    pid = faults.daemon.process.pid
    words = [sys.executable, "-m", "chainwright", "--home", str(faults.daemon.home.root), "up"]
    second = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, timeout=60, check=False)

    assert (second.returncode, str(pid) in second.stderr) == (EXIT_CONFLICT, True)
    assert await faults.daemon.is_ready()
    faults.daemon.kill()
    await faults.daemon.up()


def fork_server(faults: Any) -> int:
    """The process id of the daemon's fork server."""
    for pid in Path(f"/proc/{faults.daemon.process.pid}/task/{faults.daemon.process.pid}/children").read_text().split():
        if b"forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return int(pid)
    raise AssertionError("there is no fork server")


async def test_sessions_start_also_after_the_death_of_the_fork_server(faults: Any) -> None:
    """What runs does not notice; what comes next starts all the same, and a new server stands ready."""
    await faults.daemon.up()
    run = await faults.load.start("first", chain="patient")
    name = f"{run}-wait-1-1"
    await ready(faults, name)
    before = fork_server(faults)
    os.kill(before, signal.SIGKILL)
    detail = await faults.load.run("second", lines=2, pause=0.0, typed=1)
    await faults.load.type(name, ["go"])

    assert detail["outcome"] == "succeeded"
    assert (await faults.daemon.until(run))["outcome"] == "succeeded"
    assert fork_server(faults) != before


async def test_a_terminal_whose_run_is_over_can_be_opened_after_a_restart(faults: Any) -> None:
    """Also by somebody who would type: it shows what was written, and its end."""
    await faults.daemon.up()
    detail = await faults.load.run("only", lines=2, pause=0.0, typed=1)
    faults.daemon.kill()
    await faults.daemon.up()
    attempt = f"{detail['id']}-talk-1-1"
    before, lines = faults.load.seen[attempt], faults.load.typed[attempt]
    await faults.load.type(attempt, lines, limit_s=20.0)

    assert faults.load.seen[attempt] == before
    assert faults.load.typed[attempt] == lines


HOST_LABELS = sorted(set(re.findall(r'crash_point\("([a-z-]+)"\)', Path(session_host.__file__).read_text())))


@pytest.mark.parametrize("label", HOST_LABELS)
async def test_session_hosts_that_all_die_at_a_label_leave_no_run_undecided(faults: Any, label: str) -> None:
    """Every session host of a daemon's dies there; the next daemon ends the run, executes nothing twice, and leaves nothing."""
    await faults.daemon.up(crash_at=label)
    run = await faults.load.start("only", lines=1, pause=0.0, typed=0)
    await faults.until(lambda: list(faults.daemon.home.sessions.glob(f"{run}-*/lock")))
    await faults.until(lambda: not hosts_alive(faults, run))
    faults.daemon.kill()
    await faults.daemon.up()

    assert (await faults.daemon.until(run))["outcome"] in ("succeeded", "failed")


def hosts_alive(faults: Any, run: str) -> list[Path]:
    """The folders of a run whose session host lives."""
    return [
        folder for folder in faults.daemon.home.sessions.glob(f"{run}-*") if session_folder.lock_is_held(str(folder))
    ]
