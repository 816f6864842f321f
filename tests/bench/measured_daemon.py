"""A real daemon on a home and a chain repository of its own, asked over its API as any client would."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import aiohttp
from floors import LIMIT_S, FirstByte, first_bytes

CLIENTS = 32
FAR = 100
"""Agents of the chain that runs on a host."""
_FAR_CHAIN = """
inputs: {{go: {{type: string, required: true}}}}
agents:
  wait:
    runs-on: box
    strategy: {{matrix: {{n: {legs}}}}}
    env: {{GO: '${{{{ inputs.go }}}}'}}
    run: read -r _ <"$GO"
"""


class Daemon:
    """Starts with the block, ends with it."""

    def __init__(self, folder: Path, files: int) -> None:
        self._home = folder / "home"
        self._fifo = FirstByte(folder / "ours.fifo")
        self._repository = _repository(folder / "repository", files, self._fifo.command)
        self._process: subprocess.Popen[bytes] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()
        self._fifo.close()

    async def timed(self, chain: str) -> dict[str, float]:
        """Seconds from submitting a run to its end."""
        started = time.perf_counter()
        run = await self._submit(chain)
        await self._until_finished(run)
        return {"time": time.perf_counter() - started}

    async def throughput(self, chain: str, runs: int) -> dict[str, float]:
        """Runs in a second: submitted by some clients at once, until the last has ended."""
        gate = asyncio.Semaphore(CLIENTS)

        async def submit() -> None:
            async with gate:
                await self._submit(chain)

        started = time.perf_counter()
        await asyncio.gather(*(submit() for _ in range(runs)))
        await asyncio.wait_for(self._until_idle(), LIMIT_S)
        return {"rate": runs / (time.perf_counter() - started)}

    async def first_byte(self, submits: int) -> dict[str, float]:
        """Milliseconds from the request to the agent's first byte."""

        async def submit() -> None:
            await self._until_finished(await self._submit("first-byte"))

        return await first_bytes(self._fifo, submit, submits)

    async def begin_far(self, host: dict[str, Any], legs: int, go: Path) -> str:
        """Introduce a host, and begin a run of so many agents there, each of which reads a line of the FIFO ``go`` and ends; its id."""
        assert self._session is not None
        async with self._session.post("/api/v1/hosts", json=host) as answer:
            if answer.status != 201:
                raise RuntimeError(f"{answer.status}: {await answer.text()}")
        return await self._submit(f"far-{legs}", go=str(go))

    async def until_held(self, host: str, sessions: int) -> None:
        """Return when so many sessions of the host are known to run."""
        assert self._session is not None
        while True:
            async with self._session.get(f"/api/v1/hosts/{host}") as answer:
                if (await answer.json())["sessions"] == sessions:
                    return
            await asyncio.sleep(0.01)

    async def kill_and_start(self) -> float:
        """Seconds from the exec of the next one to its being ready."""
        assert self._process is not None and self._session is not None
        await self._session.close()
        self._process.kill()
        self._process.wait(LIMIT_S)
        started = time.perf_counter()
        await self._start()
        return time.perf_counter() - started

    async def until_finished(self, run: str) -> None:
        """Return at the end of a run."""
        await asyncio.wait_for(self._until_finished(run), LIMIT_S)

    async def idle(self, rounds: int) -> dict[str, Any]:
        """Proportional memory of the idle daemon with its fork server, and seconds from exec to ready."""
        sizes, starts = [], []
        for _ in range(rounds):
            await self._stop()
            started = time.perf_counter()
            await self._start()
            starts.append(time.perf_counter() - started)
            sizes.append(await self._pss_mib())
        return {"pss_mib": _spread(sizes), "cold_start_s": _spread(starts)}

    async def _pss_mib(self) -> float:
        assert self._process is not None
        mine = [self._process.pid, *_descendants(self._process.pid)]
        return sum(_pss_kib(pid) for pid in mine) / 1024

    # the API

    async def _submit(self, chain: str, **inputs: str) -> str:
        assert self._session is not None
        async with self._session.post("/api/v1/runs", json={"chain": chain, "inputs": inputs}) as answer:
            body = await answer.json()
            if answer.status != 201:
                raise RuntimeError(f"{answer.status}: {body}")
            return str(body["id"])

    async def _until_finished(self, run: str) -> None:
        assert self._session is not None
        async with self._session.get(f"/api/v1/stream?topics=run:{run}") as stream:
            async for line in stream.content:
                if b"RunFinished" in line:
                    return

    async def _until_idle(self) -> None:
        assert self._session is not None
        while True:
            async with self._session.get("/api/v1/status") as answer:
                if not (await answer.json())["runs"]:
                    return
            await asyncio.sleep(0.05)

    # the process

    async def _start(self) -> None:
        with (self._home.parent / "daemon.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chainwright", "--home", str(self._home), "up", "--repo", str(self._repository)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            )
        connector = aiohttp.UnixConnector(path=str(self._home / "daemon.sock"), limit=CLIENTS + 4)
        self._session = aiohttp.ClientSession("http://daemon", connector=connector)
        while not await self._ready():
            if self._process.poll() is not None:
                raise RuntimeError((self._home.parent / "daemon.log").read_text())
            await asyncio.sleep(0.005)

    async def _ready(self) -> bool:
        assert self._session is not None
        try:
            async with self._session.get("/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async def _stop(self) -> None:
        assert self._process is not None and self._session is not None
        await self._session.close()
        os.kill(self._process.pid, signal.SIGTERM)
        await asyncio.to_thread(self._process.wait, LIMIT_S)


def _repository(folder: Path, files: int, first_byte: str) -> Path:
    chains = folder / "workflows"
    chains.mkdir(parents=True)
    chain = "on: {{manual: }}\nlimits: {{turns: 10000}}\nagents:\n{agents}"
    first = "  a0: {run: 'true'}\n"
    sequence = "".join(f"  a{n}: {{needs: a{n - 1}, run: 'true'}}\n" for n in range(1, 100))
    (chains / "sequential.yaml").write_text(chain.format(agents=first + sequence))
    many = "".join(f"  a{n}: {{run: 'true'}}\n" for n in range(200))
    join = f"  join: {{needs: [{', '.join(f'a{n}' for n in range(200))}], run: 'true'}}\n"
    (chains / "parallel.yaml").write_text(chain.format(agents=many + join))
    (chains / "one.yaml").write_text(chain.format(agents=first))
    (chains / "first-byte.yaml").write_text(chain.format(agents=f"  a: {{run: '{first_byte}'}}\n"))
    (chains / f"far-{FAR}.yaml").write_text(_FAR_CHAIN.format(legs=list(range(FAR))))
    for number in range(files - 5):
        path = folder / f"src/part{number % 10}/file{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# file {number}\n" * 40)
    for command in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        ("-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "--message", "bench"),
    ):
        subprocess.run(["git", "-C", str(folder), *command], check=True, timeout=LIMIT_S)
    return folder


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _pss_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _spread(values: list[float]) -> dict[str, float]:
    values = sorted(values)
    return {"median": values[len(values) // 2], "min": values[0], "max": values[-1]}
