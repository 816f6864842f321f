"""The one thread that writes: it takes everything that is queued, executes it in one transaction, and wakes its callers together.

Group commit: the disk is waited for once for all that has gathered while it was last waited for, so the cost of durability is
shared by whoever is in a hurry, and nobody waits for company. There is no time limit on a write: a caller that stopped waiting
would not know whether it had happened.

A work that cannot be written must not take its neighbours with it: the transaction is rolled back and tried again in halves, until
the bad one stands alone. Savepoints around each work were rejected: they would forbid to gather the rows of many works into one
statement, for a case that only a mistake, or the loss of a run to another daemon, brings about.
"""

import asyncio
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from chainwright.daemon.store.batch import Batch, Heads
from chainwright.daemon.store.commit_times import CommitTimes
from chainwright.daemon.store.connection import translated
from chainwright.daemon.store.port import StoreError

MOST_WORKS: Final = 1_000
"""In one transaction, so that its memory and the wait of its first caller have a bound."""

T = TypeVar("T")


class Line:
    """The writes of one run that are under way, in their order. Once one has failed, those behind it fail as it did:
    entries must never follow others that are missing. A write that is asked for after the failure was reported begins a new line.
    """

    __slots__ = ("broken", "length")

    def __init__(self) -> None:
        self.broken: StoreError | None = None
        self.length = 0


@dataclass(slots=True, kw_only=True)
class Work:
    """Something to write, and who waits for it."""

    apply: Callable[[Batch], Any]
    future: "asyncio.Future[Any]"
    run_id: str
    line: Line
    result: Any = None
    error: StoreError | None = None

    def attempt(self, batch: Batch) -> None:
        """Take its place in the batch, unless it stands behind one that failed."""
        if self.line.broken:
            self.fail(self.line.broken)
        else:
            self.result = self.apply(batch)

    def fail(self, error: StoreError) -> None:
        """It was not written. The error becomes its own: a shared one would gather the tracebacks of all callers."""
        self.error = self.line.broken = type(error)(*error.args)
        self.error.__cause__ = error.__cause__


class Writer:
    """Owns the writing connection from :meth:`start` on, and closes it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.commits = 0
        self.writes = 0
        self.times = CommitTimes()
        self._connection = connection
        self._path = path
        self._heads = Heads()
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._lines: dict[str, Line] = {}
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._heard: Callable[[], None] = lambda: None
        # A daemon thread: a process that must end at once must not wait for what nobody can be told any more.
        self._thread = threading.Thread(target=self._serve, name="store-writer", daemon=True)

    def start(self) -> None:
        """Begin to take works."""
        self._thread.start()

    async def write(self, apply: Callable[[Batch], T], run_id: str = "") -> T:
        """Run ``apply`` in a transaction with whatever else is queued; returns its result when that is durable.

        ``run_id`` keeps the writes of a run in the order of the calls. Raises :class:`StoreError`.
        """
        if self._closing:
            raise StoreError(f"{self._path} is closed")
        line = self._lines.setdefault(run_id, Line()) if run_id else Line()
        line.length += 1
        work = Work(apply=apply, future=self._loop.create_future(), run_id=run_id, line=line)
        self._queue.put(work)
        result: T = await work.future
        return result

    def watch(self, heard: Callable[[], None]) -> None:
        """Call ``heard``, in the event loop, after each commit."""
        self._heard = heard

    async def close(self) -> None:
        """Write what is queued, then end the thread and close the connection."""
        self._closing = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._connection.close()

    def _serve(self) -> None:
        closing = False
        while not closing:
            works, closing = self._take()
            if works:
                self._commit(works)
                self._loop.call_soon_threadsafe(self._settle, works)

    def _take(self) -> tuple[list[Work], bool]:
        """Everything that is queued, at least one; and whether the end was reached."""
        works: list[Work] = []
        with suppress(queue.Empty):
            while len(works) < MOST_WORKS:
                work = self._queue.get(block=not works)
                if work is None:
                    return works, True
                works.append(work)
        return works, False

    def _commit(self, works: list[Work]) -> None:
        """Write the works together or, when one of them is broken, apart; each ends with its result or its error."""
        try:
            self._transact(works)
        except sqlite3.OperationalError as error:  # the disk's or a lock's: a second try would fare no better
            self._fail(works, error)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for those who asked; the thread must live on
            if len(works) == 1:
                self._fail(works, error)
            else:
                self._roll_back()
                self._commit(works[: len(works) // 2])
                self._commit(works[len(works) // 2 :])

    def _transact(self, works: list[Work]) -> None:
        batch = Batch(self._connection, self._heads)
        began = time.perf_counter()
        self._connection.execute("BEGIN IMMEDIATE")
        for work in works:
            work.attempt(batch)
        batch.flush()
        self._connection.execute("COMMIT")
        batch.committed()
        self.times.add(time.perf_counter() - began)
        self.commits += 1
        self.writes += len(works)

    def _fail(self, works: list[Work], error: Exception) -> None:
        self._roll_back()
        told = translated(error, self._path)
        if told is not error:
            told.__cause__ = error
        for work in works:
            work.fail(told)

    def _roll_back(self) -> None:
        self._heads.doubt()
        if self._connection.in_transaction:  # SQLite may have rolled back by itself
            with suppress(sqlite3.Error):  # if it cannot even do that, the next BEGIN says why
                self._connection.execute("ROLLBACK")

    def _settle(self, works: list[Work]) -> None:
        """Tell the callers; runs in the event loop, once for all works of a transaction."""
        self._heard()
        for work in works:
            self._leave(work)
            if work.future.done():  # cancelled: nobody waits any more
                continue
            if work.error is None:
                work.future.set_result(work.result)
            else:
                work.future.set_exception(work.error)

    def _leave(self, work: Work) -> None:
        work.line.length -= 1
        if (work.line.broken or not work.line.length) and self._lines.get(work.run_id) is work.line:
            del self._lines[work.run_id]
