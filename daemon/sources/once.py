"""Work that many ask for at the same time, done once."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Once:
    """``owner`` names its tasks. What is done can be asked for again: this remembers only what is under way."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._under_way: dict[str, asyncio.Task[Any]] = {}

    async def do(self, what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Does the work, or waits for whoever does it already. One waiter's cancellation does not end it. Raises what the work raises."""
        task = self._under_way.get(what)
        if task is None:
            task = self._under_way[what] = asyncio.create_task(work(), name=f"{self._owner}: {what}")
            task.add_done_callback(lambda done: self._over(what, done))
        await asyncio.shield(task)

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _over(self, what: str, task: asyncio.Task[Any]) -> None:
        del self._under_way[what]
        if not task.cancelled():
            task.exception()  # every waiter may have been cancelled: nobody else would look
