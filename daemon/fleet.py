"""The hosts of the engine: the daemon's own machine, those that the register knows, and those that are gone.

What reaches hosts is loaded with the first one that there is: a daemon without hosts pays nothing for them.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from chainwright.daemon.artifacts.port import HostArtifacts
from chainwright.daemon.config import Config
from chainwright.daemon.core.attempt_ids import attempt_of
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.core.hosts import UNSEEN, KnownHost, Sighting
from chainwright.daemon.engine.hosts import INHERITED, Host, Surroundings
from chainwright.daemon.engine.workplaces import Workspaces
from chainwright.daemon.hosts.register import Hosts as Register
from chainwright.daemon.remote.means import Means
from chainwright.runners.gone import GoneRunner
from chainwright.runners.port import Runner

if TYPE_CHECKING:
    from chainwright.daemon.remote.clearing import Surplus
    from chainwright.daemon.remote.machine import Machine

STARTS_AT_ONCE: Final = 4


def local_host(config: Config, runner: Runner, workspaces: Workspaces, files: HostArtifacts) -> Host:
    """This machine, with the slots and labels that the configuration gives it."""
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    around = Surroundings(env=env, path_prefix=str(config.home.bin))

    async def surroundings() -> Surroundings:
        return around

    return Host(
        name=LOCAL,
        labels=frozenset({LOCAL, *config.settings.sessions.labels}),
        slots=config.settings.sessions.slots,
        runner=runner,
        workspaces=workspaces,
        files=files,
        surroundings=surroundings,
        starts=asyncio.Semaphore(STARTS_AT_ONCE),
    )


class Fleet:
    """Implements :class:`~chainwright.daemon.engine.hosts.Hosts`: the daemon's own machine, and those of the register.

    ``host_of`` is asked where the session of an attempt is on record. A host that is described
    anew is reached anew; one that is described as before keeps its connections.
    """

    def __init__(
        self,
        local: Host,
        means: Means,
        register: Register,
        host_of: Callable[[str], Awaitable[str | None]],
    ) -> None:
        self._local = replace(local, closed=partial(_drained, register, LOCAL))
        self._means = means
        self._register = register
        self._host_of = host_of
        self._machines: dict[str, Machine] = {}
        self._every: tuple[Host, ...] = (self._local,)
        self._told: list[Callable[[], None]] = []
        self._leaving: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Reach for every host, and follow what becomes of them."""
        self._register.subscribe(self._follow)
        self._follow()

    async def close(self) -> None:
        """Let go of every host; their sessions go on."""
        for machine in self._machines.values():
            self._let_go(machine)
        self._machines.clear()
        await asyncio.gather(*self._leaving)

    def sighted(self, name: str) -> Sighting:
        """How a host of the register answered last."""
        return self._machines[name].sighting if name in self._machines else UNSEEN

    async def clear(self, name: str, *, dry: bool) -> "list[Surplus]":
        """What went that nobody needs on a host of the register, or with ``dry`` would. Raises RunnerError and OSError."""
        return await self._machines[name].clear(dry=dry)

    # the engine's port

    def every(self) -> Sequence[Host]:
        """See the port."""
        return self._every

    def named(self, name: str) -> Host:
        """See the port."""
        if name in ("", LOCAL):
            return self._local
        return self._machines[name].host if name in self._machines else gone(name, self._local)

    async def of_session(self, session_id: str) -> Host:
        """See the port."""
        return (
            self.named(await self._host_of(attempt_of(session_id)) or "") if self._register.current() else self._local
        )

    def subscribe(self, changed: Callable[[], None]) -> None:
        """See the port."""
        self._told.append(changed)

    # inside

    def _follow(self) -> None:
        known = self._register.current()
        stale = {name for name, machine in self._machines.items() if not _is_as_before(machine, known)}
        for name in stale:
            self._let_go(self._machines.pop(name))
        for name in known:
            self._reach(name, known)
        self._told_of_a_change()

    def _reach(self, name: str, known: Mapping[str, KnownHost]) -> "Machine":
        if name not in self._machines:
            from chainwright.daemon.remote.machine import Machine

            jump = known[name].settings.jump
            through = self._reach(jump, known) if jump is not None else None
            machine = Machine(
                known[name],
                self._means,
                through,
                drained=partial(_drained, self._register, name),
                changed=self._told_of_a_change,
            )
            self._machines[name] = machine
            machine.open()
        return self._machines[name]

    def _let_go(self, machine: "Machine") -> None:
        task = asyncio.create_task(machine.close(), name=f"let go of host {machine.known.name}")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _told_of_a_change(self) -> None:
        self._every = (self._local, *(self._machines[name].host for name in sorted(self._machines)))
        for tell in self._told:
            tell()


def _drained(register: Register, name: str) -> str:
    entry = register.drained(name)
    if entry is None:
        return ""
    return f"drained by {entry.actor}" + (f": {entry.reason}" if entry.reason else "")


def _is_as_before(machine: "Machine", known: Mapping[str, KnownHost]) -> bool:
    """Whether it, and every host on the way to it, is described as it was."""
    now = known.get(machine.known.name)
    if now is None or now.settings != machine.known.settings:
        return False
    return machine.jump is None or _is_as_before(machine.jump, known)


def gone(name: str, local: Host) -> Host:
    """A host that nobody describes any more: whatever is asked of it is answered as of a machine that does not exist."""
    return Host(
        name=name,
        labels=frozenset(),
        slots=0,
        runner=GoneRunner(name),
        workspaces=local.workspaces,
        files=local.files,
        surroundings=local.surroundings,
        starts=local.starts,
        closed=lambda: "it was removed",
    )
