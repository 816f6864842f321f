"""What every runner must do with a session that has steps, told through its port only."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from chainwright.runners.port import Exited, Lost, Runner, StepTold
from chainwright.schemas.session import SessionLimits, SessionSpec, StepLine, StepOrder

LIMIT_S = 30.0
WAY: dict[str, Any] = {"token": "token", "epoch": 1}


class Directed:
    """A session whose steps a test orders one by one."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.told: list[StepLine] = []
        self.end: Exited | Lost | None = None
        self._changed = asyncio.Condition()
        self._following: asyncio.Task[None] | None = None

    async def start(self, secrets: dict[str, str] | None = None, masks: tuple[str, ...] = (), **limits: Any) -> None:
        limits = {"linger_s": 30.0, "grace_s": 2.0, **limits}
        spec = SessionSpec(
            id="attempt-1",
            interpreters=(),
            steps=True,
            env={"PATH": os.environ["PATH"], "TERM": "xterm", "A": "session"},
            cwd="/tmp",
            secrets=secrets or {},
            masks=masks,
            limits=SessionLimits(**limits),
            **WAY,
        )
        await self.runner.start(spec)
        self.follow()

    def follow(self) -> None:
        self._following = asyncio.create_task(self._follow(), name="follow")

    async def _follow(self) -> None:
        async for fact in self.runner.follow("attempt-1", events_from=0, **WAY):
            async with self._changed:
                if isinstance(fact, StepTold):
                    self.told.append(fact.line)
                elif isinstance(fact, Exited | Lost):
                    self.end = fact
                self._changed.notify_all()

    async def order(self, n: int, script: str, **changes: Any) -> None:
        order = StepOrder(
            n=n,
            title=f"step {n}",
            script=script,
            interpreters=(("bash", "-e"), ("sh", "-e")),
            env={},
            path_env={"OUT": f"files/output.{n}"},
            cwd="/tmp",
        )
        await self.runner.run_step("attempt-1", step=replace(order, **changes), **WAY)

    async def ended(self, n: int) -> StepLine:
        async with asyncio.timeout(LIMIT_S), self._changed:
            await self._changed.wait_for(lambda: any(line.n == n and line.ended_at for line in self.told))
        return next(line for line in self.told if line.n == n and line.ended_at)

    async def ran(self, n: int, script: str, **changes: Any) -> StepLine:
        await self.order(n, script, **changes)
        return await self.ended(n)

    async def finished(self, code: int | None = 0) -> Exited:
        if code is not None:
            await self.runner.end_steps("attempt-1", code=code, **WAY)
        assert self._following is not None
        async with asyncio.timeout(LIMIT_S):
            await self._following
        assert isinstance(self.end, Exited)
        return self.end

    async def output(self) -> str:
        return (await self.runner.read("attempt-1", "out.log")).decode()

    async def shows(self, text: str) -> None:
        async with asyncio.timeout(LIMIT_S):
            while text not in await self.output():  # noqa: ASYNC110 - what is awaited happens in other processes
                await asyncio.sleep(0.01)


@pytest.fixture
async def session(runner: Runner) -> AsyncIterator[Directed]:
    """One that has not been started."""
    yield Directed(runner)


async def test_steps_follow_each_other_in_one_session_which_ends_as_it_is_told(session):
    await session.start()

    codes = [(await session.ran(n, f'echo "$A" {n}; exit {code}')).code for n, code in ((1, 0), (2, 3), (5, 0))]

    assert codes == [0, 3, 0]
    assert (await session.finished(7)).exit.code == 7
    assert (await session.output()).splitlines() == [
        "step 1",
        "session 1",
        "step 2",
        "session 2",
        "step 5",
        "session 5",
    ]


async def test_an_order_that_comes_again_changes_nothing(session):
    await session.start()
    await session.ran(1, "echo once")

    await session.order(1, "echo twice")
    await session.ran(2, "true")

    assert "twice" not in await session.output()
    await session.finished()


async def test_who_comes_back_is_told_of_every_step_also_after_the_end(session):
    await session.start()
    await session.ran(1, "true")
    await session.ran(2, "exit 4")
    await session.finished()
    before, session.told = session.told, []

    session.follow()
    await session.finished(None)

    assert session.told == before
    assert [(line.n, line.code) for line in before if line.ended_at] == [(1, 0), (2, 4)]


