"""An engine on a real store, with a clock and a host that do what the test says."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from tests.daemon.engine.conftest import SomeHosts

from chainwright.daemon.core.access import Actor, AllowAll
from chainwright.daemon.core.graph import CHAIN_JSON, Chain
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.hosts import Host, Surroundings
from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.engine.ports import EventReader, PinnedChain, World
from chainwright.daemon.engine.workplaces import Workplace
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.runners.port import Exited, NeverRan, Running, SessionStatus
from chainwright.schemas.session import ChildRecord, ExitRecord, SessionSpec

LIMIT_S = 10.0
CHILD = ChildRecord(pid=1, host_pid=1, boot_id="b", proto=1, started_at=0.0, start_time=1, pgid=1)


class ScriptedHost:
    """A runner whose sessions end when the test says so. What was asked of it is in ``started``, ``forgotten``, ``stopped``."""

    name = "scripted"

    def __init__(self) -> None:
        self.started: list[str] = []
        self.forgotten: list[str] = []
        self.stopped: list[str] = []
        self.statuses: dict[str, SessionStatus] = {}
        self._ends: defaultdict[str, asyncio.Future[Any]] = defaultdict(asyncio.get_running_loop().create_future)

    async def start(self, spec: SessionSpec) -> ChildRecord:
        self.started.append(spec.id)
        self.statuses[spec.id] = Running(child=CHILD)
        return CHILD

    async def poll(self, session_id: str) -> SessionStatus:
        return self.statuses.get(session_id, NeverRan())

    async def follow(self, session_id: str, **_: Any) -> AsyncIterator[Any]:
        yield await asyncio.shield(self._ends[session_id])

    async def read(self, session_id: str, file: str, **_: Any) -> bytes:
        return b""

    async def stop(self, session_id: str, **_: Any) -> None:
        self.stopped.append(session_id)

    async def forget(self, session_id: str, **_: Any) -> None:
        self.forgotten.append(session_id)

    async def unacknowledged(self) -> list[str]:
        return [session for session in self.statuses if session not in self.forgotten]

    def exits(self, session_id: str, code: int = 0, ended_by: Literal["exit", "stop"] = "exit") -> None:
        """The session ends."""
        record = ExitRecord(code=code, signal=None, ended_by=ended_by, size=0, dropped=0, ended_at=0.0, events_size=0)
        self.statuses[session_id] = Exited(exit=record, child=CHILD)
        self._ends[session_id].set_result(self.statuses[session_id])


class Rig:
    """One home over several daemons: the store's file, the host and the clock stay."""

    def __init__(self, folder: Path) -> None:
        self.now = 1_000.0
        self.looks = 0
        """At the clock."""
        self.host = ScriptedHost()
        self.chains: dict[str, Chain] = {}
        self.store: Any = None
        self.engine: Any = None
        self._folder = folder

    async def open(self, wrapped: Callable[[SqliteStore], Any] = lambda store: store) -> Engine:
        """The next daemon; ``wrapped`` may put something between its engine and the store."""
        store = SqliteStore(self._folder / "state.db", clock=lambda: self.now)
        await store.open()
        self.store = wrapped(store)
        for chain in self.chains.values():
            await store.keep_definition(chain.id, CHAIN_JSON.dump_json(chain))
        self.engine = Engine(self._world(), self, AllowAll(), RunIds(lambda: self.now, lambda bits: 0))
        await self.engine.open(self._resend)
        return self.engine

    async def close(self) -> None:
        """The daemon goes down."""
        if self.engine is not None:
            await self.engine.close()
            await self.store.close()
            self.engine = None

    async def start(self, chain: Chain) -> str:
        """The id of a new run."""
        self.chains[chain.id] = chain
        await self.store.keep_definition(chain.id, CHAIN_JSON.dump_json(chain))
        run_id: str = await self.engine.start_run(Actor(name="ann"), chain.id, {})
        return run_id

    async def pinned(self, chain: str, **_: Any) -> PinnedChain:
        """The catalog."""
        found = self.chains[chain]
        return PinnedChain(
            organization="default", repository="r", environment="main", commit="c0ffee", digest=chain, chain=found
        )

    async def finished(self, run_id: str) -> dict[str, Any]:
        """The run, once it has ended."""
        async with asyncio.timeout(LIMIT_S):
            while (found := await self.store.run(run_id))["state"] != "finished":  # noqa: ASYNC110 - it comes by many tasks
                await asyncio.sleep(0.005)
        detail: dict[str, Any] = found
        return detail

    async def eventually(self, condition: Callable[[], Any]) -> None:
        """Wait until it is true."""
        async with asyncio.timeout(LIMIT_S):
            while not condition():  # noqa: ASYNC110 - whatever the test waits for
                await asyncio.sleep(0.005)

    def _host(self) -> Host:
        async def surroundings() -> Surroundings:
            return Surroundings(env={}, path_prefix="")

        return Host(
            name="local",
            labels=frozenset({"local"}),
            slots=8,
            runner=self.host,  # type: ignore[arg-type] # terminals and lists of sessions are not scripted
            workspaces=SimpleNamespace(  # type: ignore[arg-type] # none of these tests has a workspace of its own
                prepare=self._prepare,
                release=self._release,
                link_events=self._link_events,
            ),
            files=None,  # type: ignore[arg-type] # no chain of these tests has files
            surroundings=surroundings,
            starts=asyncio.Semaphore(4),
        )

    def _world(self) -> World:
        return World(
            store=self.store,
            hosts=SomeHosts([self._host()]),
            events=EventReader(read=None, error=ValueError),  # type: ignore[arg-type] # the scripted host has no events
            plain=bytes.decode,
            clock=self._clock,
            token=lambda session: session,
            address=lambda: "",
            artifacts=None,  # type: ignore[arg-type] # no chain of these tests has files
        )

    def _clock(self) -> float:
        self.looks += 1
        return self.now

    async def _prepare(self, *_: str) -> Workplace:
        return Workplace(folder="/", repository="/mirrors", given_root="/given")

    async def _link_events(self, *_: str) -> None:
        """Nobody looks."""

    async def _release(self, *_: str) -> None:
        """It was not made, so there is nothing to take back."""

    async def _resend(self, session_id: str) -> None:
        """Nothing was typed."""


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """A :class:`Rig` with an open engine."""
    made = Rig(tmp_path)
    await made.open()
    yield made
    await made.close()
