"""What is done for a host beside its runs: branches that were left there are brought here, and what nobody needs is cleared away."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog

from chainwright.daemon.remote.clearing import Clearing, Surplus
from chainwright.daemon.remote.in_use import InUse
from chainwright.daemon.remote.workplaces import RemoteWorkplaces
from chainwright.runners.port import RunnerError

CLEAR_EVERY_S: Final = 3_600.0
"""Also before the first time: by then the runs that are open are known."""

log = structlog.get_logger()


class Upkeep:
    """Of one host. ``in_use`` is asked each time."""

    def __init__(
        self, name: str, workplaces: RemoteWorkplaces, clearing: Clearing, in_use: Callable[[], InUse]
    ) -> None:
        self._name = name
        self._workplaces = workplaces
        self._clearing = clearing
        self._in_use = in_use
        self._came = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    def open(self) -> None:
        """Begin."""
        work = {"branches": self._bring(), "clearing": self._keep_clear()}
        self._tasks = tuple(asyncio.create_task(one, name=f"host {self._name}: {what}") for what, one in work.items())

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def host_came(self) -> None:
        """It answers, which it did not before."""
        self._came.set()

    async def clear(self, *, dry: bool) -> list[Surplus]:
        """What went that nobody needs, or with ``dry`` what would go. Raises HostUnreachable, other RunnerErrors and OSError."""
        used = self._in_use()
        return await self._clearing.clear(commits=used.commits, runs=used.runs, dry=dry)

    async def _bring(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            await self._workplaces.catch_up()

    async def _keep_clear(self) -> None:
        while True:
            await asyncio.sleep(CLEAR_EVERY_S)
            try:
                gone = await self.clear(dry=False)
            except (OSError, RunnerError) as error:
                log.info("a host is not tidied up", action="host.left", host=self._name, error=str(error))
                continue
            if gone:
                size = sum(one.bytes for one in gone)
                log.info("a host was tidied up", action="host.cleared", host=self._name, count=len(gone), bytes=size)
