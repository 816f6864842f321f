"""The disk under the whole home is full: agents are held, not harmed; nothing new is taken; and all goes on once there is room."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType

EXIT_UNREACHABLE = 6
LINES = 3_000
"""Of the talking agent."""


@pytest.fixture
def home_folder(root: Path) -> Iterator[Path]:
    """On a file system of a few megabytes; the books are elsewhere."""
    disk = root / "d"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("MISSING CAPABILITY: mounting a small tmpfs needs root; the full disk was not tried")
    yield disk / "h"
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def chainwright(faults: Any, *words: str) -> "subprocess.CompletedProcess[str]":
    """The command line, as a person uses it."""
    command = [sys.executable, "-m", "chainwright", "--home", str(faults.daemon.home.root), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


async def until_held(faults: Any, attempt: str) -> None:
    """Watch a terminal until it says that its log cannot be written: from then on the agent gets no further."""
    async with (
        asyncio.timeout(30),
        faults.daemon.client() as client,
        client.ws_connect(f"/api/v1/sessions/{attempt}/terminal") as socket,
    ):
        async for message in socket:
            if message.type is WSMsgType.TEXT and json.loads(message.data).get("disk_full"):
                return
    raise AssertionError(f"{attempt} was not held")


async def test_a_full_disk_holds_everything_up_and_loses_nothing(faults: Any) -> None:
    """45: the agent waits within a line, new triggers get 503, the command line says why, and no restart is needed."""
    await faults.daemon.up()
    run = await faults.load.start("only", chain="chatty")
    book, silent = (faults.books / f"{run}-{agent}-1-1" for agent in ("talk", "silent"))
    await faults.until(lambda: book.exists() and silent.exists())
    ballast = faults.fill(faults.daemon.home.root)
    (faults.root / "go").touch()
    await until_held(faults, book.name)
    await faults.until(lambda: '"exits"' in silent.read_text())
    lines = written(book)
    (faults.repository / "workflows" / "later.yaml").write_text("agents: {one: {run: 'true'}}\n")
    commit = faults.commit("A chain that comes while the disk is full")
    await faults.daemon.ask("POST", "/deployments/reconcile")
    status, problem = await faults.daemon.ask("POST", "/runs", {"chain": "patient", "inputs": faults.load.inputs})
    told = await asyncio.to_thread(chainwright, faults, "run", "patient", *faults.load.flags())
    ballast.unlink()
    detail = await faults.daemon.until(run)

    assert (status, problem["code"]) == (503, "unavailable")
    assert (told.returncode, "is full" in told.stderr) == (EXIT_UNREACHABLE, True), told.stderr
    assert 0 < lines < LINES
    assert detail["outcome"] == "succeeded"
    assert detail["agents"]["silent"]["turns"][0]["attempts"][0]["exit_code"] == 3
    await deployed(faults, commit)
    _, later = await faults.daemon.insist("POST", "/runs", {"chain": "later"}, Idempotency_Key="later")
    faults.load.acknowledged["later"] = later["id"]
    assert (await faults.daemon.until(later["id"]))["outcome"] == "succeeded"


def written(book: Path) -> int:
    """How many lines the agent has begun to write."""
    return book.read_text().count('"wrote"')


async def deployed(faults: Any, commit: str) -> None:
    """Wait until a commit is in force."""
    async with asyncio.timeout(30):
        while (await faults.daemon.insist("GET", "/deployments"))[1]["items"][0]["commit"] != commit:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
