"""A real daemon on a real git repository, its command line, and a real terminal in front of it.

A module writes its chains into ``FILES`` (path → text) and shares one ``daemon``; a test that stops, kills or breaks it takes
``own_daemon``. Whatever a test leaves behind, every daemon is closed the same way: its runs are cancelled, it is told to go, and then
nothing of its home may be left among the processes and sockets of this machine (I9).
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.failures import Refused
from chainwright.daemon.cli.main import main
from chainwright.daemon.cli.watching import Watch
from chainwright.daemon.config import Home
from chainwright.daemon.testing.nursery import Nursery, Process

LIMIT_S = 20.0
SOURCE = Path(__file__).resolve().parents[2] / "src"
HELLO = {"workflows/hello.yaml": "agents:\n  greet:\n    run: echo hello\n"}
"""For modules that need a chain and do not mind which."""
SETTINGS = {"CHAINWRIGHT_SESSIONS__GRACE_S": "0.5", "CHAINWRIGHT_LISTEN__PORT": "0"}
"""Of every daemon: many live side by side, so none may take a port that has a number."""

Files = dict[str, str | None]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of every process that we start: nothing of the person's who runs the tests, and a canary that no agent may see."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    ours = {"HOME": str(home), "PYTHONPATH": str(SOURCE), "CHAINWRIGHT_HOME": str(home), "TERM": "xterm-256color"}
    return {**kept, **ours, "DAEMONS_OWN": "canary", **SETTINGS, **more}


def by_and_by(claim: Callable[[], Any], limit_s: float = LIMIT_S) -> Any:
    """What the claim gives once that is true; fails when it never is."""
    due = time.monotonic() + limit_s
    while not (found := claim()):
        assert time.monotonic() < due, "it never became true"
        time.sleep(0.01)
    return found


@cache
def nursery() -> Nursery:
    """The one of this process, warm with the first daemon that it needs."""
    return Nursery(Path(__file__).parents[1] / "forks.py")


class Repository:
    """A chain repository that a test commits to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        """What git says."""
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.path, check=True, capture_output=True, text=True, timeout=LIMIT_S
        )
        return done.stdout.strip()

    def commit(self, files: Files) -> str:
        """The commit that holds these files beside those before; None takes one away."""
        for name, text in files.items():
            path = self.path / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD")


class Daemon:
    """A daemon in the foreground of a process of its own."""

    def __init__(self, root: Path, *options: str) -> None:
        self.home = Home(root / "h")
        self.repository = Repository(root / "chains")
        self.client = Client(self.home.socket)
        self.options: tuple[str, ...] = options or ("--repo", str(self.repository.path))
        self.process: Process | None = None
        self.port = 0
        """Of its pages; 0 is one that is free, and another after each start."""

    # life

    def start(self, *options: str) -> None:
        """Up, and ready for commands."""
        self.home.root.mkdir(exist_ok=True)
        if self.process is not None:
            self.process.wait(LIMIT_S)
        environ = environment(self.home.root, CHAINWRIGHT_LISTEN__PORT=str(self.port))
        words = ("up", *(options or self.options))
        self.process = Process(nursery(), words=words, env=environ, log=self.home.log, cwd=Path.cwd())
        by_and_by(lambda: self.client.is_ready() or self.process.poll() is not None, 3 * LIMIT_S)
        assert self.process.poll() is None, self.home.log.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """The exit code of a daemon that was sent this signal."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(LIMIT_S)

    @property
    def runs_in_process(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def close(self) -> None:
        """End everything of this home, and prove it."""
        if self.process is not None:
            if not self.client.is_ready():
                self.start()
            self._hold_schedules()
            self._end_runs()
            by_and_by(self._is_settled)
            self._go()
        due = time.monotonic() + LIMIT_S
        while (traces := self.traces()) and time.monotonic() < due:
            time.sleep(0.02)
        assert traces == []

    def _hold_schedules(self) -> None:
        """One that fires each second would start runs as fast as they are ended."""
        for chain in {schedule["chain"] for schedule in self.client.items("/schedules")}:
            self.client.post("/schedules/pause", {"chain": chain})

    def _end_runs(self) -> None:
        for _ in ("the agents", "those that clean up after them"):
            for run in self.client.get("/runs", limit=500)["items"]:
                if run["state"] != "finished":
                    with suppress(Refused):
                        self.client.post(f"/runs/{run['id']}/cancel")

    def _is_settled(self) -> bool:
        """Whether every run has ended, and every session host was told that this is recorded."""
        if any(run["state"] != "finished" for run in self.client.get("/runs", limit=500)["items"]):
            return False
        begun = [one for one in self.client.items("/sessions", all="true") if one["status"] != "never-ran"]
        return all(one["acknowledged"] for one in begun)

    def _go(self) -> None:
        if self.runs_in_process:
            assert self.stop() == 0, self.home.log.read_text()
        else:
            self.client.post("/shutdown")
            self.process.wait(LIMIT_S)

    def traces(self) -> list[str]:
        """Processes and sockets that have to do with this home."""
        root = str(self.home.root).encode()
        processes = [str(folder) for folder in Path("/proc").glob("[0-9]*") if _touches(folder, root)]
        return processes + [str(path) for path in self.home.root.rglob("*.sock")]

    # runs

    def run(self, chain: str, **inputs: Any) -> str:
        """The id of a new run."""
        started: dict[str, Any] = self.client.post("/runs", {"chain": chain, "inputs": inputs})
        return str(started["id"])

    def show(self, run: str) -> dict[str, Any]:
        """Its RunDetail as of now."""
        detail: dict[str, Any] = self.client.get(f"/runs/{run}")
        return detail

    def end(self, run: str, limit_s: float = LIMIT_S) -> dict[str, Any]:
        """Its RunDetail at its end."""
        with Watch(self.client, run) as watch:
            return list(watch.pictures(limit_s))[-1]

    def ended(self, chain: str, **inputs: Any) -> dict[str, Any]:
        """A whole run: start and end."""
        return self.end(self.run(chain, **inputs))

    def begun(self, run: str, agent: str, text: str = "") -> None:
        """Return once this agent runs and its terminal holds ``text``."""
        by_and_by(lambda: self._state(run, agent) == "running")
        by_and_by(lambda: text in self.log(run, agent))

    def _state(self, run: str, agent: str) -> str:
        attempts = [one for turn in self.show(run)["agents"][agent]["turns"] for one in turn["attempts"]]
        return attempts[-1]["state"] if attempts else "queued"

    def log(self, run: str, agent: str, **asked: Any) -> str:
        """What the agent wrote, as text."""
        with self.client.log(run, agent=agent, **asked) as stream:
            return b"".join(stream).decode()

    def events(self, run: str) -> list[dict[str, Any]]:
        """Its EventViews."""
        return self.client.items(f"/runs/{run}/events")

    def attempt(self, detail: dict[str, Any], agent: str) -> dict[str, Any]:
        """The last one of an agent."""
        last: dict[str, Any] = detail["agents"][agent]["turns"][-1]["attempts"][-1]
        return last


def _touches(process: Path, root: bytes) -> bool:
    """Whether a process was started for this home, works in it or holds one of its files; one that is gone does not."""
    with suppress(OSError):
        if int(process.name) == os.getpid():
            return False
        if root in (process / "cmdline").read_bytes() or root in (process / "environ").read_bytes():
            return True
        links = [process / "cwd", *(process / "fd").iterdir()]
        return any(os.fsencode(link.readlink()).startswith(root) for link in links)
    return False


@pytest.fixture(scope="session", name="by_and_by")
def _by_and_by() -> Callable[..., Any]:
    return by_and_by


@pytest.fixture(scope="session")
def daemon_at() -> type[Daemon]:
    """Makes a daemon for a folder, with the options of ``up``; nothing is started yet."""
    return Daemon


@pytest.fixture(scope="session", name="environment")
def _environment() -> Callable[..., dict[str, str]]:
    return environment


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder with a short name: socket paths end at 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="cw-sys-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def own_daemon(root: Path, request: pytest.FixtureRequest) -> Iterator[Daemon]:
    """A daemon for one test, up on the module's files."""
    yield from _living(root, getattr(request.module, "FILES", HELLO))


