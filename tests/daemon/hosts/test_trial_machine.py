"""What was found on a machine is judged: whether agents run there, and what somebody may miss."""

import json
import time
from typing import Any

import pytest

from chainwright.daemon.hosts.findings import Stop
from chainwright.daemon.hosts.trial_machine import LEAST_FREE_BYTES, Machine
from chainwright.runners.probe import MARK
from chainwright.runners.ssh.connections import Ran
from chainwright.schemas.hosts import HostSettings

WELL: dict[str, Any] = {
    "root": "/home/ada/.chainwright",
    "made": False,
    "faults": {},
    "terminals": {"used": 2, "max": 4096},
    "owner": 1000,
    "user": 1000,
    "mode": 0o700,
    "free_bytes": 50_000_000_000,
    "free_files": None,
    "git": "git version 2.39.5",
}


class Connections:
    """A host that says this, whatever it is asked."""

    name = "far"

    def __init__(self, out: str) -> None:
        self._out = out

    async def command(self, command: str, *, stdin: bytes = b"", within_s: float) -> Ran:
        return Ran(code=0, out=self._out.encode(), err="")


async def looked_at(changes: dict[str, Any], ahead_s: float = 0.0) -> Machine:
    """A machine that was found so, after its root was looked at."""
    said = "Welcome!\n" + MARK + json.dumps({**WELL, "time": time.time() + ahead_s, **changes}) + "\n"
    machine = Machine(HostSettings(address="far"), Connections(said))  # type: ignore[arg-type] # a stand-in
    await machine.root()
    return machine


async def test_a_machine_on_which_all_is_well() -> None:
    machine = await looked_at({})
    found = [
        await look()
        for look in (machine.root, machine.files, machine.room, machine.terminals, machine.clock, machine.git)
    ]

    assert [one.verdict for one in found] == ["ok"] * 6
    assert found[0].detail == "/home/ada/.chainwright, there, the user's own"
    assert found[3].detail == "4094 of 4096 free"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"faults": {"root": "Permission denied"}}, "cannot be made: Permission denied"),
        ({"faults": {"write": "Read-only file system"}}, "cannot be written: Read-only file system"),
        ({"owner": 0}, "belongs to another user (0)"),
    ],
)
async def test_a_root_that_is_no_use_ends_it(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Stop) as stopped:
        await looked_at(changes)
    assert told in stopped.value.finding.detail


async def test_a_root_whose_path_is_long_is_told() -> None:
    machine = await looked_at({"root": "/srv/" + "x" * 60})

    assert "leaves 17 bytes" in (await machine.root()).detail


@pytest.mark.parametrize("fault", ["flock", "rename", "socket"])
async def test_a_file_system_that_sessions_cannot_live_on_ends_it(fault: str) -> None:
    machine = await looked_at({"faults": {fault: "Operation not supported"}})

    with pytest.raises(Stop) as stopped:
        await machine.files()
    assert "local file system" in stopped.value.finding.hint


async def test_a_file_system_on_which_nothing_is_executed_is_a_failure() -> None:
    machine = await looked_at({"faults": {"exec": "Permission denied"}})

    assert (await machine.files()).verdict == "failed"


@pytest.mark.parametrize(
    ("changes", "told"), [({"free_bytes": LEAST_FREE_BYTES - 1}, "1.1 GB"), ({"free_files": 9}, "only 9 files")]
)
async def test_little_room_is_told(changes: dict[str, Any], told: str) -> None:
    found = await (await looked_at(changes)).room()

    assert (found.verdict, told in found.detail) == ("warning", True)


@pytest.mark.parametrize(
    ("changes", "verdict", "told"),
    [
        ({"faults": {"terminal": "No space left on device"}}, "failed", "No space left"),
        ({"terminals": {"used": 4090, "max": 4096}}, "warning", "6 of 4096 free, 16 slots"),
        ({"terminals": {"used": None, "max": None}}, "ok", "can be opened"),
    ],
)
async def test_few_terminals_are_told(changes: dict[str, Any], verdict: str, told: str) -> None:
    found = await (await looked_at(changes)).terminals()

    assert found.verdict == verdict
    assert told in found.detail


async def test_a_machine_without_git_is_told() -> None:
    found = await (await looked_at({"faults": {"git": "No such file or directory"}})).git()

    assert (found.verdict, "no CHAINWRIGHT_REPOSITORY" in found.detail) == ("warning", True)


@pytest.mark.parametrize(("ahead_s", "told"), [(60.0, "s ahead of ours"), (-60.0, "s behind ours")])
async def test_a_clock_that_is_apart_is_told(ahead_s: float, told: str) -> None:
    found = await (await looked_at({}, ahead_s)).clock()

    assert (found.verdict, told in found.detail) == ("warning", True)


@pytest.mark.parametrize(
    ("said", "told"), [("chainwright-python 2.7.18", "is Python 2.7.18"), ("command not found", "is not found")]
)
async def test_an_interpreter_that_does_not_do_ends_it(said: str, told: str) -> None:
    machine = Machine(HostSettings(address="far"), Connections(said))  # type: ignore[arg-type] # a stand-in

    with pytest.raises(Stop) as stopped:
        await machine.python()
    assert told in stopped.value.finding.detail
