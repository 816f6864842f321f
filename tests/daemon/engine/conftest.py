"""A whole engine over a real store, on a host without processes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.artifacts.store import ArtifactStore
from chainwright.daemon.core.access import Actor, AllowAll
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.graph import CHAIN_JSON, Chain, Schedule
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.schedule import fires
from chainwright.daemon.definition.event_file import EventFileError, read_event
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.hosts import Host, Surroundings
from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.engine.ports import EventReader, PinnedChain, World
from chainwright.daemon.engine.terminals import Terminals
from chainwright.daemon.engine.workplaces import Workplace
from chainwright.daemon.fleet import gone
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.daemon.testing import FakeClock, ScriptedRunner, agent_of, chain_of
from chainwright.daemon.testing.scripted_runner import within

ANN = Actor(name="ann")
NOON = 1_767_268_800.0
"""2026-01-01T12:00:00Z, when schedules of tests come into force."""


class Places:
    """Workspaces that are one folder, or fail as the test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.errors: list[Exception] = []
        self.prepared = 0

    async def prepare(self, run_id: str, repository: str, commit: str) -> Workplace:
        self.prepared += 1
        if self.errors:
            raise self.errors.pop(0)
        return Workplace(
            folder=str(self.folder), repository=f"/mirrors/{commit}", given_root=str(self.folder / "given")
        )

    async def release(self, run_id: str, commit: str) -> None:
        """Nothing is left to tidy."""

    async def link_events(self, run_id: str, attempt_id: str) -> None:
        """Nobody looks."""


def host_of(runner: Any, places: Any, files: Any, *, name: str = "local", slots: int = 100, **fields: Any) -> Host:
    """A host that a test describes."""

    async def surroundings() -> Surroundings:
        return Surroundings(env={"PATH": "/bin", "HOME": "/home/ann"}, path_prefix="/tools")

    given = {"labels": frozenset({name}), "surroundings": surroundings, "starts": asyncio.Semaphore(4)} | fields
    return Host(name=name, slots=slots, runner=runner, workspaces=places, files=files, **given)


@dataclass
class SomeHosts:
    """Hosts that come and go as the test says."""

    hosts: list[Host]
    told: list[Callable[[], None]] = field(default_factory=list)

    def every(self) -> list[Host]:
        return self.hosts

    def named(self, name: str) -> Host:
        local = self.hosts[0]
        return next((one for one in self.hosts if one.name == (name or local.name)), gone(name, local))

    async def of_session(self, session_id: str) -> Host:
        return self.hosts[0]

    def subscribe(self, changed: Callable[[], None]) -> None:
        self.told.append(changed)

    def change(self, *hosts: Host) -> None:
        self.hosts[:] = hosts
        for tell in self.told:
            tell()


class Chains:
    """A catalog of what the test deployed."""

    def __init__(self) -> None:
        self.known: dict[str, Chain] = {}

    async def pinned(
        self, chain: str, *, ref: str | None, environment: str | None, repository: str | None = None
    ) -> PinnedChain:
        if chain not in self.known:
            raise Refusal(Code.NOT_FOUND, f"no chain {chain}")
        return PinnedChain(
            organization="default",
            repository="repo",
            environment=environment or "main",
            commit="c" * 40,
            digest=f"digest of {chain}",
            chain=self.known[chain],
        )


class Bench:
    """An engine that can be ended and begun anew; runner and database stay."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.runner = ScriptedRunner()
        self.places = Places(folder)
        self.chains = Chains()
        self.slots = 100
        self.others: list[Host] = []
        """Hosts beside the daemon's own machine."""
        self.artifacts = ArtifactStore(folder / "artifacts", limit_bytes=1000)
        self._database = folder / "state.db"

    async def open(self) -> None:
        """Begin, as a daemon does, later than the one before."""
        self.clock.advance(1.0)
        self.store = SqliteStore(self._database, clock=self.clock)
        await self.store.open()
        await self.artifacts.open()
        self.hosts = SomeHosts([host_of(self.runner, self.places, self.artifacts, slots=self.slots), *self.others])
        self.world = World(
            store=self.store,
            hosts=self.hosts,
            events=EventReader(read=read_event, error=EventFileError),
            plain=lambda data: data.decode(errors="replace"),
            clock=self.clock,
            token=lambda session_id: f"token of {session_id}",
            address=lambda: "http://here:1",
            artifacts=self.artifacts,
            grace_s=1.0,
        )
        self.terminals = Terminals(self.world)
        ids = RunIds(self.clock, lambda bits: 0)
        self.engine = Engine(self.world, self.chains, AllowAll(), ids)
        await self.engine.open(self.terminals.resend)

    async def close(self) -> None:
        """End, as a daemon does that is told to."""
        await self.engine.close()
        await self.store.close()

    def adds(self, name: str, *labels: str, runner: ScriptedRunner | None = None, **fields: Any) -> ScriptedRunner:
        """A host more, for this daemon and those that follow; what runs there is up to the test."""
        runner = runner or ScriptedRunner()
        runner.name = name
        given = {"labels": frozenset({name, *labels})} | fields
        self.others.append(host_of(runner, self.places, self.artifacts, name=name, **given))
        self.hosts.change(self.hosts.every()[0], *self.others)
        return runner

    def removes(self, name: str) -> None:
        """A host is not described any more."""
        self.others = [one for one in self.others if one.name != name]
        self.hosts.change(self.hosts.every()[0], *self.others)

    async def restart(self) -> None:
        """The next daemon."""
        await self.close()
        await self.open()

    async def begin(self, chain: Chain, **inputs: Any) -> str:
        """Deploy a chain and start a run of it."""
        self.chains.known[chain.id] = chain
        await self.store.keep_definition(f"digest of {chain.id}", CHAIN_JSON.dump_json(chain))
        return await self.engine.start_run(ANN, chain.id, inputs)

    async def ended(self, run_id: str) -> dict[str, Any]:
        """The run as people see it, as soon as it has ended."""
        await within(self._ended(run_id), f"the end of run {run_id}")
        found = await self.store.run(run_id)
        assert found is not None
        return found

    async def _ended(self, run_id: str) -> None:
        async for _ in self.engine.changes.of_run(run_id, 0):
            pass

    async def kinds(self, run_id: str) -> list[str]:
        """The kinds of the run's journal entries."""
        return [row.kind for row in await self.store.journal(run_id)]

    async def reaches(self, run_id: str, kind: str) -> None:
        """Return when an entry of this kind is durable."""

        async def look() -> None:
            async for change in self.engine.changes.of_run(run_id, 0):
                if change.kind == kind:
                    return

        await within(look(), f"{kind} in run {run_id}")


