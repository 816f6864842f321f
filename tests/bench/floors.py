"""What the same work costs without us: bare PTYs from asyncio, and tmux with a window for each agent."""

import asyncio
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

LIMIT_S = 120.0
AT_ONCE = 64


class Floor(Protocol):
    """Does the work of the workloads."""

    name: str

    async def sequential(self, agents: int) -> dict[str, float]:
        """Seconds for agents one after the other."""

    async def parallel(self, agents: int) -> dict[str, float]:
        """Seconds for agents at once and one after them."""

    async def throughput(self, runs: int) -> dict[str, float]:
        """Runs in a second, queued all at once."""

    async def first_byte(self, submits: int) -> dict[str, float]:
        """Milliseconds from asking to the agent's first byte."""


class Bare:
    """``openpty`` and exec of ``bash -e``, waiting for the child and for the end of its output. Keeps nothing."""

    name = "bare"

    def __init__(self, folder: str) -> None:
        self._fifo = FirstByte(Path(folder) / "bare.fifo")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._fifo.close()

    async def sequential(self, agents: int) -> dict[str, float]:
        started = time.perf_counter()
        for _ in range(agents):
            await self._agent("true")
        return {"time": time.perf_counter() - started}

    async def parallel(self, agents: int) -> dict[str, float]:
        started = time.perf_counter()
        await self._many(agents)
        await self._agent("true")
        return {"time": time.perf_counter() - started}

    async def throughput(self, runs: int) -> dict[str, float]:
        started = time.perf_counter()
        await self._many(runs)
        return {"rate": runs / (time.perf_counter() - started)}

    async def first_byte(self, submits: int) -> dict[str, float]:
        async def submit() -> None:
            await self._agent(self._fifo.command)

        return await first_bytes(self._fifo, submit, submits)

    async def _many(self, agents: int) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one() -> None:
            async with gate:
                await self._agent("true")

        await asyncio.gather(*(one() for _ in range(agents)))

    async def _agent(self, script: str) -> None:
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


class Tmux:
    """A window for each agent, asked for with one ``tmux`` command each, its end signalled with ``wait-for``."""

    name = "tmux"

    def __init__(self, folder: str) -> None:
        self._socket = str(Path(folder) / "tmux.sock")
        self._fifo = FirstByte(Path(folder) / "tmux.fifo")
        self._count = 0

    async def __aenter__(self) -> Self:
        await self._tmux("new-session", "-d", "-s", "bench", "-x", "120", "-y", "40", "cat")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tmux("kill-server")
        self._fifo.close()

    async def sequential(self, agents: int) -> dict[str, float]:
        started = time.perf_counter()
        for _ in range(agents):
            await self._agent()
        return {"time": time.perf_counter() - started}

    async def parallel(self, agents: int) -> dict[str, float]:
        started = time.perf_counter()
        await self._many(agents)
        await self._agent()
        return {"time": time.perf_counter() - started}

    async def throughput(self, runs: int) -> dict[str, float]:
        started = time.perf_counter()
        await self._many(runs)
        return {"rate": runs / (time.perf_counter() - started)}

    async def first_byte(self, submits: int) -> dict[str, float]:
        async def submit() -> None:
            await self._window(self._fifo.command)

        return await first_bytes(self._fifo, submit, submits)

    async def _many(self, agents: int) -> None:
        """Opened one after the other by one client, as a script would; their ends are awaited at the end."""
        fifo = FirstByte(Path(self._socket).with_name("tmux-many.fifo"))
        try:
            for _ in range(agents):
                await self._window(f"true; {fifo.command}")
            await asyncio.wait_for(fifo.read(agents), LIMIT_S)
        finally:
            fifo.close()

    async def _agent(self) -> None:
        self._count += 1
        done = f"done-{self._count}"
        await self._window(f"true; tmux -S {self._socket} wait-for -S {done}")
        await self._tmux("wait-for", done)

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


async def first_bytes(fifo: FirstByte, submit, submits: int) -> dict[str, float]:
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
