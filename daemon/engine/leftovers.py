"""Sessions that no run claims, on every host: ended ones whose session host was never told so, and orphans that still run.

A daemon that dies between recording an end and saying so leaves the first kind: the session host waits for its whole linger time, its
folder can never be removed, and no scope comes back to it. Orphans come about when a run is ended while its host is away, or the
host was taken from the daemon and given back. Both are looked for at each start, once a minute after it, and when hosts come
and go: what has ended is let go; what runs is stopped, as politely as a cancelled agent, once it was found unclaimed for
``World.orphan_s`` seconds, by two looks at the least.

Only folders that belong to this daemon are looked into. What an open run claims is never touched: what it follows, and whatever
attempt has not ended in its journal, whether or not it is followed now.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.engine.ports import World
from chainwright.runners.port import Exited, Lost, RunnerError, Running

EVERY_S: Final = 60.0
LEAST_S: Final = 1.0
"""Between two looks at most and at the least: in between it is as often as an orphan is to be stopped quickly."""
STOPS_AT_ONCE: Final = 16
"""On one host by one look: a mistake in what is claimed must not end everything before somebody has seen it."""

log = structlog.get_logger()


class Leftovers:
    """Looks after what no run claims; ``is_claimed`` says of a session's id whether an open run does."""

    def __init__(self, world: World, is_claimed: Callable[[str], bool]) -> None:
        self._world = world
        self._is_claimed = is_claimed
        self._orphans: dict[tuple[str, str], float] = {}
        """Host and id of what runs unclaimed → when it was found first."""
        self._silent: set[str] = set()
        self._wake = asyncio.Event()
        self.looked = asyncio.Event()
        """Set by the end of the first look."""

    async def watch(self) -> None:
        """Look again and again; never returns by itself."""
        self._world.hosts.subscribe(self._wake.set)
        while True:
            await self.look()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(EVERY_S, max(LEAST_S, self._world.orphan_s))):
                    await self._wake.wait()
            self._wake.clear()

    async def look(self) -> None:
        """One look at every host that answers."""
        await asyncio.gather(*(self._look_at(host) for host in self._world.hosts.every()))
        self.looked.set()

    async def _look_at(self, host: Host) -> None:
        try:
            left = await host.runner.unacknowledged()
        except RunnerError as error:
            self._is_silent(host, error)
            return
        except Exception:
            # The boundary of a look: a mistake about one host must not end the looks at all of them.
            log.exception("a host cannot be tidied", action="leftovers.internal-error", host=host.name)
            return
        self._silent.discard(host.name)
        unclaimed = [session_id for session_id in left if not self._is_claimed(session_id)]
        running = [session_id for session_id in unclaimed if await self._runs(host, session_id)]
        self._forget_orphans(host, running)
        for session_id in self._ripe(host, running)[:STOPS_AT_ONCE]:
            await self._end(host, session_id)

    def _is_silent(self, host: Host, error: RunnerError) -> None:
        if host.name not in self._silent:
            self._silent.add(host.name)
            log.warning(
                "a host does not say what is left there", action="host.silent", host=host.name, error=str(error)
            )

    async def _runs(self, host: Host, session_id: str) -> bool:
        """Whether it runs; one that has ended is let go."""
        try:
            status = await host.runner.poll(session_id)
            if isinstance(status, Exited | Lost) and not self._is_claimed(session_id):
                await host.runner.forget(session_id, token=self._world.token(session_id), epoch=self._world.store.epoch)
        except RunnerError as error:
            log.warning("a session is not let go", action="session.left", session=session_id, error=str(error))
            return False
        return isinstance(status, Running)

    def _forget_orphans(self, host: Host, running: list[str]) -> None:
        for key in [key for key in self._orphans if key[0] == host.name and key[1] not in running]:
            del self._orphans[key]

    def _ripe(self, host: Host, running: list[str]) -> list[str]:
        """Those that were found unclaimed long enough ago; the others are noted."""
        now, ripe = self._world.clock(), []
        for session_id in running:
            since = self._orphans.setdefault((host.name, session_id), now)
            if since < now and now - since >= self._world.orphan_s:
                ripe.append(session_id)
        return ripe

    async def _end(self, host: Host, session_id: str) -> None:
        """The next look finds it ended, and lets it go."""
        if self._is_claimed(session_id):  # by now: a look takes a while
            return
        log.warning(
            "a session that no run claims is stopped", action="session.orphan", session=session_id, host=host.name
        )
        try:
            await host.runner.stop(
                session_id,
                token=self._world.token(session_id),
                epoch=self._world.store.epoch,
                grace_s=self._world.grace_s,
            )
        except RunnerError as error:
            log.warning("an orphan is not stopped", action="session.left", session=session_id, error=str(error))
