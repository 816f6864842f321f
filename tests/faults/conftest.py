"""What fault tests stand on: a real daemon to kill, agents that keep books, and the invariants that must hold at the end.

``faults`` is the fixture: it gives the daemon, the clients and the folder of the books, checks :mod:`invariants` when the test has
ended, and kills whatever the test has left.
"""

import asyncio
import importlib.util
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
BLOCK = 4_096
GONE_WITHIN_S = 10.0


def tool(name: str) -> ModuleType:
    """A module beside this one: with importlib as import mode, tests cannot import each other's."""
    full = f"chainwright_faults_{name}"
    if full not in sys.modules:
        spec = importlib.util.spec_from_file_location(full, HERE / f"{name}.py")
        assert spec is not None and spec.loader is not None
        sys.modules[full] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[full])
    return sys.modules[full]


daemons, invariants, links, load = tool("daemons"), tool("invariants"), tool("links"), tool("load")
held_answers = tool("held_answers")


class Faults:
    """One home, its daemon, and what is known of what happened on it."""

    def __init__(self, root: Path, home: Path, nursery: Any, seed: int) -> None:
        self.root = root
        self.books = root / "books"
        self.books.mkdir()
        self.chance = random.Random(seed)
        self.repository = commit_chains(root / "chains")
        self.daemon = daemons.Daemon(home, self.repository, nursery)
        self.load = load.Load(self.daemon, daemons.AWAY, self.books, self.chance)
        self.until = daemons.until
        self.hosts: list[Path] = []
        """The roots of other machines, on which its agents run too."""
        self.fill = fill

    def broken(self) -> list[str]:
        """The invariants that do not hold; the daemon must be down."""
        return list(
            invariants.broken(
                self.daemon.home,
                self.books,
                acknowledged=self.load.acknowledged,
                typed=self.load.typed,
                hosts=self.hosts,
            )
        )

    def commit(self, message: str) -> str:
        """Commit what is in the repository; the commit."""
        return commit(self.repository, message)

    def commit_now(self) -> str:
        """The commit that the repository is at."""
        return git(self.repository, "rev-parse", "HEAD").strip()

    def commit_of(self, files: dict[str, str]) -> str:
        """Commit these files beside the others; the commit."""
        for name, text in files.items():
            (self.repository / name).write_text(text)
        return commit(self.repository, "More files")

    def git(self, *words: str) -> str:
        """What git says of the repository."""
        return git(self.repository, *words)


def fill(disk: Path) -> Path:
    """Take all the room there is; the file that has it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(BLOCK))
    return ballast


def commit_chains(folder: Path) -> Path:
    """A repository with the chains of these tests."""
    shutil.copytree(HERE / "chains", folder)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, "Chains of the fault tests")
    return folder


def commit(folder: Path, message: str) -> str:
    """Commit everything; the commit."""
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=Test", "-c", "user.email=test@example.org", "commit", "--quiet", "-m", message)
    return git(folder, "rev-parse", "HEAD").strip()


def git(folder: Path, *words: str) -> str:
    """What git says."""
    return subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, text=True, timeout=30
    ).stdout


@pytest.fixture(scope="session")
def nursery() -> Iterator[Any]:
    """The warm process that daemons are forked from."""
    warm = daemons.Nursery(HERE.with_name("forks.py"))
    yield warm
    warm.close()


@pytest.fixture
def seed() -> int:
    """See :func:`chosen_seed`."""
    return chosen_seed()


def chosen_seed() -> int:
    """Of everything that is left to chance; printed, and set by ``CHAINWRIGHT_FAULTS_SEED`` to see the same again."""
    told = int(os.environ.get("CHAINWRIGHT_FAULTS_SEED", random.SystemRandom().randrange(10**9)))
    print(f"CHAINWRIGHT_FAULTS_SEED={told}")  # noqa: T201 - pytest shows it with a failure
    return told


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder with a short path; what still works in it at the end is killed."""
    folder = Path(tempfile.mkdtemp(prefix="cwf-"))
    yield folder
    kill_all(folder)
    shutil.rmtree(folder)


def kill_all(folder: Path) -> None:
    """Nothing that was started in a folder survives its test."""
    while left := list(invariants.processes_of(str(folder))):
        for pid, _ in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def home_folder(root: Path) -> Path:
    """Where the daemon keeps its state; a test that needs a special disk gives its own."""
    return root / "h"


@pytest.fixture(scope="module")
def linked(nursery: Any) -> Iterator[Any]:
    """A :class:`Faults` with two machines, ``left`` and ``right``, behind cables, and its daemon up, for a whole module.

    A test ends with all of its runs finished, and asks :meth:`Linked.broken_so_far`; the rest is asked at the end of the module.
    """
    folder = Path(tempfile.mkdtemp(prefix="cwf-"))
    cables = None
    try:
        cables = links.links_or_skip(folder)
        made = Linked(folder, nursery, cables)
        yield made
        made.close()
    finally:
        if cables is not None:
            cables.close()
        kill_all(folder)
        shutil.rmtree(folder)


class Linked(Faults):
    """The same with machines behind cables."""

    def __init__(self, root: Path, nursery: Any, made: Any) -> None:
        super().__init__(root, root / "h", nursery, chosen_seed())
        self.links = made
        self.answers_held = held_answers.HeldAnswers
        asyncio.run(self._begin())

    async def _begin(self) -> None:
        await self.daemon.up()
        self.left = await self.introduced(self.links.make("left"))
        self.right = await self.introduced(self.links.make("right"))

    async def introduced(self, machine: Any) -> Any:
        """The machine, which the daemon knows from now on."""
        self.hosts.append(machine.root)
        await self.describe(machine)
        return machine

    async def describe(self, machine: Any, **settings: Any) -> None:
        """Tell the daemon how the machine is reached, in place of what it knew."""
        wish = links.host_of(machine, **settings) | {"replace": True}
        status, answer = await self.daemon.insist("POST", "/hosts", wish)
        assert status in (200, 201), answer

    def close(self) -> None:
        """Stop the daemon; every invariant must hold."""
        asyncio.run(self.daemon.down())
        due = time.monotonic() + GONE_WITHIN_S  # what serves a connection there ends when it sees that this has gone
        while (wrong := self.broken()) and time.monotonic() < due:
            time.sleep(0.1)
        assert not wrong, "\n".join([*wrong, self.daemon.said()])

    def broken_so_far(self) -> list[str]:
        """Of the invariants, those that hold also while the daemon is up, when all runs have finished."""
        return [wrong for wrong in self.broken() if not wrong.startswith("I9")]


@pytest.fixture
async def faults(root: Path, home_folder: Path, nursery: Any, seed: int) -> AsyncIterator[Any]:
    """A :class:`Faults`; at the end of the test its daemon is stopped and every invariant must hold."""
    made = Faults(root, home_folder, nursery, seed)
    yield made
    await made.daemon.down()
    wrong = made.broken()
    assert not wrong, "\n".join([*wrong, made.daemon.said()])
