"""A daemon whose home was removed notices it."""

import asyncio
from pathlib import Path

import pytest

from chainwright.daemon.home_watch import until_gone


@pytest.fixture
async def watch(tmp_path: Path) -> "asyncio.Task[None]":
    (tmp_path / "h").mkdir()
    task = asyncio.create_task(until_gone(tmp_path / "h", every_s=0.001))
    await asyncio.wait((task,), timeout=0.01)
    return task


async def test_a_home_that_is_removed_is_gone(tmp_path: Path, watch: "asyncio.Task[None]") -> None:
    assert not watch.done()
    (tmp_path / "h").rmdir()

    await asyncio.wait_for(watch, 10.0)


async def test_another_folder_of_the_name_is_not_it(tmp_path: Path, watch: "asyncio.Task[None]") -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other").rename(tmp_path / "h")  # in one step: there is a folder of that name all the while

    await asyncio.wait_for(watch, 10.0)


async def test_a_file_system_that_does_not_answer_says_nothing(
    tmp_path: Path, watch: "asyncio.Task[None]", monkeypatch: pytest.MonkeyPatch
) -> None:
    def deaf(_: Path) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(Path, "stat", deaf)
        await asyncio.wait((watch,), timeout=0.01)
    assert not watch.done()
    watch.cancel()
