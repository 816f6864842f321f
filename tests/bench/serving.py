"""How quickly people see things: a page of a long list, a change on a live stream, a key in a terminal.

    python tests/bench/serving.py               all of it; `make bench` prints it too
    python tests/bench/serving.py --runs 10000  with a shorter history

The floor of a page is the same page by bare SQL from the same file, that of a key the echo of a bare PTY; both of the same moment.
"""

import argparse
import asyncio
import json
import os
import pty
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final

import aiohttp

from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.store.sqlite import SqliteStore

PAGES: Final = 100
CHANGES: Final = 100
KEYS: Final = 100
STREAMS: Final = 200
READY_S: Final = 60.0
CHAINS: Final = {
    "one.yaml": "agents:\n  a: {if: 'false', run: 'true'}\n",
    "echo.yaml": "agents:\n  a: {run: 'stty raw -echo; cat'}\n",
}
LISTS: Final = {
    "newest": {},
    "of a chain": {"chain": "chain-7"},
    "failed": {"outcome": "failed"},
    "failed, of a chain, by schedule": {"chain": "chain-7", "outcome": "failed", "trigger": "schedule"},
    "running (none)": {"state": "running"},
    "by a rare text": {"text": "chain-49"},
    "lost (none), by webhook": {"outcome": "lost", "trigger": "webhook"},
}
_ROW: Final = """
INSERT INTO run (id, owner, epoch, seq, organization, repository, environment, chain, number, "commit", definition, "trigger",
    inputs, state, outcome, created_at, started_at, ended_at, trigger_kind)
VALUES (?, 'local', 1, 1, 'default', 'chains', 'main', ?, ?, 'c0ffee', 'digest', ?, '{}', 'finished', ?, ?, ?, ?, ?)
"""


def filled(home: Path, runs: int) -> None:
    """A store with a history of ended runs."""

    async def made() -> None:
        store = SqliteStore(home / "chainwright.db")
        await store.open()
        await store.close()

    home.mkdir(mode=0o700)
    asyncio.run(made())
    now = time.time() - runs
    ids = iter(RunIds(lambda: now, lambda _: 0).new, "")
    rows = []
    for number, run_id in zip(range(runs), ids, strict=False):
        kind = ("manual", "schedule", "webhook")[number % 3]
        trigger = json.dumps({"kind": kind, "actor": "bench", "key": ""})
        at, outcome = now + number, "failed" if number % 50 == 0 else "succeeded"
        rows.append((run_id, f"chain-{number % 50}", number, trigger, outcome, at, at, at + 1, kind))
    with sqlite3.connect(home / "chainwright.db") as connection:
        connection.executemany(_ROW, rows)
        connection.executemany(
            "INSERT INTO chain_number VALUES ('default', 'chains', ?, ?)", [(f"chain-{one}", runs) for one in range(50)]
        )


def repository(folder: Path) -> Path:
    """With the chains that are used."""
    (folder / "workflows").mkdir(parents=True)
    for name, text in CHAINS.items():
        (folder / "workflows" / name).write_text(text)
    who = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), (*who, "commit", "-qm", "bench")):
        subprocess.run(["git", "-C", str(folder), *words], check=True, timeout=READY_S)
    return folder


async def pages(client: aiohttp.ClientSession, home: Path) -> None:
    """A page of fifty, over HTTP and by bare SQL."""
    bare = sqlite3.connect(f"file:{home / 'chainwright.db'}?mode=ro", uri=True)
    floor = [
        _ms(
            lambda: bare.execute(
                "SELECT * FROM run WHERE organization = 'default' ORDER BY id DESC LIMIT 50"
            ).fetchall()
        )
        for _ in range(PAGES)
    ]
    print(f"  {'a page by bare SQL':42} median {statistics.median(floor):7.2f} ms, p95 {_p95(floor):7.2f} ms")
    for name, query in LISTS.items():
        taken = []
        for _ in range(PAGES):
            began = time.perf_counter()
            async with client.get("/api/v1/runs", params=query) as answer:
                await answer.read()
                assert answer.status == 200
            taken.append((time.perf_counter() - began) * 1000)
        ratio = statistics.median(taken) / statistics.median(floor)
        told = f"median {statistics.median(taken):7.2f} ms, p95 {_p95(taken):7.2f} ms  ({ratio:.1f} x the floor)"
        print(f"  {'runs: ' + name:42} {told}")


