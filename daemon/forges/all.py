"""Every forge that is configured, with the outbox that its letters leave through: what the daemon starts and ends."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

import aiohttp

from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.forges.following import ForgeFollowing
from chainwright.daemon.forges.gitea import Gitea
from chainwright.daemon.forges.github import GitHub
from chainwright.daemon.forges.gitlab import GitLab
from chainwright.daemon.forges.letters import delivered
from chainwright.daemon.forges.port import Forge
from chainwright.daemon.hooks.live_secrets import LiveSecrets
from chainwright.daemon.outbox import Outbox
from chainwright.daemon.reconciler import Followed
from chainwright.daemon.store.port import Store
from chainwright.schemas.config import ForgeSettings

KINDS: Final[Mapping[str, Callable[[aiohttp.ClientSession, ForgeSettings, LiveSecrets, Clock], Forge]]] = {
    "github": GitHub,
    "gitea": Gitea,
    "forgejo": Gitea,
    "gitlab": GitLab,
}
"""Whose API is spoken by what."""


class Forges:
    """Owns a task for the outbox, one for each forge, and their connections, from ``open`` to ``close``."""

    def __init__(self, store: Store, secrets: LiveSecrets, clock: Clock) -> None:
        self.following: list[ForgeFollowing] = []
        self._store = store
        self._secrets = secrets
        self._clock = clock
        self._outbox = Outbox(store, clock, random.random)
        self._http: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, mirrors: Iterable[Followed], settings: Mapping[str, ForgeSettings]) -> None:
        """Follow the forges of these mirrors; ``settings`` by the name of their source."""
        self._http = aiohttp.ClientSession()
        for mirror in mirrors:
            if (name := mirror.source.name) in settings:
                told = settings[name]
                forge = KINDS[told.kind](self._http, told, self._secrets, self._clock)
                self._outbox.receivers[name] = partial(delivered, forge)
                self.following.append(ForgeFollowing(mirror, forge, self._store, self._clock))
        works = {f"forge of {one.name}": one.run() for one in self.following}
        for name, work in {"outbox": self._outbox.run(), **works}.items():
            self._tasks.append(asyncio.create_task(work, name=name))

    async def checks(self) -> list[tuple[str, str, str]]:
        """(what, why it is not well or empty, what is worth knowing) of each forge and of the outbox."""
        out = await self._store.outgoing()
        dead = f"{len(out.dead)} letters are dead; the newest is {': '.join(out.dead[0])}" if out.dead else ""
        forges = [(f"forge of {one.name}", one.problem, "followed") for one in self.following]
        return [*forges, ("outbox", dead, f"{out.waiting} letters wait")]

    async def close(self) -> None:
        """Follow nothing any more; what has not arrived stays in the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()
