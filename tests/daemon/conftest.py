"""A daemon without an engine: the real API on a real unix socket, over use cases that a test scripts."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.daemon.scripted_use_cases import Scripted, ScriptedLink
from tests.daemon.views import agent, attempt, detail, event

from chainwright.daemon.config import Home
from chainwright.daemon.web.admission import peer_of
from chainwright.daemon.web.app import make_app
from chainwright.daemon.web.server import serve_unix
from chainwright.schemas.hosts import HostSettings

LIMIT_S = 10.0


@pytest.fixture(name="schedule")
def _schedule() -> dict[str, Any]:
    """A ScheduleDetail."""
    return {
        "id": "5eed" * 8,
        "chain": "brief",
        "cron": "0 7 * * 1",
        "words": "At 07:00 on Monday",
        "timezone": "Europe/Riga",
        "inputs": {"topic": "tea"},
        "missed": "once",
        "overlap": "skip",
        "jitter_s": 0.0,
        "next": [1_795_410_000.0],
        "notes": [],
        "running": None,
        "last": {"due": 1_794_805_200.0, "run_id": None, "outcome": None, "missed": "paused by ann"},
        "paused": {"actor": "ann", "at": 1_794_800_000.0, "until": None},
    }


@pytest.fixture(name="host")
def _host() -> dict[str, Any]:
    """A HostDetail."""
    return {
        "name": "gpu1",
        "address": "ada@10.0.0.7:2222",
        "labels": ["gpu1", "gpu"],
        "slots": 16,
        "sessions": 2,
        "state": "unreachable",
        "since": 1_794_805_200.0,
        "why": "connection refused",
        "last_seen": 1_794_805_100.0,
        "durable": True,
        "drained": {"actor": "ann", "at": 1_794_800_000.0, "reason": "new disk"},
        "origin": "added",
        "fingerprint": "SHA256:Er6M/1lyolwTk0JmClGSh/q6Qmwa+xAhS6Y/M8Yh1VM",
        "settings": HostSettings(address="10.0.0.7", port=2222, user="ada", labels=["gpu"]).model_dump(mode="json"),
        "stands_in": "the daemon's database",
        "entries": [{"at": 1_794_800_000.0, "actor": "ann", "step": "drained", "detail": "new disk"}],
    }


@pytest.fixture(name="approval")
def _approval() -> dict[str, Any]:
    """An ApprovalView."""
    return {
        "run_id": "run-aaa111",
        "chain": "hello",
        "number": 1,
        "limit": None,
        "agent": "post",
        "turn": 1,
        "message": "Post it?",
        "by": ["ann", "team:editors"],
        "count": 2,
        "approved_by": ["bob"],
        "asked_at": 60.0,
        "due": 120.0,
        "inputs": {"title": "x"},
        "legs": [],
        "legs_count": 0,
    }


class ScriptedDaemon:
    """The API in a thread of its own, for callers that block."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.use_cases = Scripted()
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="scripted daemon", daemon=True)
        self._ready = threading.Event()
        self._end = asyncio.Event()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(LIMIT_S)

    def stop(self) -> None:
        """Ends the API; may be repeated."""
        if self._thread.is_alive():
            self.loop.call_soon_threadsafe(self._end.set)
            self._thread.join(LIMIT_S)
            assert not self._thread.is_alive()

    def do(self, step: Callable[[], Any]) -> Any:
        """Await what ``step`` gives within the daemon."""
        return asyncio.run_coroutine_threadsafe(step(), self.loop).result(LIMIT_S)

    def _serve(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(self._life())

    async def _life(self) -> None:
        server = await serve_unix(make_app(self.use_cases, peer_of), self.home.socket)
        self._ready.set()
        await self._end.wait()
        await server.close()


class Make:
    """Ways to make what the API answers with, for tests that need a special one."""

    attempt = staticmethod(attempt)
    agent = staticmethod(agent)
    detail = staticmethod(detail)
    event = staticmethod(event)
    link = ScriptedLink


@pytest.fixture(scope="session")
def make() -> Make:
    return Make()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty state folder."""
    found = Home(tmp_path / "home")
    found.root.mkdir()
    return found


@pytest.fixture
def use_cases() -> Scripted:
    """What the API in the test's own loop asks."""
    return Scripted()


@pytest.fixture
def daemon(home: Home) -> Iterator[ScriptedDaemon]:
    """A scripted daemon at ``home``, in a thread."""
    found = ScriptedDaemon(home)
    found.start()
    yield found
    found.stop()


async def _eventually(claim: Callable[[], Any]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not claim():  # noqa: ASYNC110 - the claim is about the other side, which sets no event of ours
            await asyncio.sleep(0.002)


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Waits until a claim is true, and fails when it never is."""
    return _eventually


def _by_and_by(claim: Callable[[], Any]) -> Any:
    limit = time.monotonic() + LIMIT_S
    while not (found := claim()):
        assert time.monotonic() < limit, "it never became true"
        time.sleep(0.002)
    return found


@pytest.fixture(scope="session")
def by_and_by() -> Callable[[Callable[[], Any]], Any]:
    """What ``eventually`` does, for a test that blocks; gives what the claim gave."""
    return _by_and_by
