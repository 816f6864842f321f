"""A host is looked after: branches come when it comes, and garbage goes now and then, without what is in use."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.direct_porter import DirectPorter
from tests.repositories import WorkingRepository

from chainwright.daemon.remote import upkeep as module
from chainwright.daemon.remote.clearing import Bounds, Clearing
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.in_use import InUse
from chainwright.daemon.remote.upkeep import Upkeep
from chainwright.daemon.remote.workplaces import RemoteWorkplaces
from chainwright.runners.port import HostUnreachable

IN_USE = InUse(runs=["open"])


@pytest.fixture
async def upkeep(places: RemoteWorkplaces, home: RemoteHome) -> AsyncIterator[Upkeep]:
    clearing = Clearing(home, lambda: 4e9, Bounds(unused_s=10.0, ended_s=10.0))
    made = Upkeep("one", places, clearing, lambda: IN_USE)
    yield made
    await made.close()


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - the porter counts, and tells nobody
            await asyncio.sleep(0.002)


async def test_branches_come_each_time_when_the_host_comes(upkeep: Upkeep, porter: DirectPorter) -> None:
    upkeep.open()
    for times in (1, 2):
        upkeep.host_came()
        await until(lambda times=times: porter.asked.count("branches") == times)

    assert "clear" not in porter.asked


async def test_garbage_goes_again_and_again_whatever_the_host_answers(
    upkeep: Upkeep, porter: DirectPorter, work: WorkingRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLEAR_EVERY_S", 0.001)
    runs: Path = porter.home / "runs"
    for name in ("open", "ended"):
        (runs / name).mkdir(parents=True)
    porter.failing = [HostUnreachable("away")]
    upkeep.open()
    await until(lambda: porter.asked.count("clear") > 2)

    assert names(runs) == ["open"]
