"""Who wants to hear of durable changes: the live streams behind `run --follow` and the dashboard."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final

from chainwright.daemon.core.attempt_ids import parsed
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.journal import Row
from chainwright.daemon.engine.run_scope import Entries, RunScope
from chainwright.daemon.store.port import Store

QUEUE_SIZE: Final = 10_000
"""A listener that falls further behind is dropped: it comes back with the last number that it saw."""


class Changes:
    """Publishes journal entries to whoever listens; costs nothing while nobody does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queues: set[asyncio.Queue[dict[str, Any] | None]] = set()

    def publish(self, scope: RunScope, last_seq: int, entries: Entries) -> None:
        """Tell everybody about durable entries, the last of which has this number."""
        if not self._queues:
            return
        first = last_seq - len(entries) + 1
        for seq, (at, entry) in enumerate(entries, start=first):
            change = change_of(scope.id, seq, at, entry)
            for queue in tuple(self._queues):
                self._offer(queue, change)

    async def of_all(self) -> AsyncIterator[dict[str, Any]]:
        """Changes of all runs from now on."""
        with self._listening() as queue:
            while (change := await queue.get()) is not None:
                yield change

    async def of_run(self, run_id: str, after: int) -> AsyncIterator[dict[str, Any]]:
        """Changes of one run from journal number ``after + 1``, up to its end."""
        with self._listening() as queue:
            for row in await self._store.journal(run_id):
                if row.seq > after:
                    yield _change_of_row(run_id, row)
                    after = row.seq
                if row.kind == "RunFinished":
                    return
            while (change := await queue.get()) is not None:
                if change["run_id"] != run_id or change["seq"] <= after:
                    continue
                yield change
                if change["kind"] == "RunFinished":
                    return

    def close(self) -> None:
        """End all listening."""
        for queue in tuple(self._queues):
            self._drop(queue)

    @contextmanager
    def _listening(self) -> Iterator[asyncio.Queue[dict[str, Any] | None]]:
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE_SIZE)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)

    def _offer(self, queue: asyncio.Queue[dict[str, Any] | None], change: dict[str, Any]) -> None:
        if queue.full():
            self._drop(queue)
        else:
            queue.put_nowait(change)

    def _drop(self, queue: asyncio.Queue[dict[str, Any] | None]) -> None:
        """End its listening where it stands: with one change left out of the middle it would never know what it missed."""
        self._queues.discard(queue)
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(None)


def change_of(run_id: str, seq: int, at: float, entry: Fact | Decision) -> dict[str, Any]:
    """A journal entry as listeners get it."""
    data = {name: getattr(entry, name) for name in entry.__slots__ if name not in _LARGE}
    return {"run_id": run_id, "seq": seq, "at": at, "kind": entry.kind, "agent": _agent(data), "data": data}


def _change_of_row(run_id: str, row: Row) -> dict[str, Any]:
    return change_of(run_id, row.seq, row.at, row.entry())


def _agent(data: dict[str, Any]) -> str | None:
    return parsed(data["attempt_id"]).agent if "attempt_id" in data else data.get("agent")


_LARGE: Final = frozenset({"resolved", "start", "outputs", "data", "inputs", "kind"})
"""Left out of the stream: asked for where they are wanted."""
