"""A real daemon as a process of a test: started, killed, stopped, and asked over its socket by a client that outlives it."""

import asyncio
import hmac
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from chainwright.daemon.config import Home
from chainwright.daemon.crash_points import SWITCH
from chainwright.daemon.testing.nursery import Nursery, Process

READY_S = 40.0
LOOK_S = 0.02
AWAY = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, ConnectionError, FileNotFoundError, TimeoutError)
"""How a daemon that is dead, dying or coming up looks to its client."""


HOOK = "/hooks/default/main/forge"
PORT = {"CHAINWRIGHT_LISTEN__PORT": "0"}
SECRET = {"CW_SECRET_HOOK_SECRET": "a secret of the fault tests"}


class Daemon:
    """One home and the daemon on it, whichever process that is at the moment."""

    def __init__(self, root: Path, repository: Path, nursery: Nursery) -> None:
        self.home = Home(root)
        self.repository = repository
        self.process: Process | None = None
        self._nursery = nursery

    # life

    def spawn(self, crash_at: str | None = None, **env: str) -> Process:
        """Start it, and return at once. ``crash_at`` is the label at which it is to die."""
        self.home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWRIGHT_")}
        self.process = Process(
            self._nursery,
            words=["--home", str(self.home.root), "up", "--repo", str(self.repository)],
            env=kept | PORT | SECRET | ({SWITCH: crash_at} if crash_at else {}) | env,
            log=self.home.log,
            cwd=self.home.root,
        )
        return self.process

    async def up(self, crash_at: str | None = None) -> "Daemon":
        """Start it; returns when it takes commands."""
        self.spawn(crash_at)
        await self.ready()
        return self

    async def ready(self) -> None:
        """Wait until it takes commands."""
        async with asyncio.timeout(READY_S):
            while not await self.is_ready():
                assert self.process is not None and self.process.poll() is None, self.said()
                await asyncio.sleep(LOOK_S)

    async def is_ready(self) -> bool:
        """Whether it takes commands."""
        with suppress(*AWAY):
            async with self.client(1.0) as client, client.get("/readyz") as answer:
                return answer.status == 200
        return False

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal; after a KILL it is gone when this returns."""
        assert self.process is not None
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait(30)

    async def ended(self, limit_s: float = 30.0) -> int:
        """Its exit code."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, limit_s)

    async def down(self) -> None:
        """Stop it politely, if it lives."""
        if self.process is not None and self.process.poll() is None:
            self.kill(signal.SIGCONT)
            self.kill(signal.SIGTERM)
            await self.ended()

    def said(self) -> str:
        """The end of its log."""
        return self.home.log.read_text(errors="replace")[-4000:]

    def descriptors(self) -> int:
        """How many it holds open."""
        assert self.process is not None
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    # questions

    @asynccontextmanager
    async def client(self, limit_s: float = 30.0) -> AsyncIterator[aiohttp.ClientSession]:
        """A client of its own; every use of it may find the daemon away."""
        connector = aiohttp.UnixConnector(str(self.home.socket))
        timeout = aiohttp.ClientTimeout(total=limit_s)
        async with aiohttp.ClientSession("http://daemon", connector=connector, timeout=timeout) as client:
            yield client

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON of one request, which is sent once."""
        async with self.client() as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with client.request(method, f"/api/v1{path}", json=body, headers=named) as answer:
                return answer.status, await answer.json(content_type=None)

    async def deliver(self, number: int) -> tuple[int, Any]:
        """Status and answer of a delivery to the webhook of the chain ``hooked``, sent until somebody answers; each try is the same."""
        body = json.dumps({"number": number}).encode()
        digest = hmac.digest(SECRET["CW_SECRET_HOOK_SECRET"].encode(), body, "sha256").hex()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": f"delivery-{number}",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        while True:
            with suppress(*AWAY):
                async with self.client() as client, client.post(HOOK, data=body, headers=headers) as answer:
                    if answer.status != 503:
                        return answer.status, await answer.json(content_type=None)
            await asyncio.sleep(LOOK_S)

    async def insist(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """The same, asked again while the daemon is away or cannot take it."""
        while True:
            with suppress(*AWAY):
                status, answer = await self.ask(method, path, body, **headers)
                if status != 503:
                    return status, answer
            await asyncio.sleep(LOOK_S)

    async def run(self, run_id: str) -> dict[str, Any]:
        """A run as it is now."""
        status, detail = await self.insist("GET", f"/runs/{run_id}")
        assert status == 200, detail
        found: dict[str, Any] = detail
        return found

    async def until(self, run_id: str, *states: str, limit_s: float = 60.0) -> dict[str, Any]:
        """A run once it is in one of these states, by default finished."""
        async with asyncio.timeout(limit_s):
            while (detail := await self.run(run_id))["state"] not in (states or ("finished",)):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.05)
        return detail


async def until(condition: Any, limit_s: float = 30.0) -> Any:
    """The first true value of a condition that is looked at again and again."""
    due = time.monotonic() + limit_s
    while not (value := condition()):
        assert time.monotonic() < due, f"not within {limit_s} s: {condition}"
        await asyncio.sleep(LOOK_S)
    return value
