"""A runner's sessions as the suites of this folder drive them: started from few words, followed to an event, a text or the end."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners.port import EventFound, Exited, Lost, Output, Runner, Terminal
from chainwright.schemas.session import SessionLimits, SessionSpec

LIMIT_S = 120.0
"""For the slowest of them, forty thousand events, on a machine that is busy with others."""


@dataclass
class Life:
    """What ``follow`` told about a session."""

    events: list[EventFound] = field(default_factory=list)
    end: Exited | Lost | None = None

    @property
    def contents(self) -> list[str | None]:
        return [found.line.content for found in self.events]

    @property
    def exited(self) -> Exited:
        assert isinstance(self.end, Exited), self.end
        return self.end


class Sessions:
    """The sessions of one runner."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner

    def spec(self, script: str | None = "exit 0", **changes: Any) -> SessionSpec:
        limits = SessionLimits(**{"linger_s": 30.0, "grace_s": 5.0, **changes.pop("limits", {})})
        given: dict[str, Any] = {
            "id": "attempt-1",
            "token": "token",
            "epoch": 1,
            "interpreters": (("bash", "-e"), ("sh", "-e")),
            "script": script,
            "env": {"PATH": os.environ["PATH"], "TERM": "xterm"},
            "path_env": {"CHAINWRIGHT_EVENTS": "events", "OUT": "files/out"},
            "limits": limits,
        }
        return SessionSpec(**{**given, **changes})

    async def life(self, spec: SessionSpec, events_from: int = 0) -> Life:
        """All that is told of a session, until its end."""
        told = Life()
        async with asyncio.timeout(LIMIT_S):
            async for fact in self.runner.follow(spec.id, token=spec.token, epoch=spec.epoch, events_from=events_from):
                if isinstance(fact, EventFound):
                    told.events.append(fact)
                elif isinstance(fact, Exited | Lost):
                    told.end = fact
        return told

    async def ran(self, spec: SessionSpec) -> Life:
        await self.runner.start(spec)
        return await self.life(spec)

    async def output(self, spec: SessionSpec) -> bytes:
        data = b""
        while piece := await self.runner.read(spec.id, "out.log", offset=len(data)):
            data += piece
        return data

    async def shows(self, spec: SessionSpec, text: bytes) -> None:
        """Wait until the session's output has ``text``."""

        async def has_text() -> bool:
            return text in await self.output(spec)

        await self.until(has_text)

    async def gone(self, pid: int) -> None:
        """Wait until a process has ended."""

        async def is_gone() -> bool:
            return not self.is_alive(pid)

        await self.until(is_gone)

    async def exited(self, *ids: str) -> None:
        """Wait, without any connection, until sessions have ended."""

        async def have_exited() -> bool:
            return all([isinstance(await self.runner.poll(each), Exited) for each in ids])

        await self.until(have_exited)

    async def first_event(self, spec: SessionSpec) -> EventFound:
        """The first event, while the session goes on."""
        following = self.runner.follow(spec.id, token=spec.token, epoch=spec.epoch, events_from=0)
        async with asyncio.timeout(LIMIT_S), aclosing(following):
            found = await anext(following)
        assert isinstance(found, EventFound)
        return found

    async def terminal_of(self, spec: SessionSpec, role: Any = "typist", offset: int = 0) -> Terminal:
        return await self.runner.attach(spec.id, token=spec.token, epoch=spec.epoch, role=role, offset=offset)

    @staticmethod
    async def shown(terminal: Terminal, text: bytes = b"\0never") -> tuple[bytes, Exited | None]:
        """Output until it has ``text``, or until the end."""
        data = b""
        async with asyncio.timeout(LIMIT_S):
            async for fact in terminal:
                if isinstance(fact, Exited):
                    return data, fact
                if isinstance(fact, Output):
                    data += fact.data
                    if text in data:
                        break
        return data, None

    @staticmethod
    async def until(look: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not await look():  # noqa: ASYNC110 - what is awaited happens in other processes
                await asyncio.sleep(0.01)

    @staticmethod
    def is_alive(pid: int) -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        return state not in "ZX"


@pytest.fixture
def sessions(runner: Runner) -> Sessions:
    """None yet."""
    return Sessions(runner)
