"""The use cases about hosts."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.hosts import KnownHost, Sighting
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.engine import Engine
from chainwright.daemon.hosts.register import Hosts
from chainwright.daemon.hosts.views import entry_view, host_view, local_view, surplus_view
from chainwright.daemon.hosts.visits import Visits
from chainwright.runners.port import RunnerError
from chainwright.schemas.config import SessionSettings
from chainwright.schemas.hosts import LOCAL, HostSettings

if TYPE_CHECKING:
    from chainwright.daemon.remote.clearing import Surplus


class Clear(Protocol):
    """Clears a host of the register. Raises RunnerError and OSError."""

    def __call__(self, name: str, *, dry: bool) -> "Awaitable[list[Surplus]]":
        """What went, or with ``dry`` would."""


class HostUseCases:
    """Part of :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(
        self,
        hosts: Hosts,
        visits: Visits,
        engine: Engine,
        local: SessionSettings,
        authorizer: Authorizer,
        *,
        sighted: Callable[[str], Sighting],
        clear: Clear,
    ) -> None:
        self._hosts = hosts
        self._visits = visits
        self._placed = engine
        self._local = local
        self._host_gate = authorizer
        self._sighted = sighted
        self._clear = clear

    async def hosts(self, actor: Actor) -> list[dict[str, Any]]:
        self._may_on_hosts(actor, Permission.VIEW, "hosts")
        running = self._running()
        return [self._local_view(running), *(self._view(one, running) for one in self._hosts.current().values())]

    async def host(self, actor: Actor, name: str) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.VIEW, f"host:{name}")
        return self._detail_of_host(name)

    async def add_host(self, actor: Actor, name: str, settings: HostSettings, *, replace: bool) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        await self._hosts.add(actor, name, settings, replace=replace, running=self._running()[name])
        return self._detail_of_host(name)

    async def trust_host(self, actor: Actor, name: str, host_key: str, *, replace: bool) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        await self._hosts.trust(actor, name, host_key, replace=replace)
        return self._detail_of_host(name)

    async def drain_host(self, actor: Actor, name: str, reason: str) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        await self._hosts.drain(actor, name, reason)
        return self._detail_of_host(name)

    async def resume_host(self, actor: Actor, name: str) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        await self._hosts.resume(actor, name)
        return self._detail_of_host(name)

    async def remove_host(self, actor: Actor, name: str, *, force: bool) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        last = self._detail_of_host(name)
        await self._hosts.remove(actor, name, force=force, running=self._running()[name])
        return last

    async def clear_host(self, actor: Actor, name: str, *, dry: bool) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        self._hosts.one(name)
        try:
            found = await self._clear(name, dry=dry)
        except (RunnerError, OSError) as error:
            hint = f"chainwright hosts test {name} says how to mend it"
            raise Refusal(Code.UNAVAILABLE, f'host "{name}" is not cleared: {error}', hint) from error
        return {"dry": dry, "items": [surplus_view(one) for one in found]}

    async def shown_host_key(self, actor: Actor, name: str) -> dict[str, Any]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        return await self._visits.shown_key(name)

    async def test_host(self, actor: Actor, name: str) -> AsyncIterator[dict[str, Any]]:
        self._may_on_hosts(actor, Permission.ADMINISTER, f"host:{name}")
        return self._visits.trial(name)

    def host_states(self) -> Counter[str]:
        """How many hosts there are in each state, the daemon's own machine with them."""
        states = [self._sighted(name).state for name in self._hosts.current()]
        return Counter(["connected", *states])

    # inside

    def _running(self) -> Counter[str]:
        """How many sessions of ours are on each host."""
        placement = self._placed.placement
        return Counter({host.name: placement.held_on(host.name) for host in placement.hosts.every()})

    def _local_view(self, running: Counter[str]) -> dict[str, Any]:
        now = self._placed.world.clock()
        drained = self._hosts.drained(LOCAL)
        return local_view(self._local.labels, self._local.slots, running[LOCAL], now=now, drained=drained)

    def _view(self, known: KnownHost, running: Counter[str]) -> dict[str, Any]:
        return host_view(known, running[known.name], self._sighted(known.name))

    def _detail_of_host(self, name: str) -> dict[str, Any]:
        running = self._running()
        history = [entry_view(entry) for entry in self._hosts.history(name)]
        if name == LOCAL:
            more = {"settings": None, "stands_in": self._hosts.stands_in(name), "entries": history}
            return self._local_view(running) | more
        known = self._hosts.one(name)
        stands_in = self._hosts.stands_in(name)
        settings = known.settings.model_dump(mode="json")
        return self._view(known, running) | {"settings": settings, "stands_in": stands_in, "entries": history}

    def _may_on_hosts(self, actor: Actor, permission: Permission, subject: str) -> None:
        if not self._host_gate.allows(actor, permission, subject):
            raise Refusal(Code.DENIED, f"{actor.name} may not {permission} {subject}")
