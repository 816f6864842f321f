"""The fleet: hosts of the register are reached, looked after, closed while they cannot take sessions, and gone when they are removed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.sshd import Sshd

from chainwright.daemon.core.access import Actor
from chainwright.daemon.engine.hosts import Host, Surroundings
from chainwright.daemon.fleet import Fleet
from chainwright.daemon.hosts.register import Hosts
from chainwright.daemon.remote import machine
from chainwright.daemon.remote.means import Means
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.daemon.testing import FakeClock, ScriptedRunner
from chainwright.runners.port import Lost

ANN = Actor(name="ann")
LIMIT_S = 60.0


class Bench:
    """A fleet over a register that a test changes. ``placed`` says where attempts are on record."""

    def __init__(self, folder: Path) -> None:
        self.store = SqliteStore(folder / "state.db", clock=FakeClock())
        self.register = Hosts(self.store, {}, lambda _: "the configuration", FakeClock())
        self.placed: dict[str, str] = {}
        self.told = 0
        unused: Any = SimpleNamespace()
        means = Means(
            home=folder,
            owner="0123456789ab",
            trees=unused,
            worktrees=unused,
            common_folder=lambda _: folder,
            artifacts=unused,
            max_artifact_bytes=1,
            clock=FakeClock(),
        )
        self.fleet = Fleet(_local(), means, self.register, self._host_of)
        self.fleet.subscribe(self._told)

    async def _host_of(self, attempt: str) -> str | None:
        return self.placed.get(attempt)

    def _told(self) -> None:
        self.told += 1

    async def add(self, sshd: Sshd, name: str = "box", **changes: Any) -> None:
        await self.register.add(ANN, name, sshd.settings(**changes), replace=name in self.register.current(), running=0)

    async def is_(self, state: str, name: str = "box") -> str:
        """Return once the host is seen in this state: why."""
        await until(lambda: self.fleet.sighted(name).state == state)
        return self.fleet.sighted(name).why

    def names(self) -> list[str]:
        return [host.name for host in self.fleet.every()]

    def closed(self, name: str = "box") -> str:
        return self.fleet.named(name).closed()


def _local() -> Host:
    async def surroundings() -> Surroundings:
        return Surroundings(env={}, path_prefix="")

    unused: Any = None
    return Host(
        name="local",
        labels=frozenset({"local"}),
        slots=1,
        runner=ScriptedRunner(),
        workspaces=unused,
        files=unused,
        surroundings=surroundings,
        starts=asyncio.Semaphore(1),
    )


@pytest.fixture
def sshd(shared_sshd: Sshd) -> Sshd:
    """One that runs, and is left as it is."""
    return shared_sshd


async def until(holds: Callable[[], Any]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not holds():  # noqa: ASYNC110 - what is awaited happens on another machine
            await asyncio.sleep(0.01)


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    """Hosts are looked at often."""
    monkeypatch.setattr(machine, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(machine, "AGAIN_AFTER_S", (0.05,))
    found = Bench(tmp_path)
    await found.store.open()
    await found.register.open()
    found.fleet.open()
    yield found
    await found.fleet.close()
    await found.store.close()


async def test_without_hosts_there_is_this_machine(bench):
    assert bench.names() == ["local"]
    assert (await bench.fleet.of_session("r1-a-1-1")).name == "local"


async def test_a_host_that_is_added_is_reached_and_takes_sessions(bench, sshd):
    await bench.add(sshd, labels=["gpu"])
    await bench.is_("connected")

    assert bench.names() == ["local", "box"]
    assert bench.fleet.named("box").labels == {"box", "gpu"}
    assert (bench.closed(), bench.fleet.sighted("box").durable) == ("", True)


async def test_sessions_are_looked_for_where_their_attempt_is_on_record(bench, sshd):
    """Those of its checks too."""
    await bench.add(sshd)
    bench.placed["r1-a-1-1"] = "box"

    assert (await bench.fleet.of_session("r1-a-1-1")).name == "box"
    assert (await bench.fleet.of_session("r1-a-1-1.c0")).name == "box"
    assert (await bench.fleet.of_session("r1-b-1-1")).name == "local"


async def test_a_host_that_is_drained_takes_nothing_new_and_says_who_said_so(bench, sshd):
    await bench.add(sshd)
    await bench.is_("connected")
    await bench.register.drain(ANN, "box", "a new disk")
    assert bench.closed() == "drained by ann: a new disk"

    await bench.register.resume(ANN, "box")
    assert bench.closed() == ""


async def test_this_machine_can_be_drained_too(bench):
    await bench.register.drain(ANN, "local", "")

    assert bench.closed("local") == "drained by ann"


async def test_a_host_without_a_pinned_key_is_closed_and_says_the_way_out(bench, sshd):
    await bench.add(sshd, host_key=None)
    why = await bench.is_("untrusted")

    assert "chainwright hosts trust box" in why
    assert bench.closed() == why


async def test_trusting_it_opens_it(bench, sshd):
    await bench.add(sshd, host_key=None)
    await bench.is_("untrusted")
    await bench.register.trust(ANN, "box", sshd.settings().host_key, replace=False)

    await bench.is_("connected")


async def test_a_host_that_goes_away_is_closed_until_it_is_back(bench, make_sshd):
    sshd = make_sshd()
    await bench.add(sshd)
    await bench.is_("connected")
    sshd.stop()
    assert "box" in await bench.is_("unreachable")
    assert bench.closed() != ""

    told = bench.told
    sshd.start()
    await bench.is_("connected")
    assert bench.told > told, "who waits for a host has to hear that it is back"


async def test_a_host_that_answers_and_has_no_interpreter_is_refused_with_what_to_do(bench, sshd):
    await bench.add(sshd, python="no-such-python")

    assert "no-such-python" in await bench.is_("refused")


async def test_other_settings_are_another_host_and_no_change_is_none(bench, sshd):
    await bench.add(sshd)
    before = bench.fleet.named("box")
    await bench.register.drain(ANN, "box", "")
    assert bench.fleet.named("box") is before

    await bench.add(sshd, slots=3)
    assert bench.fleet.named("box").slots == 3


async def test_what_ran_on_a_host_that_is_removed_is_lost(bench, sshd):
    await bench.add(sshd)
    await bench.is_("connected")
    await bench.register.remove(ANN, "box", force=False, running=0)

    assert bench.names() == ["local"]
    assert isinstance(await bench.fleet.named("box").runner.poll("r1-a-1-1"), Lost)


async def test_a_host_behind_another_is_reached_through_it(bench, sshd):
    await bench.add(sshd, "gate")
    await bench.add(sshd, "box", jump="gate")

    await bench.is_("connected")
