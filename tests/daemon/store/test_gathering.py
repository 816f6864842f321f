"""Questions that come while others are answered are answered together, each asker by its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from chainwright.daemon.store.gathering import Gathering
from chainwright.daemon.store.port import StoreError


class Answers:
    """Doubles every number, once the gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked: list[list[int]] = []

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.asked.append(list(numbers))
        await self.gate.wait()
        if 13 in numbers:
            raise StoreError("thirteen")
        return [2 * number for number in numbers]


@pytest.fixture
async def answers() -> Answers:
    return Answers()


async def begun(gathering: Gathering[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gathering.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_what_gathers_meanwhile_is_asked_at_once(answers: Answers) -> None:
    gathering = Gathering(answers, "test")
    tasks = [*await begun(gathering, 1), *await begun(gathering, 2, 3)]
    answers.gate.set()

    assert await asyncio.gather(*tasks) == [2, 4, 6]
    assert answers.asked == [[1], [2, 3]]


async def test_a_fault_is_everybodys_own_and_of_these_alone(answers: Answers) -> None:
    gathering = Gathering(answers, "test")
    tasks = [*await begun(gathering, 13, 1), *await begun(gathering, 2)]
    answers.gate.set()
    first, second, third = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(first, StoreError) and isinstance(second, StoreError) and first is not second
    assert third == 4


async def test_who_waits_no_longer_keeps_nobody_from_an_answer(answers: Answers) -> None:
    gathering = Gathering(answers, "test")
    gone, stays = await begun(gathering, 1, 2)
    gone.cancel()
    answers.gate.set()

    assert await stays == 4


async def test_closing_waits_for_what_was_asked(answers: Answers) -> None:
    gathering = Gathering(answers, "test")
    (task,) = await begun(gathering, 1)
    answers.gate.set()
    await gathering.close()

    assert task.done() or await task == 2