@pytest.fixture(scope="module")
def daemon(request: pytest.FixtureRequest) -> Iterator[Daemon]:
    """The daemon of this module, up on its files."""
    folder = Path(tempfile.mkdtemp(prefix="cw-sys-"))
    yield from _living(folder, getattr(request.module, "FILES", HELLO))
    shutil.rmtree(folder)


def _living(folder: Path, files: Files) -> Iterator[Daemon]:
    found = Daemon(folder)
    found.repository.commit(files)
    found.start()
    yield found
    found.close()


@pytest.fixture(scope="session", autouse=True)
def _nursery() -> Iterator[None]:
    yield
    if nursery.cache_info().currsize:
        nursery().close()


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """What it printed, as text."""
        return self.raw.decode(errors="replace")

    @property
    def rows(self) -> list[list[str]]:
        """The fields of a list."""
        return [line.split("\t") for line in self.out.splitlines()]


@pytest.fixture
def command(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    """``chainwright …`` in this process, for the daemon of a home."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.delenv("CHAINWRIGHT_EVENTS", raising=False)

    def carry_out(home: Home, *argv: str) -> Done:
        monkeypatch.setenv("CHAINWRIGHT_HOME", str(home.root))
        capfdbinary.readouterr()
        code = main(argv)
        told = capfdbinary.readouterr()
        return Done(code, told.out, told.err.decode())

    return carry_out


@pytest.fixture
def chainwright(daemon: Daemon, command: Callable[..., Done]) -> Callable[..., Done]:
    """``chainwright …`` in this process, for this module's daemon."""
    return partial(command, daemon.home)


@pytest.fixture
def at_terminal(daemon: Daemon, terminals: Callable[..., Any]) -> Callable[..., Any]:
    """``chainwright …`` at a terminal, for this module's daemon."""
    return lambda *argv: terminals(argv, environment(daemon.home.root))


@pytest.fixture
def type_into(at_terminal: Callable[..., Any]) -> Callable[..., None]:
    """Takes an agent's terminal over, types, and leaves; the options are those of ``attach``."""

    def carry_out(run: str, agent: str, data: bytes, *options: str) -> None:
        screen = at_terminal("attach", run, agent, "--take-over", *options)
        by_and_by(screen.is_raw)
        screen.type(data + b"\x1d")
        assert screen.end() == 0, screen.seen

    return carry_out
