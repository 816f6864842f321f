"""The threads that answer questions, each on a connection that cannot change anything, none of them the event loop's."""

import asyncio
import queue
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from chainwright.daemon.store.connection import reader, translated

T = TypeVar("T")


class Readers:
    """A few connections to one database. A question sees one moment: all that was durable when it began."""

    def __init__(self, path: Path, count: int = 2) -> None:
        """Raises ``sqlite3.Error``."""
        self._path = path
        self._idle: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        for _ in range(count):
            self._idle.put(reader(path))
        self._count = count
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="store-reader")

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """The answer of ``question``, which runs in another thread. Raises :class:`StoreError`."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, question)

    async def close(self) -> None:
        """Answer what was asked, then close."""
        await asyncio.to_thread(self._threads.shutdown)
        for _ in range(self._count):
            self._idle.get().close()

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._idle.get()  # never waits: there are as many as threads
        try:
            connection.execute("BEGIN")
            return question(connection)
        except sqlite3.Error as error:
            raise translated(error, self._path) from error
        finally:
            connection.rollback()
            self._idle.put(connection)
