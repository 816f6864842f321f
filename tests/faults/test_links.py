"""Agents on two machines whose cables are cut: nothing is lost, nothing happens twice, and a silent host is never a reason to start again.

One daemon and one pair of machines serve the whole module. What must hold when all runs have finished is asked after each test; what
must not be left behind, at the end of the module.
"""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HELD = """#!/bin/sh
case "$*" in
  *" start "*) {python} "$@" > {folder}/answer; touch {folder}/started; until test -e {folder}/go; do sleep 0.05; done; cat {folder}/answer ;;
  *) exec {python} "$@" ;;
esac
"""
"""An interpreter that begins sessions at once, and keeps the answer to itself until there is a file ``go``."""


class Runs:
    """Runs of the chain ``linked``, typed into while they last."""

    def __init__(self, linked: Any, every_s: float = 0.1, lines_typed: int = 3) -> None:
        self._linked = linked
        self._every_s = every_s
        self._lines_typed = lines_typed

    async def one(self, key: str, **inputs: Any) -> dict[str, Any]:
        """From its start to its end, which must be a good one."""
        run = await self._linked.load.start(key, "linked", typed=self._lines_typed, **inputs)
        lines = [f"{key} input {n}" for n in range(self._lines_typed)]
        await self._linked.load.type(f"{run}-talk-1-1", lines, every_s=self._every_s)
        detail: dict[str, Any] = await self._linked.daemon.until(run, limit_s=240.0)
        assert detail["outcome"] == "succeeded", json.dumps(detail)
        assert attempts(detail) == {"talk": 1, "print": 1, "hear": 3}, json.dumps(detail)
        return detail

    async def some(self, key: str, count: int, **inputs: Any) -> None:
        """Several at once; then everything is looked at."""
        async with asyncio.TaskGroup() as group:
            for number in range(count):
                group.create_task(self.one(f"{key} {number}", **inputs), name=f"{key} {number}")
        assert self._linked.broken_so_far() == []


def attempts(detail: dict[str, Any]) -> dict[str, int]:
    """How many there were of each agent, of all its turns."""
    return {name: sum(len(turn["attempts"]) for turn in agent["turns"]) for name, agent in detail["agents"].items()}


async def begun(linked: Any, agent: str, count: int) -> None:
    """Wait until so many of these agents have written their first line, beside those that ended."""

    def those() -> list[Path]:
        return [path for path in linked.books.glob(f"*-{agent}-*") if is_at_work(path.read_text())]

    await linked.until(lambda: len(those()) >= count, 60.0)


def is_at_work(book: str) -> bool:
    return '"wrote"' in book and '"exits"' not in book


async def during(work: Any, fault: Any) -> None:
    """Do both at once; the failure of one ends the other."""
    async with asyncio.TaskGroup() as group:
        group.create_task(work, name="work")
        group.create_task(fault, name="fault")


@pytest.mark.parametrize("for_s", [15, pytest.param(120, marks=pytest.mark.soak)])
async def test_a_link_that_is_silent_for_long_costs_time_and_nothing_else(linked: Any, for_s: int) -> None:
    """Agents on both machines write, emit and end meanwhile; what is typed during the cut arrives once, in order."""

    async def cut() -> None:
        await begun(linked, "print", 2)
        await begun(linked, "talk", 2)
        for machine in (linked.left, linked.right):
            machine.cut()
        await asyncio.sleep(for_s)
        for machine in (linked.left, linked.right):
            machine.restore()

    await during(Runs(linked, every_s=1.0, lines_typed=12).some(f"silent for {for_s}", 2, lines=60, pause=0.1), cut())


@pytest.mark.parametrize(
    ("flaps", "longest_s", "runs"), [(5, 0.8, 3), pytest.param(30, 2.0, 20, marks=pytest.mark.soak)]
)
async def test_a_link_that_flaps_and_is_reset_loses_and_doubles_nothing(
    linked: Any, flaps: int, longest_s: float, runs: int
) -> None:
    """Flaps of both links, then resets of all their connections, at moments that the seed chooses."""
    for machine in (linked.left, linked.right):
        await linked.describe(machine, slots=2 * runs)

    async def flap() -> None:
        await begun(linked, "print", 1)
        for _ in range(flaps):
            for machine in (linked.left, linked.right):
                machine.cut()
            await asyncio.sleep(linked.chance.uniform(0.2, longest_s))
            for machine in (linked.left, linked.right):
                machine.restore()
            await asyncio.sleep(linked.chance.uniform(0.1, 0.5))
        for _ in range(2 * flaps):
            linked.chance.choice((linked.left, linked.right)).abort()
            await asyncio.sleep(linked.chance.uniform(0.0, 0.6))

    await during(Runs(linked, every_s=0.4, lines_typed=10).some(f"flaps {flaps}", runs, lines=50, pause=0.1), flap())