async def changes(client: aiohttp.ClientSession, streams: int) -> None:
    """From the answer to a request that is durable (or before it) to its first change on a stream."""
    answers = [await client.get("/api/v1/stream?topics=runs") for _ in range(streams)]
    for answer in answers:
        await answer.content.readuntil(b"event: open")
    watched = answers[len(answers) // 2]
    rest = [asyncio.create_task(_drained(one), name="another reader") for one in answers if one is not watched]
    taken = []
    for _ in range(CHANGES):
        began = time.time()
        async with client.post("/api/v1/runs", json={"chain": "one"}) as started:
            run = (await started.json())["id"]
        while True:
            line = await watched.content.readline()
            if line.startswith(b"data: {") and (told := json.loads(line[6:])).get("run_id") == run:
                taken.append((time.time() - max(began, told["at"])) * 1000)
                if told["kind"] == "RunFinished":
                    break
    for task in rest:
        task.cancel()
    for answer in answers:
        answer.close()
    name = f"a change, from its fact, {streams} streams"
    print(f"  {name:42} median {statistics.median(taken):7.2f} ms, p95 {_p95(taken):7.2f} ms")


async def _drained(answer: aiohttp.ClientResponse) -> None:
    async for _ in answer.content.iter_any():
        pass


async def keys(client: aiohttp.ClientSession) -> None:
    """A key typed into a terminal, until its echo is there."""
    async with client.post("/api/v1/runs", json={"chain": "echo"}) as started:
        run = (await started.json())["id"]
    session = f"{run}-a-1-1"
    while True:
        async with client.get("/api/v1/sessions") as answer:
            if any(one["id"] == session for one in (await answer.json())["items"]):
                break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    taken = []
    async with client.ws_connect(f"/api/v1/sessions/{session}/terminal?take_over=true&live=true") as socket:
        for _ in range(KEYS):
            began = time.perf_counter()
            await socket.send_bytes(b"x")
            while (await socket.receive()).type is not aiohttp.WSMsgType.BINARY:
                pass
            taken.append((time.perf_counter() - began) * 1000)
    floor = await asyncio.to_thread(_bare_keys)
    print(f"  {'a key by a bare PTY':42} median {statistics.median(floor):7.2f} ms, p95 {_p95(floor):7.2f} ms")
    print(
        f"  {'a key, stored first, to its echo':42} median {statistics.median(taken):7.2f} ms, p95 {_p95(taken):7.2f} ms"
    )
    await client.post(f"/api/v1/runs/{run}/cancel")


def _bare_keys() -> list[float]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    process = subprocess.Popen(["cat"], stdin=slave, stdout=slave)
    try:
        return [_ms(lambda: (os.write(master, b"x"), os.read(master, 1))) for _ in range(KEYS)]
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


def _ms(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


async def measured(folder: Path, runs: int) -> None:
    """All of it, on one daemon."""
    home = folder / "home"
    await asyncio.to_thread(filled, home, runs)
    process = subprocess.Popen(
        [sys.executable, "-m", "chainwright", "--home", str(home), "up", "--repo", str(repository(folder / "chains"))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "CHAINWRIGHT_LISTEN__PORT": "0"},
    )
    try:
        connector = aiohttp.UnixConnector(str(home / "daemon.sock"), limit=STREAMS + 10)
        timeout = aiohttp.ClientTimeout(total=None, sock_read=READY_S)
        async with aiohttp.ClientSession("http://daemon", connector=connector, timeout=timeout) as client:
            await _ready(client)
            print(f"serving, with {runs:,} runs on record")
            await pages(client, home)
            for streams in (1, STREAMS):
                await changes(client, streams)
            await keys(client)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, READY_S)


async def _ready(client: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(READY_S):
        while True:
            try:
                async with client.get("/api/v1/chains") as answer:
                    if answer.status == 200 and len((await answer.json())["items"]) == len(CHAINS):
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


def main() -> None:
    """From the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=100_000)
    runs = options.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="cw-") as folder:
        asyncio.run(measured(Path(folder), runs))


if __name__ == "__main__":
    main()
