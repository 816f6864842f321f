"""Many clients that deliver to one webhook at once, and what must be true of the store afterwards.

Used by ``make bench`` for its figures and by ``tests/system/test_webhook_load.py`` for its counts. The clients speak HTTP over plain
sockets with prepared bytes: on two cores a client library would be measured instead of the daemon.
"""

import asyncio
import hmac
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SECRET = "the secret of the webhook load"
CHAIN = """
on:
  webhook:
    id: load
    verify: {scheme: github, secret: HOOK_SECRET}
    if: event.headers['x-github-event'] == 'push' && event.body.repository.private == false
    inputs: {number: '${{ event.body.number }}'}
inputs:
  number: {type: integer, required: true}
agents:
  never: {if: inputs.number < 0, run: 'true'}
"""
"""Its runs end where they begin: what is measured is how deliveries are accepted, not what agents do."""

READY_S = 60.0
ANSWER_S = 20.0
KILLED_EVERY_S = 1.5


@dataclass(kw_only=True)
class Load:
    """What the clients did and were told."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    """Number of a delivery → the run that its sender was told of."""
    seconds: list[float] = field(default_factory=list)
    """From sending to the answer, of each that was answered at the first try."""
    took_s: float = 0.0
    kills: int = 0

    @property
    def rate(self) -> float:
        """Deliveries in a second."""
        return len(self.acknowledged) / self.took_s

    def quantile_ms(self, share: float) -> float:
        """So many of a hundred were answered within this."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3


class Daemon:
    """A daemon on a home and a chain repository of its own, which may be killed as often as one likes."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "h"
        self.port = _free_port()
        self._repository = _repository(folder / "chains")
        self._process: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> Self:
        self.home.mkdir()
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        await asyncio.to_thread(self._process.wait, READY_S)

    async def start(self) -> None:
        """Up, and listening."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWRIGHT_")}
        settings = {
            "CHAINWRIGHT_LISTEN__PORT": str(self.port),
            "CHAINWRIGHT_LOG__LEVEL": "error",
            "CW_SECRET_HOOK_SECRET": SECRET,
        }
        with (self.home / "daemon.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chainwright", "--home", str(self.home), "up", "--repo", str(self._repository)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=kept | settings,
            )
        async with asyncio.timeout(READY_S):
            while not await self._listens():
                if self._process.poll() is not None:
                    raise RuntimeError((self.home / "daemon.log").read_text()[-2000:])
                await asyncio.sleep(0.02)

    @property
    def pid(self) -> int:
        """Of the process that lives now."""
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """As kill -9 does."""
        assert self._process is not None
        self._process.kill()
        await asyncio.to_thread(self._process.wait)

    async def _listens(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            return True
        return False


class _Client:
    """One of many: a connection that is opened again whenever it breaks."""

    def __init__(self, port: int, load: Load) -> None:
        self._port = port
        self._load = load
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def deliver(self, number: int) -> None:
        """Send one delivery until it is accepted; each try is the same, byte for byte."""
        request = _request(number)
        tries = 0
        while True:
            tries += 1
            began = time.perf_counter()
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    status, body = await self._ask(request)
                if status == 202:
                    if tries == 1:
                        self._load.seconds.append(time.perf_counter() - began)
                    self._load.acknowledged[number] = json.loads(body)["run_id"]
                    return
                if status != 503:
                    raise RuntimeError(f"{status}: {body!r}")
            self.close()
            await asyncio.sleep(0.05)

    async def _ask(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return int(head[9:12]), await reader.readexactly(length)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def send(daemon: Daemon, *, clients: int, for_s: float, kills: bool = False) -> Load:
    """Everybody sends for so long, then finishes what they have begun; with ``kills`` the daemon dies all the while."""
    load = Load()
    numbers = iter(range(10**9))
    until = time.perf_counter() + for_s
    began = time.perf_counter()

    async def one() -> None:
        client = _Client(daemon.port, load)
        while time.perf_counter() < until:
            await client.deliver(next(numbers))
        client.close()

    async with _dying(daemon, load) if kills else _unharmed():
        await asyncio.gather(*(one() for _ in range(clients)))
    load.took_s = time.perf_counter() - began
    return load


@asynccontextmanager
async def _dying(daemon: Daemon, load: Load) -> AsyncIterator[None]:
    async def die() -> None:
        while True:
            await asyncio.sleep(KILLED_EVERY_S)
            await daemon.kill()
            load.kills += 1
            await daemon.start()

    dying = asyncio.create_task(die(), name="kill the daemon")
    try:
        yield
    finally:
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        await daemon.kill()
        await daemon.start()


@asynccontextmanager
async def _unharmed() -> AsyncIterator[None]:
    yield


def faults(home: Path, load: Load) -> list[str]:
    """What of I1 does not hold in the store of a daemon that is down: sentences, none when each delivery is exactly one run."""
    store = sqlite3.connect(f"file:{home / 'chainwright.db'}?mode=ro", uri=True)
    try:
        rows = store.execute("SELECT id, json_extract(inputs, '$.number') FROM run").fetchall()
        accepted = dict(store.execute("SELECT run_id, id FROM hook_delivery WHERE fate = 'accepted'"))
    finally:
        store.close()
    runs: dict[int, list[str]] = {}
    for run_id, number in rows:
        runs.setdefault(number, []).append(run_id)
    lost = [number for number, run in load.acknowledged.items() if run not in runs.get(number, [])]
    doubled = [number for number, found in runs.items() if len(found) > 1]
    unasked = [number for number in runs if number not in load.acknowledged]
    alone = [run_id for run_id, _ in rows if run_id not in accepted]
    wrong = {"lost": lost, "doubled": doubled, "never acknowledged": unasked, "runs without a delivery": alone}
    return [f"{what}: {len(found)}, such as {found[:3]}" for what, found in wrong.items() if found]


def _request(number: int) -> bytes:
    payload = {
        "ref": "refs/heads/main",
        "number": number,
        "repository": {"id": 1296269, "full_name": "octocat/hello-world", "private": False},
        "commits": [{"id": f"{number:040x}", "message": "x" * 200, "author": {"name": "Octo Cat"}} for _ in range(3)],
    }
    body = json.dumps(payload).encode()
    digest = hmac.digest(SECRET.encode(), body, "sha256").hex()
    head = (
        "POST /hooks/default/main/load HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-GitHub-Event: push\r\nX-GitHub-Delivery: {number:08x}\r\nX-Hub-Signature-256: sha256={digest}\r\n"
        f"User-Agent: GitHub-Hookshot/0\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _repository(folder: Path) -> Path:
    (folder / "workflows").mkdir(parents=True)
    (folder / "workflows" / "load.yaml").write_text(CHAIN)
    who = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"]
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "--all"],
        [*who, "commit", "--quiet", "-m", "Load"],
    ):
        subprocess.run(["git", "-C", str(folder), *words], check=True, timeout=30)
    return folder


def _free_port() -> int:
    """One that stays the same through every death of the daemon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