@pytest.mark.parametrize(("kills", "lines"), [(1, 15), pytest.param(20, 800, marks=pytest.mark.soak)])
async def test_a_daemon_that_is_killed_while_its_hosts_are_away_finds_everything_when_they_are_back(
    linked: Any, kills: int, lines: int
) -> None:
    """Agents end meanwhile. The next daemon comes up without its hosts, and takes what is typed."""

    async def kill() -> None:
        await begun(linked, "print", 2)
        await begun(linked, "talk", 2)
        for _ in range(kills):
            for machine in (linked.left, linked.right):
                machine.cut()
            await asyncio.sleep(linked.chance.uniform(0.0, 1.0))
            linked.daemon.kill()
            await linked.daemon.up()
            await asyncio.sleep(2)
            for machine in (linked.left, linked.right):
                machine.restore()
            await asyncio.sleep(linked.chance.uniform(0.0, 4.0) if kills > 1 else 0.0)

    typing = Runs(linked, every_s=0.5, lines_typed=6 * kills)
    await during(typing.some(f"killed {kills}", 2, lines=lines, pause=0.1), kill())


async def test_sshd_daemon_and_link_may_all_fail_at_once(linked: Any) -> None:
    """Sessions are none of sshd's processes: it is killed and started, then everything together."""

    async def fail() -> None:
        await begun(linked, "print", 2)
        linked.right.sshd.stop()
        await asyncio.sleep(1)
        linked.right.sshd.start()
        await begun(linked, "talk", 2)
        for machine in (linked.left, linked.right):
            machine.cut()
            machine.sshd.stop()
        linked.daemon.kill()
        await linked.daemon.up()
        for machine in (linked.left, linked.right):
            machine.restore()
        await asyncio.sleep(1)
        for machine in (linked.left, linked.right):
            machine.sshd.start()

    await during(Runs(linked, every_s=0.5, lines_typed=8).some("all", 2, lines=25, pause=0.1), fail())


async def test_a_link_that_is_lost_between_a_launch_and_its_answer_gives_exactly_one_agent(linked: Any) -> None:
    """The agent runs, and nobody has heard: it is found, not started again, and not on another host either."""
    folder = linked.root / "held"
    folder.mkdir()
    python = folder / "python"
    python.write_text(HELD.format(python="/usr/bin/python3", folder=folder))
    python.chmod(0o755)
    forwards = linked.left.sshd.options
    await restarted(linked, (*forwards, "AllowStreamLocalForwarding no"), python=str(python))
    run = await linked.load.start("launch", "single")
    await linked.until((folder / "started").exists, 60.0)
    await answer_lost(linked, run, (folder / "go").touch)
    await restarted(linked, forwards)


async def test_the_same_of_a_launch_by_the_warm_process_of_a_porter(linked: Any) -> None:
    """What the warm process answered is held on the host until the link is cut."""
    await ended_by_word(linked, await linked.load.start("makes it warm", "single"))
    async with linked.answers_held(linked.left.root) as held:
        run = await linked.load.start("warm launch", "single")
        async with asyncio.timeout(60):
            await held.answered.wait()
        await answer_lost(linked, run, held.go.set)

    assert held.requests == 1


async def answer_lost(linked: Any, run: str, let_go: Callable[[], object]) -> None:
    """The agent of this run is at work, and its launch has no answer: lose the link, then let the answer go, into nothing."""
    await linked.until((linked.books / f"{run}-wait-1-1").exists, 60.0)
    linked.left.abort()
    linked.left.cut()
    let_go()
    await asyncio.sleep(1)
    linked.left.restore()
    await ended_by_word(linked, run)


async def ended_by_word(linked: Any, run: str) -> None:
    """A run of ``single`` has one agent, which was started once, hears what is typed and ends."""
    await linked.load.type(f"{run}-wait-1-1", ["go"])
    detail = await linked.daemon.until(run)

    assert (detail["outcome"], attempts(detail)) == ("succeeded", {"wait": 1})
    assert linked.broken_so_far() == []


async def restarted(linked: Any, options: tuple[str, ...], **settings: Any) -> None:
    """Have the left sshd another configuration; without forwarded sockets sessions are started by commands, which can be held up."""
    linked.left.sshd.stop()
    linked.left.sshd.set_options(*options)
    linked.left.sshd.start()
    await linked.describe(linked.left, **settings)


