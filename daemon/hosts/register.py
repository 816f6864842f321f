"""The hosts in force: those of the configuration and those that were added by command, and people's hold on them.

What is asked for is durable before it counts, and whoever subscribed hears of it then. Nothing here connects to a host, and nothing
here loads what could: a daemon without hosts pays for none.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from chainwright.daemon.core.access import DEFAULT_ORGANIZATION, Actor
from chainwright.daemon.core.hosts import (
    HostEntry,
    HostStep,
    KnownHost,
    fingerprint,
    is_same_key,
    register,
)
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.store.port import Store
from chainwright.schemas.hosts import LOCAL, HostSettings, require_way

STORE: Final = "the daemon's database"

log = structlog.get_logger()


class Hosts:
    """The register of one daemon. ``configured`` are the hosts of its configuration; ``origin`` says where that has a setting."""

    def __init__(
        self,
        store: Store,
        configured: Mapping[str, HostSettings],
        origin: Callable[[str], str],
        clock: Callable[[], float],
        organization: str = DEFAULT_ORGANIZATION,
    ) -> None:
        self._store = store
        self._configured = configured
        self._origin = origin
        self._clock = clock
        self._organization = organization
        self._entries: list[HostEntry] = []
        self._register = register(configured, ())
        self._changed: list[Callable[[], None]] = []
        self._changing = asyncio.Lock()
        """What is asked for is checked against what is known, so one change is made after the other."""

    async def open(self) -> None:
        """Read what the store knows. Raises StoreError."""
        self._entries = await self._store.host_entries(self._organization)
        self._register = register(self._configured, self._entries)

    # what is known

    def current(self) -> Mapping[str, KnownHost]:
        """Every host but the daemon's own machine, by name; the mapping never changes, a later call gives another."""
        return self._register.hosts

    def drained(self, name: str) -> HostEntry | None:
        """Who lets no new session go to a host, which may be the daemon's own machine."""
        return self._register.drained(name)

    def subscribe(self, changed: Callable[[], None]) -> None:
        """Have this called after each change: a host is there or gone, is drained or resumed, has other settings or another key."""
        self._changed.append(changed)

    def one(self, name: str) -> KnownHost:
        """A host by its name. Refused when there is none."""
        if name not in self._register.hosts:
            known = ", ".join(sorted(self._register.hosts)) or "none but the daemon's own machine"
            raise Refusal(Code.NOT_FOUND, f'there is no host "{name}"', f"there are: {known}")
        return self._register.hosts[name]

    def stands_in(self, name: str) -> str:
        """Where the settings of a host are, for people."""
        if name == LOCAL:
            return self._origin("sessions.slots")
        return self._origin(f"hosts.{name}.address") if name in self._configured else STORE

    def history(self, name: str) -> list[HostEntry]:
        """Everything that was done to a host of this name by command, oldest first."""
        return [entry for entry in self._entries if entry.host == name]

    def way(self, name: str) -> list[str]:
        """The host and its jump hosts, the nearest to it first. Raises ValueError when they lead nowhere."""
        settings = {known.name: known.settings for known in self._register.hosts.values()}
        require_way(name, settings)
        way = [name]
        while (jump := settings[way[-1]].jump) is not None:
            way.append(jump)
        return way

    # what people do

    async def add(self, actor: Actor, name: str, settings: HostSettings, *, replace: bool, running: int) -> KnownHost:
        """Add a host or, with ``replace``, give one that was added other settings; ``running`` sessions are there now.

        A key among the settings is pinned as :meth:`trust` does; without one, a pin of before stays.
        """
        async with self._changing:
            self._require_addable(name, settings, replace=replace, running=running)
            keyless = settings.model_copy(update={"host_key": None})
            await self._do(actor, name, HostStep.ADDED, settings=keyless)
        if settings.host_key is not None:
            await self.trust(actor, name, settings.host_key, replace=replace)
        return self.one(name)

    async def remove(self, actor: Actor, name: str, *, force: bool, running: int) -> None:
        """Forget a host that was added. Refused while ``running`` sessions are there, unless ``force``."""
        async with self._changing:
            self._require_ours(self.one(name), "removed")
            if behind := self._register.through(name):
                raise Refusal(
                    Code.CONFLICT, f'host "{name}" leads to others', f"remove them first: {', '.join(behind)}"
                )
            if running and not force:
                raise Refusal(Code.CONFLICT, _runs(running, name), _OUT_OF_SIGHT)
            await self._do(actor, name, HostStep.REMOVED)

    async def drain(self, actor: Actor, name: str, reason: str) -> None:
        """Let no new session go to a host, which may be the daemon's own machine. A second time replaces the reason."""
        async with self._changing:
            self._require_known(name)
            await self._do(actor, name, HostStep.DRAINED, reason=reason)

    async def resume(self, actor: Actor, name: str) -> None:
        """Let sessions go there again. Refused when nobody drained it."""
        async with self._changing:
            self._require_known(name)
            if self._register.drained(name) is None:
                raise Refusal(Code.CONFLICT, f'host "{name}" is not drained')
            await self._do(actor, name, HostStep.RESUMED)

    async def trust(self, actor: Actor, name: str, host_key: str, *, replace: bool) -> KnownHost:
        """Pin the key of a host. Refused when another is pinned, unless ``replace``, and where the settings hold one."""
        async with self._changing:
            known = self.one(name)
            pinned = known.settings.host_key
            if pinned is None or not is_same_key(pinned, host_key):
                self._require_pinnable(known, host_key, replace=replace)
                await self._do(actor, name, HostStep.TRUSTED, host_key=host_key)
        return self.one(name)

    # inside

    async def _do(self, actor: Actor, name: str, step: HostStep, **told: Any) -> None:
        entry = HostEntry(at=self._clock(), actor=actor.name, host=name, step=step, **told)
        with recording():
            await self._store.record_host(self._organization, entry)
        self._entries.append(entry)
        self._register = register(self._configured, self._entries)
        log.warning(
            entry.step.value, action=f"host.{entry.step}", host=entry.host, actor=entry.actor, reason=entry.reason
        )
        for changed in self._changed:
            changed()

    def _require_known(self, name: str) -> None:
        if name != LOCAL:
            self.one(name)

    def _require_ours(self, known: KnownHost, what: str) -> None:
        if known.origin == "configured":
            where = f"hosts.{known.name} of {self.stands_in(known.name)}"
            raise Refusal(
                Code.CONFLICT,
                f'host "{known.name}" stands in the configuration and cannot be {what} by command',
                f"change {where}, then restart the daemon; sessions go on",
            )

    def _require_addable(self, name: str, settings: HostSettings, *, replace: bool, running: int) -> None:
        if name == LOCAL:
            raise Refusal(Code.CONFLICT, f'"{LOCAL}" is the daemon\'s own machine', "its settings are in `sessions`")
        known = self._register.hosts.get(name)
        if known is not None:
            self._require_ours(known, "added")
            if not replace:
                raise Refusal(
                    Code.CONFLICT, f'there is a host "{name}"', "give it other settings with --replace, or remove it"
                )
            if running and not _is_same_place(known.settings, settings):
                raise Refusal(Code.CONFLICT, _runs(running, name), _SAME_PLACE)
        every = {one.name: one.settings for one in self._register.hosts.values()} | {name: settings}
        try:
            require_way(name, every)
        except ValueError as fault:
            raise Refusal(Code.INVALID_INPUT, "the host could not be reached", str(fault)) from None

    def _require_pinnable(self, known: KnownHost, host_key: str, *, replace: bool) -> None:
        try:
            given = fingerprint(host_key)
        except ValueError:
            raise Refusal(Code.INVALID_INPUT, "the key is none", "as in known_hosts without the name") from None
        pinned = known.settings.host_key
        if pinned is None:
            return
        said = f"{fingerprint(pinned)} is pinned, {given} is another"
        if known.trusted is None:
            title = f'the key of host "{known.name}" stands in the configuration'
            where = f"hosts.{known.name}.host_key of {self.stands_in(known.name)}"
            raise Refusal(Code.CONFLICT, title, f"{said}: change {where}, then restart the daemon")
        if not replace:
            raise Refusal(
                Code.CONFLICT,
                f'another key of host "{known.name}" is pinned',
                f"{said}: find out why it has changed, then give --replace",
            )


def _runs(running: int, name: str) -> str:
    return f'{running} {"session runs" if running == 1 else "sessions run"} on host "{name}"'


def _is_same_place(one: HostSettings, other: HostSettings) -> bool:
    """Whether sessions of the one are found with the other. The address may change: the key says which machine it is."""
    return (one.user, one.root) == (other.user, other.root)


_OUT_OF_SIGHT: Final = "drain it and wait for them to end. With --force it goes all the same: they run on there, and their attempts count as lost"
_SAME_PLACE: Final = "user and root cannot change before they have ended: they would not be found. Drain it, and wait"
