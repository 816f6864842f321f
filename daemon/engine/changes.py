"""Who wants to hear of durable changes: the live streams behind `run --follow` and the dashboard.

One task reads the store's feed after each commit, as long as somebody listens, and keeps its newest part in memory. Every listener has
only a place in it. One that falls further behind reads what it misses from the store, so a slow one costs nobody anything, and one that
comes back after a restart goes on where it was.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from itertools import takewhile
from typing import Final

from chainwright.daemon.core.live_changes import RUNS, Change, FeedLost, Step, change_of_row
from chainwright.daemon.store.port import Fed, Store, StoreError

KEPT: Final = 2_000
"""Changes of the feed in memory."""
SILENCE_S: Final = 1.0
PART: Final = 500
"""Changes that are read at once."""


class Changes:
    """The feed, for any number of listeners."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._newest: deque[Step] = deque()
        self._begins = 0
        """Everything that follows this number, up to :attr:`_head`, is in memory."""
        self._head = 0
        self._listening = 0
        self._committed = asyncio.Event()
        self._grown = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def listening(self) -> int:
        """How many listen."""
        return self._listening

    def open(self) -> None:
        """Begin to follow the store."""
        self._store.watch(self._committed.set)
        self._reading = asyncio.create_task(self._read(), name="read the feed")

    async def close(self) -> None:
        """End all listening."""
        self._closed = True
        self._wake()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    async def head(self) -> int:
        """The number of the newest change."""
        return await self._store.feed_head()

    async def after(self, number: int) -> AsyncGenerator[list[Step], None]:
        """What follows a number, in parts, and what comes; an empty part for each :data:`SILENCE_S` without anything.

        Silence is told, so that a listener that waits for a time or for its reader's end need not be a task that waits for another:
        with hundreds of them that was most of the way from a commit to a screen. Ends when the daemon goes down; raises :class:`FeedLost`.
        """
        if number > await self.head():
            raise FeedLost
        self._listening += 1
        self._committed.set()
        try:
            while not self._closed:
                grown = self._grown
                part = await self._part(number)
                if part:
                    number = part[-1].seq
                    yield part
                elif not await _within(grown, SILENCE_S):
                    yield []
        finally:
            self._listening -= 1

    async def of_run(self, run_id: str, after: int) -> AsyncIterator[Change]:
        """Changes of one run from journal number ``after + 1``, up to its end."""
        begins = await self.head()
        for row in await self._store.journal(run_id):
            if row.seq > after:
                yield change_of_row(run_id, row)
                after = row.seq
            if row.kind == "RunFinished":
                return
        async for part in self.after(begins):
            for change in (change for step in part for change in step.changes if change.run_id == run_id):
                if change.seq > after:
                    yield change
                    after = change.seq
                if change.kind == "RunFinished":
                    return

    async def _part(self, number: int) -> list[Step]:
        if number >= self._begins and self._newest:
            newer = list(takewhile(lambda step: step.seq > number, reversed(self._newest)))
            return newer[::-1]
        return await self._read_after(number)

    async def _read_after(self, number: int) -> list[Step]:
        found = await self._store.feed(number, PART)
        if found is None:
            raise FeedLost
        return [_step(fed) for fed in found]

    async def _read(self) -> None:
        """Follow the store while somebody listens; what fails is tried again at the next commit."""
        while True:
            await self._committed.wait()
            self._committed.clear()
            if not self._listening:
                self._forget()
                continue
            try:
                await self._catch_up()
            except (StoreError, FeedLost):
                self._forget()

    async def _catch_up(self) -> None:
        if not self._newest:
            self._begins = self._head = max(0, await self._store.feed_head() - 1)
        while part := await self._read_after(self._head):
            self._newest.extend(part)
            self._head = part[-1].seq
            while len(self._newest) > KEPT:
                self._begins = self._newest.popleft().seq
            self._wake()

    def _forget(self) -> None:
        """Nobody followed, so what is in memory has a gap after it."""
        self._newest.clear()
        self._wake()

    def _wake(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Whether it came in time."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def _step(fed: Fed) -> Step:
    if fed.topic == RUNS:
        return Step(seq=fed.seq, changes=tuple(change_of_row(fed.subject, row) for row in fed.rows))
    changed = Change(topic=fed.topic, subject=fed.subject, at=fed.at or 0.0, kind=fed.kind)
    return Step(seq=fed.seq, changes=(changed,))