async def test_a_run_that_is_cancelled_while_its_host_is_away_leaves_no_agent_there(linked: Any) -> None:
    """I9: the host comes back, and within a minute the agent is ended."""
    run = await linked.load.start("cancelled", "single")
    book = linked.books / f"{run}-wait-1-1"
    await linked.until(lambda: book.exists() and "ready" in book.read_text(), 60.0)
    pid = json.loads(book.read_text().splitlines()[0])[1]
    linked.left.cut()
    status, answer = await linked.daemon.insist("POST", f"/runs/{run}/cancel", {"reason": "nobody needs it"})
    assert status in (200, 202), answer
    await asyncio.sleep(1)
    linked.left.restore()
    await linked.until(lambda: not Path("/proc", str(pid)).exists(), 60.0)
    detail = await linked.daemon.until(run)

    assert detail["outcome"] == "cancelled"
    assert linked.broken_so_far() == []


async def test_what_ran_on_a_machine_that_was_rebooted_is_lost_and_run_again_only_if_the_chain_says_so(
    linked: Any,
) -> None:
    """Nothing of it can be left, which is on record: its boot id is another one."""
    run = await linked.load.start("rebooted", "rebooted")
    books = [linked.books / f"{run}-{agent}-1-1" for agent in ("once", "again")]
    await linked.until(lambda: all(book.exists() and "ready" in book.read_text() for book in books), 60.0)
    linked.left.reboot()
    await linked.load.type(f"{run}-again-1-2", ["go"])
    detail = await linked.daemon.until(run)
    journal = await journal_of(linked, run)

    assert outcomes(detail, "once") == ["lost"]
    assert outcomes(detail, "again") == ["lost", "succeeded"]
    lost = [row["body"] for row in journal if row["kind"] == "SessionLost"]
    assert [one["group_gone"] for one in lost] == [True, True]
    assert all("rebooted" in one["detail"] for one in lost)
    assert linked.broken_so_far() == []


def outcomes(detail: dict[str, Any], agent: str) -> list[str]:
    return [one["outcome"] for turn in detail["agents"][agent]["turns"] for one in turn["attempts"]]


async def journal_of(linked: Any, run: str) -> list[dict[str, Any]]:
    """Every entry of a run, with its body."""
    status, answer = await linked.daemon.insist("GET", f"/runs/{run}/journal")
    assert status == 200, answer
    rows: list[dict[str, Any]] = answer["items"]
    return rows


async def test_a_full_disk_of_a_host_holds_its_agents_and_people_see_it(linked: Any) -> None:
    """The agent stands still in the middle of a line, which is no failure; it goes on when there is room, byte for byte."""
    small = await linked.introduced(made_or_skip(linked, "small", disk_mb=16))
    run = await linked.load.start("full", "filling")
    book = linked.books / f"{run}-talk-1-1"
    await linked.until(book.exists, 60.0)
    ballast = linked.fill(small.root)
    (linked.root / "fill").touch()
    seen = await waiting_for(linked, run, "disk-full")
    lines = book.read_text().count('"wrote"')
    _, inbox = await linked.daemon.insist("GET", "/inbox")
    ballast.unlink()
    detail = await linked.daemon.until(run)

    assert 'host "small"' in seen["excerpt"]
    assert [item["reason"] for item in inbox["items"] if item["run_id"] == run] == ["disk-full"]
    assert 0 < lines < 3_000
    assert (detail["outcome"], attempts(detail)) == ("succeeded", {"talk": 1})
    assert [row["kind"] for row in await journal_of(linked, run)].count("AttentionCleared") == 1
    assert linked.broken_so_far() == []


def made_or_skip(linked: Any, name: str, **how: Any) -> Any:
    try:
        return linked.links.make(name, **how)
    except RuntimeError as why:
        pytest.skip(f"MISSING CAPABILITY: {why}; the full disk of a host was not tried")


async def waiting_for(linked: Any, run: str, cause: str) -> dict[str, Any]:
    """What a run's agent ``talk`` waits for, once it does for this."""
    async with asyncio.timeout(60):
        while True:
            detail = await linked.daemon.run(run)
            assert detail["state"] != "finished", json.dumps(detail)
            turns = detail["agents"]["talk"]["turns"]
            seen = turns and turns[0]["attempts"] and turns[0]["attempts"][0]["attention"]
            if seen and seen["cause"] == cause:
                found: dict[str, Any] = seen
                return found
            await asyncio.sleep(0.05)
