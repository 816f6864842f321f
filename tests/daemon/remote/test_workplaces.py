"""A host is sent what it lacks, once; what cannot be sent is told to whoever can do something about it."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.direct_porter import DirectPorter
from tests.repositories import WorkingRepository

from chainwright.daemon.remote import workplaces as module
from chainwright.daemon.remote.branches import Branches
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.workplaces import RemoteWorkplaces
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.workspace import Workspaces
from chainwright.daemon.sources.worktrees import Worktrees
from chainwright.runners.port import CannotStart, HostUnreachable


def count(porter: DirectPorter, operation: str) -> int:
    return porter.asked.count(operation)


async def test_tree_and_history_are_sent_once_however_many_runs_wait(
    places: RemoteWorkplaces, porter: DirectPorter, work: WorkingRepository
) -> None:
    commit = work.commit(a="1")
    await asyncio.gather(*(places.prepare(f"r{n}", "repo", commit) for n in range(10)))
    asked = len(porter.asked)
    await places.prepare("later", "repo", commit)

    assert (count(porter, "put_tree"), count(porter, "put_commit")) == (1, 1)
    assert porter.asked[asked:] == ["workspace"]


async def test_a_run_that_is_cancelled_takes_nothing_from_the_others(
    places: RemoteWorkplaces, porter: DirectPorter, work: WorkingRepository
) -> None:
    commit = work.commit(a="1")
    first = asyncio.create_task(places.prepare("r1", "repo", commit), name="first")
    second = asyncio.create_task(places.prepare("r2", "repo", commit), name="second")
    while "put_tree" not in porter.asked:  # noqa: ASYNC110 - the porter counts, and tells nobody
        await asyncio.sleep(0.001)
    first.cancel()
    made = await second

    assert (made.folder, count(porter, "put_tree")) == (f"{porter.home}/runs/r2/workspace", 1)


async def test_a_tree_that_was_cleared_away_is_sent_again(
    places: RemoteWorkplaces, porter: DirectPorter, work: WorkingRepository
) -> None:
    commit = work.commit(a="1")
    await places.prepare("r1", "repo", commit)
    shutil.rmtree(porter.home / "cache/trees")
    await places.prepare("r2", "repo", commit)

    assert count(porter, "put_tree") == 2


async def test_a_host_that_forgets_everything_is_not_asked_for_ever(
    places: RemoteWorkplaces, porter: DirectPorter, work: WorkingRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any, **__: Any) -> None:
        """It says that it has it."""

    monkeypatch.setattr(porter, "send", nothing)
    with pytest.raises(HostUnreachable, match='host "one" does not keep what is sent'):
        await places.prepare("r1", "repo", work.commit(a="1"))


async def test_without_git_there_agents_find_no_history_and_a_worktree_cannot_start(
    places: RemoteWorkplaces,
    porter: DirectPorter,
    work: WorkingRepository,
    trees: Workspaces,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit = work.commit(a="1")
    await trees.tree(commit)
    monkeypatch.setenv("PATH", "/nowhere")
    made = await places.prepare("r1", "repo", commit)

    assert (made.repository, count(porter, "put_commit")) == (f"{porter.home}/cache/mirrors/{commit}.git", 0)
    with pytest.raises(CannotStart, match='host "one": git is not installed there'):
        await places.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=True)


@pytest.fixture
async def lost(home: RemoteHome, trees: Workspaces, worktrees: Worktrees) -> RemoteWorkplaces:
    """Places whose repository has gone."""

    def gone(_: str) -> Path:
        raise SourceError("it has gone")

    return RemoteWorkplaces(home, trees, gone, Branches(home, worktrees))


async def test_a_history_that_cannot_be_had_keeps_no_agent_from_starting(
    lost: RemoteWorkplaces, porter: DirectPorter, work: WorkingRepository
) -> None:
    commit = work.commit(a="1")
    for run in ("r1", "r2"):
        await lost.prepare(run, "repo", commit)

    assert count(porter, "put_commit") == 0
    with pytest.raises(OSError, match=r"no worktree at .* of repo: it has gone"):
        await lost.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=True)


async def test_a_history_that_is_too_large_is_left_out(
    places: RemoteWorkplaces, work: WorkingRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = module.packed
    monkeypatch.setattr(module, "packed", lambda *which: packed(*which, limit_bytes=10))
    commit = work.commit(a="1")
    made = await places.prepare("r1", "repo", commit)

    assert not (Path(made.repository) / "HEAD").exists()


async def test_a_link_that_is_cut_while_a_tree_is_sent_is_asked_again(
    places: RemoteWorkplaces, porter: DirectPorter, work: WorkingRepository
) -> None:
    commit = work.commit(a="1")
    porter.failing = [HostUnreachable("cut")]
    with pytest.raises(HostUnreachable, match="cut"):
        await places.prepare("r1", "repo", commit)

    assert (await places.prepare("r1", "repo", commit)).folder.endswith("r1/workspace")


async def test_the_end_of_a_run_raises_nothing_for_a_host_that_gives_no_answer(
    places: RemoteWorkplaces, porter: DirectPorter
) -> None:
    porter.failing = [HostUnreachable("cut")] * 4
    await places.release("r1", "c" * 40)
    await places.link_events("r1", "r1-a-1-1")
    await places.catch_up()

    assert porter.asked == ["branches", "release", "link_events", "branches"]


async def test_an_untouched_workspace_goes_with_its_run(
    places: RemoteWorkplaces, porter: DirectPorter, work: WorkingRepository
) -> None:
    commit = work.commit(a="1")
    await places.prepare("r1", "repo", commit)
    await places.release("r1", commit)

    assert list((porter.home / "runs").iterdir()) == []
