"""What a push costs in a large repository: 10,000 commits, 1,000 chain files, one of which changes.

Measured beside its floor in the same round: git's own push of the same commit into a bare repository that has no hooks, and git's own
listing of the tree.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import processor_time

from chainwright.daemon.cli.client import Client
from chainwright.daemon.config import Home

COMMITS: Final = 10_000
CHAINS: Final = 1_000
LIMIT_S: Final = 300.0

Numbers = dict[str, float]


def measured(rounds: int) -> dict[str, Any]:
    """Seconds of a push until it is in force, and of the daemon's processor for it; of git's push alone, and of listing what is in force."""
    with tempfile.TemporaryDirectory(prefix="cwb") as folder:
        return _measured(Path(folder), rounds)


def _measured(root: Path, rounds: int) -> dict[str, Any]:
    work = root / "work"
    _make(work)
    _git(root, "init", "--quiet", "--bare", "floor.git")
    home = Home(root / "h")
    daemon = _start(home)
    try:
        client = Client(home.socket)
        hosted = client.items("/repositories")[0]["path"]
        repositories = _Repositories(work=work, hosted=hosted, floor=str(root / "floor.git"))
        for address in (hosted, repositories.floor):
            _push(work, address)
        _in_force(client, _git(work, "rev-parse", "HEAD"))
        seen = [_round(number, repositories, client, daemon.pid) for number in range(rounds)]
    finally:
        daemon.terminate()
        daemon.wait(30)
    return {key: _summary([one[key] for one in seen]) for key in seen[0]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repositories:
    work: Path
    hosted: str
    floor: str


def _round(number: int, repositories: _Repositories, client: Client, daemon: int) -> Numbers:
    work = repositories.work
    (work / "workflows/c0500.yaml").write_text(_chain(f"round {number}"))
    _git(work, "commit", "--quiet", "--all", "--message", f"Round {number}")
    commit = _git(work, "rev-parse", "HEAD")
    alone = _timed(lambda: _push(work, repositories.floor))
    used = processor_time.of_process(daemon)
    pushed = _timed(lambda: (_push(work, repositories.hosted), _in_force(client, commit)))
    used = processor_time.of_process(daemon) - used
    listed = _timed(lambda: (client.items("/chains"), client.items("/deployments")))
    return {"floor_s": alone, "push_s": pushed, "push_cpu_s": used, "list_s": listed}


def _push(work: Path, address: str) -> None:
    _git(work, "push", "--quiet", address, "HEAD:refs/heads/main")


def _in_force(client: Client, commit: str) -> None:
    due = time.monotonic() + LIMIT_S
    while client.items("/deployments")[0]["commit"] != commit:
        if time.monotonic() > due:
            raise TimeoutError(f"{commit} was not in force within {LIMIT_S:g} s")
        time.sleep(0.005)


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _summary(values: list[float]) -> Numbers:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def _start(home: Home) -> "subprocess.Popen[bytes]":
    home.root.mkdir()
    with home.log.open("ab") as log:
        words = [sys.executable, "-m", "chainwright", "--home", str(home.root), "up", "--hosted"]
        daemon = subprocess.Popen(words, stdout=log, stderr=log)
    client, due = Client(home.socket), time.monotonic() + LIMIT_S
    while not client.is_ready():
        if daemon.poll() is not None or time.monotonic() > due:
            raise RuntimeError(home.log.read_text())
        time.sleep(0.02)
    return daemon


def _make(work: Path) -> None:
    """By fast-import, in a second."""
    work.mkdir()
    _git(work, "init", "--quiet", "--initial-branch=main")
    stream = [f"blob\nmark :1\n{_data(_chain('the same'))}"]
    for number in range(COMMITS):
        stream.append(
            f"commit refs/heads/main\ncommitter Ada <ada@example.org> {number + 1_000_000_000} +0000\n"
            + _data(f"Commit {number}")
            + (f"M 100644 inline workflows/c{number:04}.yaml\n{_data(_chain(str(number)))}" if number < CHAINS else "")
            + (f"M 100644 inline notes/n{number % 100}\n{_data(str(number))}" if number >= CHAINS else "")
        )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=work, input="".join(stream).encode(), check=True)
    _git(work, "reset", "--quiet", "--hard", "main")
    _git(work, "config", "user.name", "Ada")
    _git(work, "config", "user.email", "ada@example.org")


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _chain(said: str) -> str:
    agents = "".join(
        f"  a{number}:\n    {f'needs: a{number - 1}' if number else 'timeout: 5m'}\n    run: echo {said} {number}\n"
        for number in range(3)
    )
    return f"agents:\n{agents}"


def _git(where: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=where, check=True, capture_output=True, text=True, timeout=LIMIT_S)
    return done.stdout.strip()
