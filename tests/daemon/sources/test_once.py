"""Work that many ask for is done once while it is under way."""

import asyncio

import pytest

from chainwright.daemon.sources.once import Once


class Work:
    """Counts how often it was done; waits until it may end."""

    def __init__(self) -> None:
        self.done = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> None:
        self.done += 1
        await self.may_end.wait()


async def test_those_who_come_meanwhile_wait_for_the_first(once: Once) -> None:
    work = Work()
    waiting = [asyncio.create_task(once.do("it", work), name=f"waiter {n}") for n in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    work.may_end.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    await once.do("it", work)

    assert (work.done, [type(one) for one in ended]) == (2, [asyncio.CancelledError, *[type(None)] * 4])


async def test_what_it_raises_is_everybodys(once: Once) -> None:
    async def fails() -> None:
        raise OSError("full")

    ended = await asyncio.gather(once.do("it", fails), once.do("it", fails), return_exceptions=True)

    assert [str(one) for one in ended] == ["full", "full"]


async def test_closing_ends_what_is_under_way(once: Once) -> None:
    waiting = asyncio.create_task(once.do("it", Work()), name="waiter")
    await asyncio.sleep(0)
    await once.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.fixture
def once() -> Once:
    return Once("test")
