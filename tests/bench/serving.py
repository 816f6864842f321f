"""How quickly people see things: a page of a long list, a change on a live stream, a key in a terminal, the dashboard itself.

    python tests/bench/serving.py               all of it in two or three minutes; `make bench` prints it too
    python tests/bench/serving.py --runs 10000  with a shorter history
    python tests/bench/serving.py --only lists  one part: lists, streams, keys, viewers, dashboard

Floors are of the same moment: of a page the same page by bare SQL from the same file, of a change a bare server that writes as many bytes to
as many readers, of a key the echo of a bare PTY.
"""

import argparse
import asyncio
import json
import os
import pty
import sqlite3
import subprocess
import sys
import tempfile
import time
import tty
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import aiohttp
import first_render
import viewers
from figures import ms, since, tell

from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.store.sqlite import SqliteStore

PAGES: Final = 100
CHANGES: Final = 100
KEYS: Final = 100
STREAMS: Final = 200
READY_S: Final = 60.0
CHAINS: Final = {"one.yaml": "agents:\n  a: {if: 'false', run: 'true'}\n", **viewers.CHAINS}
CHANGE_BYTES: Final = 1_500
"""Of the changes of a commit, about."""
LISTS: Final = {
    "newest": {},
    "of a chain": {"chain": "chain-7"},
    "failed": {"outcome": "failed"},
    "failed, by schedule": {"outcome": "failed", "trigger": "schedule"},
    "of an environment (none)": {"environment": "staging"},
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


async def lists(client: aiohttp.ClientSession, home: Path) -> None:
    """A page of fifty, over HTTP and by bare SQL."""
    bare = sqlite3.connect(f"file:{home / 'chainwright.db'}?mode=ro", uri=True)
    page = "SELECT * FROM run WHERE organization = 'default' ORDER BY id DESC LIMIT 50"
    floor = [ms(lambda: bare.execute(page).fetchall()) for _ in range(PAGES)]
    tell("a page by bare SQL", floor)
    for name, query in LISTS.items():
        taken = []
        for _ in range(PAGES):
            began = time.perf_counter()
            async with client.get("/api/v1/runs", params=query) as answer:
                await answer.read()
                assert answer.status == 200
            taken.append(since(began))
        tell(f"runs: {name}", taken, floor)


async def streams(client: aiohttp.ClientSession, home: Path) -> None:
    """From the time in the journal to a reader, which is the middle one of all."""
    for count in (1, STREAMS):
        floor = await _bare_changes(home.parent / f"bare-{count}.sock", count)
        tell(f"bytes by a bare server, {count} readers", floor)
        tell(f"a change, from its fact, {count} streams", await _changes(client, count), floor)


async def _changes(client: aiohttp.ClientSession, count: int) -> list[float]:
    answers = [await client.get("/api/v1/stream?topics=runs") for _ in range(count)]
    for answer in answers:
        await answer.content.readuntil(b"event: open")
    watched = answers[len(answers) // 2]
    rest = [asyncio.create_task(_drained(one.content), name="another") for one in answers if one is not watched]
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
    return taken


async def _bare_changes(path: Path, count: int) -> list[float]:
    words = (sys.executable, str(Path(__file__).with_name("bare_fanout.py")), str(path), str(CHANGE_BYTES))
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        await asyncio.wait_for(process.stdout.readline(), READY_S)
        every = [await asyncio.open_unix_connection(path) for _ in range(count)]
        for reader, _ in every:
            await reader.readexactly(CHANGE_BYTES)
        watched = every[len(every) // 2][0]
        rest = [asyncio.create_task(_drained(one), name="another") for one, _ in every if one is not watched]
        taken = []
        for _ in range(CHANGES):
            began = time.perf_counter()
            every[0][1].write(b"x")
            await watched.readexactly(CHANGE_BYTES)
            taken.append(since(began))
        for task in rest:
            task.cancel()
        for _, writer in every:
            writer.close()
        return taken
    finally:
        process.kill()
        await process.wait()


async def _drained(source: aiohttp.StreamReader | asyncio.StreamReader) -> None:
    while await source.read(1 << 16):
        pass


async def keys(client: aiohttp.ClientSession, _: Path) -> None:
    """A key typed into a terminal, until its echo is there."""
    floor = await asyncio.to_thread(_bare_keys)
    tell("a key by a bare PTY", floor)
    async with viewers.Typist(client) as typist:
        tell("a key, stored first, to its echo", await typist.typed(KEYS), floor)


def _bare_keys() -> list[float]:
    master, slave = pty.openpty()
    tty.setraw(slave)
    process = subprocess.Popen(["cat"], stdin=slave, stdout=slave)
    try:
        return [ms(lambda: (os.write(master, b"x"), os.read(master, 1))) for _ in range(KEYS)]
    finally:
        process.kill()
        process.wait()
        os.close(master)
        os.close(slave)


async def flood(client: aiohttp.ClientSession, _: Path) -> None:
    """See ``viewers``."""
    await viewers.viewers(client)


async def dashboard(client: aiohttp.ClientSession, home: Path) -> None:
    """See ``first_render``."""
    async with client.get("/api/v1/status") as answer:
        address = (await answer.json())["listen"]
    if first_render.built():
        await first_render.first_render(address, (home / "token").read_text())


PARTS: Final = {"lists": lists, "streams": streams, "keys": keys, "viewers": flood, "dashboard": dashboard}


async def measured(folder: Path, runs: int, wanted: Sequence[str]) -> None:
    """These parts, on one daemon."""
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
            print(f"serving, with {runs:,} runs on record; load {os.getloadavg()[0]:.1f}")
            for part in wanted:
                await PARTS[part](client, home)
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
    options.add_argument("--only", choices=PARTS)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="cw-") as folder:
        asyncio.run(measured(Path(folder), asked.runs, [asked.only] if asked.only else list(PARTS)))


if __name__ == "__main__":
    main()