class Listener:
    """The owner of a session: hears its facts."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.consumed: list[int] = []
        self.made_durable = 0

    def report(self, fact: Fact, *, consumed: tuple[str, int] | None = None) -> None:
        self.facts.append(fact)
        if consumed is not None:
            self.consumed.append(consumed[1])

    async def durable(self) -> None:
        self.made_durable += 1

    @property
    def kinds(self) -> list[str]:
        return [fact.kind for fact in self.facts]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """An open engine."""
    found = Bench(tmp_path)
    await found.open()
    yield found
    await found.close()


@pytest.fixture
def make_bench(tmp_path: Path) -> Callable[[], Bench]:
    """An engine that is not open yet."""
    return lambda: Bench(tmp_path)


@pytest.fixture
def listener() -> Listener:
    """An owner of sessions."""
    return Listener()


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    """A world whose store is never asked; fields may be changed."""

    def make(runner: ScriptedRunner, *, slots: int = 100, **fields: Any) -> World:
        bench = Bench(tmp_path)
        made = World(
            store=SqliteStore(tmp_path / "unused.db"),
            hosts=SomeHosts([host_of(runner, bench.places, bench.artifacts, slots=slots)]),
            events=EventReader(read=read_event, error=EventFileError),
            plain=lambda data: data.decode(errors="replace"),
            clock=bench.clock,
            token=lambda session_id: "token",
            address=lambda: "http://here:1",
            artifacts=bench.artifacts,
        )
        return replace(made, **fields)

    return make


class Scheduled:
    """A chain with one schedule, in force since noon, on an engine that can be ended and begun anew."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.clock = bench.clock
        self.since = self.latest = NOON
        """When the schedule came into force, and the latest time that the clock has shown."""

    async def deploy(self, **fields: Any) -> None:
        self.schedule = Schedule(**({"id": "s1", "cron": "* * * * *"} | fields))
        self.chain = chain_of(agent_of("a"), schedules=(self.schedule,))
        self.bench.chains.known[self.chain.id] = self.chain
        await self.bench.store.keep_definition(f"digest of {self.chain.id}", CHAIN_JSON.dump_json(self.chain))
        await self.begin()

    async def begin(self) -> None:
        self.scheduling = Scheduling(self.bench.engine, self.bench.store, self.clock)
        await self.scheduling.follow({self.chain.id: self.chain}, in_force_since={self.chain.id: self.since})

    async def goes(self, seconds: float, *, step: float = 20.0) -> None:
        """Time passes, and the daemon looks now and then."""
        until = self.clock.now + seconds
        while self.clock.now < until:
            self.clock.now = min(until, self.clock.now + step)
            self.latest = max(self.latest, self.clock.now)
            await self.scheduling.look()

    async def is_away(self, seconds: float) -> None:
        """The daemon is ended, and the next one looks at what has passed."""
        self.clock.now += seconds - 1  # a second more passes with the restart
        await self.bench.restart()
        self.latest = max(self.latest, self.clock.now)
        await self.begin()
        await self.scheduling.look()

    async def rows(self) -> list[Any]:
        """The fate of every due time, oldest first, each due once."""
        found = (await self.bench.store.fires(self.schedule.id, limit=100_000))[::-1]
        due = fires(self.schedule.cron, self.schedule.timezone, self.since)
        assert [row.due for row in found] == list(takewhile(lambda moment: moment <= self.latest, due))
        assert all(bool(row.run_id) != bool(row.missed) for row in found)
        return found

    async def told(self) -> dict[str, Any]:
        """The schedule as people see it."""
        (found,) = await self.scheduling.described(self.chain.id)
        return found

    def states(self) -> list[str]:
        """Of the runs that have not ended, oldest first."""
        return [state.state.value for state in self.bench.engine.open_states("default")]

    async def runs(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return (await self.bench.store.runs("default", limit=1_000)).rows[::-1]


@pytest.fixture
async def scheduled(bench: Bench) -> Scheduled:
    """The clock says noon."""
    bench.clock.now = NOON
    return Scheduled(bench)
