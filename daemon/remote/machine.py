"""A host that SSH reaches, whole: its connections, its runner, its files, and how it answers.

It is asked again and again whether it is there, so that an agent is never placed on a host that is known to be away, and that it is
placed on it as soon as it is back. Sessions do not depend on that: whatever follows one reconnects by itself.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import structlog

from chainwright.daemon.core.hosts import KnownHost, Sighting
from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.remote.artifacts import RemoteArtifacts
from chainwright.daemon.remote.bare import BareFiles, BareHome, BareSurroundings, BareWorkplaces
from chainwright.daemon.remote.branches import Branches
from chainwright.daemon.remote.clearing import Clearing, Surplus
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.means import Means
from chainwright.daemon.remote.surroundings import RemoteSurroundings
from chainwright.daemon.remote.upkeep import Upkeep
from chainwright.daemon.remote.workplaces import RemoteWorkplaces
from chainwright.runners.port import HostUnreachable, RunnerError
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.runner import SshRunner
from chainwright.runners.ssh.unreached import NoInterpreter, Unreached
from chainwright.schemas.host_api import Condition

LOOK_EVERY_S: Final = 15.0
"""At a host that answers."""
AGAIN_AFTER_S: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
"""At one that does not; the last repeats."""
STARTS_AT_ONCE: Final = 8

log = structlog.get_logger()


class Machine:
    """One host as it is described now; another description is another one. ``changed`` is called when it comes or goes away."""

    def __init__(
        self,
        known: KnownHost,
        means: Means,
        jump: "Machine | None",
        *,
        drained: Callable[[], str],
        changed: Callable[[], None],
    ) -> None:
        self.known = known
        self.jump = jump
        self.sighting = Sighting(state="idle")
        self.connections: HostConnections = HostConnections(
            known.name,
            known.settings,
            home=means.home,
            jump=jump.connections if jump else None,
            chance=means.chance,
        )
        self._means = means
        self._drained = drained
        self._changed = changed
        self._porter = HostPorter(self.connections, owner=means.owner)
        self._runner = SshRunner(self.connections, self._porter, here=means.home / "bound" / known.name)
        self._is_bare = False
        """Whether it has no Python, and its operator lets agents be bound to the connection."""
        self._contents = RemoteHome(known.name, self._porter)
        branches = Branches(self._contents, means.worktrees)
        self._workplaces = RemoteWorkplaces(self._contents, means.trees, means.common_folder, branches)
        self._files = RemoteArtifacts(self._contents, means.artifacts, means.max_artifact_bytes)
        self._surroundings = RemoteSurroundings(self._contents, known.settings.environment)
        clearing = Clearing(self._contents, means.clock)
        self._upkeep = Upkeep(known.name, self._workplaces, clearing, means.in_use)
        self._looking: asyncio.Task[None] | None = None
        self._durable = self._described()
        bare = BareHome(known.name, self.connections, means.owner)
        self._bare = replace(
            self._durable,
            workspaces=BareWorkplaces(bare, means.trees),
            files=BareFiles(bare, means.artifacts, means.max_artifact_bytes),
            surroundings=BareSurroundings(bare, known.settings.environment),
        )

    @property
    def host(self) -> Host:
        """As the engine sees it now: what serves its runs depends on what was found there."""
        return self._bare if self._is_bare else self._durable

    def open(self) -> None:
        """Look after it from now on."""
        self._upkeep.open()
        self._looking = asyncio.create_task(self._look_after(), name=f"host {self.known.name}")

    async def close(self) -> None:
        """Let go of it; its sessions go on."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._upkeep.close()
        await self._workplaces.close()
        await self._files.close()
        await self._runner.close()
        await self._porter.close()
        await self.connections.close()

    def _described(self) -> Host:
        return Host(
            name=self.known.name,
            labels=frozenset(self.known.labels),
            slots=self.known.settings.slots,
            runner=self._runner,
            workspaces=self._workplaces,
            files=self._files,
            surroundings=self._surroundings,
            starts=asyncio.Semaphore(STARTS_AT_ONCE),
            closed=self._closed,
        )

    def _closed(self) -> str:
        return self._drained() or (self.sighting.why if self.sighting.state != "connected" else "")

    async def clear(self, *, dry: bool) -> list[Surplus]:
        """See :meth:`Upkeep.clear`."""
        return await self._upkeep.clear(dry=dry)

    # whether it answers

    async def _look_after(self) -> None:
        pauses = _pauses()
        while True:
            if await self._answers():
                pauses = _pauses()
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                await asyncio.sleep(next(pauses) * self._means.chance.uniform(0.5, 1.0))

    async def _answers(self) -> bool:
        try:
            about = await self._porter.look()
        except NoInterpreter as error:
            if self.known.settings.durable != "preferred":
                self._is_away(error)
                return False
            self._is_there(is_bare=True)
            return True
        except RunnerError as error:
            self._is_away(error)
            return False
        self._is_there(is_bare=False, free_bytes=about.facts["disk"]["free"])
        return True

    def _is_there(self, *, is_bare: bool, free_bytes: int | None = None) -> None:
        now, before = self._means.clock(), self.sighting
        came = before.state != "connected" or is_bare != self._is_bare
        since = now if came else before.since
        self._is_bare = is_bare
        self.sighting = Sighting(
            state="connected", since=since, last_seen=now, durable=not is_bare, free_bytes=free_bytes
        )
        if came:
            log.info("a host is there", action="host.connected", host=self.known.name, durable=not is_bare)
            self._changed()
            if not is_bare:
                self._upkeep.host_came()

    def _is_away(self, error: RunnerError) -> None:
        before = self.sighting
        state = _condition(error)
        since = before.since if before.state == state else self._means.clock()
        self.sighting = Sighting(state=state, since=since, why=str(error), last_seen=before.last_seen)
        if before.state != state:
            log.warning("a host does not answer", action="host.away", host=self.known.name, error=str(error))
            self._changed()


def _condition(error: RunnerError) -> Condition:
    if isinstance(error, Unreached):
        return _UNTRUSTED.get(error.kind, "unreachable")
    return "unreachable" if isinstance(error, HostUnreachable) else "refused"


_UNTRUSTED: Final[dict[str, Condition]] = {
    "no-pin": "untrusted",
    "host-key": "untrusted",
    "no-key": "refused",
    "denied": "refused",
}


def _pauses() -> Iterator[float]:
    yield from AGAIN_AFTER_S
    while True:
        yield AGAIN_AFTER_S[-1]
