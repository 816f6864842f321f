"""What the same work costs without us: bare PTYs from asyncio, and tmux with a window for each agent."""

import asyncio
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

LIMIT_S = 120.0
AT_ONCE = 64


class Floor(ABC):
    """Does the work of the workloads, one way or the other. Use as a context manager."""

    name: str

    def __init__(self, folder: str) -> None:
        self.fifo = FirstByte(Path(folder) / f"{self.name}.fifo")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.fifo.close()

    async def sequential(self, agents: int) -> dict[str, float]:
        """Seconds for agents one after the other."""
        started = time.perf_counter()
        for _ in range(agents):
            await self.agent()
        return {"time": time.perf_counter() - started}

    async def parallel(self, agents: int) -> dict[str, float]:
        """Seconds for agents at once and one after them."""
        started = time.perf_counter()
        await self.many(agents)
        await self.agent()
        return {"time": time.perf_counter() - started}

    async def throughput(self, runs: int) -> dict[str, float]:
        """Runs in a second, queued all at once."""
        started = time.perf_counter()
        await self.many(runs)
        return {"rate": runs / (time.perf_counter() - started)}

    async def first_byte(self, submits: int) -> dict[str, float]:
        """Milliseconds from asking to the agent's first byte."""
        return await first_bytes(self.fifo, self.submit, submits)

    @abstractmethod
    async def agent(self) -> None:
        """Run an agent that does nothing, to its end."""

    @abstractmethod
    async def many(self, agents: int) -> None:
        """Run so many of them at once, to their end."""

    @abstractmethod
    async def submit(self) -> None:
        """Start an agent that writes its first byte into the FIFO."""


class Bare(Floor):
    """``openpty`` and exec of ``bash -e``, waiting for the child and for the end of its output. Keeps nothing."""

    name = "bare"

    async def agent(self, script: str = "true") -> None:
        master, slave = os.openpty()
        try:
            child = await asyncio.create_subprocess_exec(
                "bash", "-e", "-c", script, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
            )
            os.close(slave)
            await asyncio.wait_for(child.wait(), LIMIT_S)
            os.set_blocking(master, False)
            while _read(master):
                pass
        finally:
            os.close(master)

    async def many(self, agents: int) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with gate:
                await self.agent()

        await asyncio.gather(*(one() for _ in range(agents)))

    async def submit(self) -> None:
        await self.agent(self.fifo.command)


class Tmux(Floor):
    """A window for each agent, asked for with one ``tmux`` command each, its end signalled with ``wait-for``."""

    name = "tmux"

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._socket = str(Path(folder) / "tmux.sock")
        self._many = FirstByte(Path(folder) / "tmux-many.fifo")
        self._count = 0

    async def __aenter__(self) -> Self:
        await self._tmux("new-session", "-d", "-s", "bench", "-x", "120", "-y", "40", "cat")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tmux("kill-server")
        self._many.close()
        self.fifo.close()

    async def agent(self) -> None:
        self._count += 1
        done = f"done-{self._count}"
        await self._window(f"true; tmux -S {self._socket} wait-for -S {done}")
        await self._tmux("wait-for", done)

    async def many(self, agents: int) -> None:
        """Opened one after the other by one client, as a script would; their ends are awaited at the end."""
        for _ in range(agents):
            await self._window(f"true; {self._many.command}")
        await asyncio.wait_for(self._many.read(agents), LIMIT_S)

    async def submit(self) -> None:
        await self._window(self.fifo.command)

    async def _window(self, script: str) -> None:
        await self._tmux("new-window", "-d", "-t", "bench", f"exec bash -e -c '{script}'")

    async def _tmux(self, *arguments: str) -> None:
        child = await asyncio.create_subprocess_exec("tmux", "-f", "/dev/null", "-S", self._socket, *arguments)
        if await asyncio.wait_for(child.wait(), LIMIT_S):
            raise RuntimeError(f"tmux {arguments[0]} failed")


class FirstByte:
    """A FIFO that an agent writes one byte into: its reader sleeps until then, so that waiting costs the agent nothing."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        self.path = path
        self.command = f"printf x >{path}"
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)

    async def read(self, count: int = 1) -> None:
        """Return when so many bytes have come."""
        loop = asyncio.get_running_loop()
        while count > 0:
            ready = loop.create_future()
            loop.add_reader(self._fd, lambda ready=ready: ready.done() or ready.set_result(None))
            try:
                await ready
            finally:
                loop.remove_reader(self._fd)
            count -= len(os.read(self._fd, count))

    def close(self) -> None:
        """Let go of it."""
        os.close(self._fd)


async def first_bytes(fifo: FirstByte, submit: Callable[[], Awaitable[None]], submits: int) -> dict[str, float]:
    """Median and 95th percentile of the time from asking to the first byte."""
    taken = []
    for _ in range(submits):
        started = time.perf_counter()
        task = asyncio.ensure_future(submit())
        await asyncio.wait_for(fifo.read(), LIMIT_S)
        taken.append((time.perf_counter() - started) * 1000)
        await task
    taken.sort()
    return {"median": taken[len(taken) // 2], "p95": taken[int(len(taken) * 0.95)]}


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except (BlockingIOError, OSError):
        return b""