async def test_a_step_has_its_own_environment_path_and_folder(session, tmp_path):
    (tmp_path / "tool").write_text("#!/bin/sh\necho tool of $A\n")
    (tmp_path / "tool").chmod(0o755)
    await session.start()

    await session.ran(1, 'tool; pwd; echo x > "$OUT"', env={"A": "step"}, path=(str(tmp_path),), cwd=str(tmp_path))
    await session.ran(2, "echo $A")

    assert (await session.output()).splitlines()[1:3] == ["tool of step", str(tmp_path)]
    assert (await session.output()).splitlines()[-1] == "session"
    assert await session.runner.read("attempt-1", "files/output.1") == b"x\n"
    await session.finished()


async def test_a_step_is_given_secrets_by_name_and_they_are_masked(session):
    """36: what it gets is what the session masks."""
    await session.start(secrets={"TOKEN": "s3cret-value"}, masks=("s3cret-value",))
    pieces = (("text", "Bearer "), ("secret", "TOKEN"))

    await session.ran(1, 'echo "$AUTH"; printf %s "$AUTH" | wc -c', env={"AUTH": "none"}, secret_env={"AUTH": pieces})
    await session.ran(2, 'echo "then ${AUTH:-nothing}"')

    assert (await session.output()).splitlines()[1:3] == ["Bearer ***", "19"]
    assert "then nothing" in await session.output()
    await session.finished()


async def test_the_time_limit_of_a_step_ends_it_alone(session):
    await session.start()

    slow = await session.ran(1, "sleep 600", timeout_s=0.1)

    assert (slow.ended_by, slow.signal) == ("timeout", 15)
    assert (await session.ran(2, "true")).code == 0
    await session.finished()


async def test_a_step_that_ignores_its_stop_is_killed_and_what_another_left_goes_on(session):
    await session.start()
    await session.ran(1, "sleep 600 & echo left $!")
    await session.order(2, "trap '' TERM; echo deaf; while :; do sleep 0.05; done")
    await session.shows("deaf")

    await session.runner.stop_step("attempt-1", n=2, grace_s=0.1, **WAY)

    assert ((await session.ended(2)).ended_by, (await session.ended(2)).signal) == ("stop", 9)
    left = (await session.output()).split("left ")[1].split()[0]
    assert (await session.ran(3, f"kill -0 {left}")).code == 0
    await session.finished()


async def test_a_stop_ends_the_session_with_its_step_and_no_further_one_begins(session):
    await session.start()
    await session.order(1, "echo ready; sleep 600")
    await session.shows("ready")

    await session.runner.stop("attempt-1", grace_s=2.0, **WAY)
    assert (await session.ended(1)).ended_by == "session"
    await session.order(2, "echo too late")

    assert (await session.finished(None)).exit.ended_by == "stop"
    assert "too late" not in await session.output()


async def test_a_stop_between_two_steps_ends_the_session(session):
    await session.start()
    await session.ran(1, "true")

    await session.runner.stop("attempt-1", grace_s=2.0, **WAY)

    assert (await session.finished(None)).exit.ended_by == "stop"


async def a_while(runner: Runner, seconds: str) -> None:
    """A session that lasts so long: time that really passes, as sessions see it."""
    clock = SessionSpec(id="clock", interpreters=(("sleep", seconds),), env={"PATH": os.environ["PATH"]}, **WAY)
    await runner.start(clock)
    async for _ in runner.follow("clock", events_from=0, **WAY):
        pass


async def test_silence_between_steps_is_no_stall(session):
    await session.start(idle_timeout_s=0.2)
    await session.ran(1, "true")
    await a_while(session.runner, "0.5")

    stalled = await session.ran(2, "sleep 600")

    assert stalled.ended_by == "session"
    assert (await session.finished(None)).exit.ended_by == "stall"


async def test_what_cannot_be_executed_is_a_failed_step_that_says_why(session):
    await session.start()

    absent = await session.ran(1, "true", interpreters=(("nonesuch",),))
    nowhere = await session.ran(2, "true", cwd="/nonesuch")

    assert (absent.code, nowhere.code) == (127, 127)
    assert "nonesuch is not on its PATH" in await session.output()
    assert "no folder /nonesuch" in await session.output()
    await session.finished()
