"""Branches of agents come from their hosts; of a turn that was tried on several, the last one's."""

from pathlib import Path
from typing import Any

import pytest
from tests.direct_porter import DirectPorter
from tests.repositories import WorkingRepository

from chainwright.daemon.remote.branches import Branches
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.workplaces import RemoteWorkplaces
from chainwright.daemon.sources.worktrees import Worktrees

BRANCH = "chainwright/r1-a-1"


@pytest.fixture
def branches(home: RemoteHome, worktrees: Worktrees) -> Branches:
    return Branches(home, worktrees)


def committed(work: WorkingRepository, folder: str, name: str) -> str:
    at = Path(folder)
    (at / name).write_text("x")
    work.git("add", "--all", at=at)
    work.git("commit", "--quiet", "-m", name, at=at)
    return work.git("rev-parse", "HEAD", at=at)


def ours(work: WorkingRepository, worktrees: Worktrees) -> str:
    return work.git("rev-parse", f"refs/heads/{BRANCH}", at=worktrees.repository)


async def test_a_branch_is_brought_once_and_again_when_it_went_on(
    places: RemoteWorkplaces, branches: Branches, work: WorkingRepository, worktrees: Worktrees, porter: DirectPorter
) -> None:
    commit = work.commit(a="1")
    made = await places.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=True)
    found = []
    for name in ("first", "second"):
        tip = committed(work, made.folder, name)
        await branches.bring("r1")
        await branches.bring("r1")
        found.append(ours(work, worktrees) == tip)

    assert found == [True, True]
    assert porter.asked.count("commits") == 2


async def test_a_branch_without_a_commit_of_its_own_needs_no_pack(
    places: RemoteWorkplaces, branches: Branches, work: WorkingRepository, worktrees: Worktrees, porter: DirectPorter
) -> None:
    commit = work.commit(a="1")
    await places.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=True)
    await branches.bring("r1")

    assert (ours(work, worktrees), "commits" in porter.asked) == (commit, False)


async def test_those_of_runs_that_ended_without_a_daemon_are_brought_too(
    places: RemoteWorkplaces, work: WorkingRepository, worktrees: Worktrees
) -> None:
    commit = work.commit(a="1")
    tips = []
    for run in ("r1", "r2"):
        made = await places.prepare_worktree(run, f"{run}-a-1-1", "repo", commit, anew=True)
        tips.append(committed(work, made.folder, "mine"))
    await places.catch_up()

    listed = work.git("for-each-ref", "--format=%(objectname)", "refs/heads/chainwright", at=worktrees.repository)
    assert listed.split() == tips


@pytest.mark.parametrize(("attempt", "wins"), [(1, "there"), (2, "here")])
async def test_the_later_attempt_has_the_branch(
    *,
    attempt: int,
    wins: str,
    places: RemoteWorkplaces,
    branches: Branches,
    work: WorkingRepository,
    worktrees: Worktrees,
    tmp_path: Path,
) -> None:
    commit = work.commit(a="1")
    made = await places.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=True)
    tips = {"there": committed(work, made.folder, "there")}
    worktrees.make_anew(tmp_path / "w", BRANCH, commit, attempt)
    tips["here"] = committed(work, str(tmp_path / "w"), "here")
    await branches.bring("r1")

    assert ours(work, worktrees) == tips[wins]


@pytest.mark.parametrize(
    "told",
    [
        {"branch": "main", "tip": "c" * 40, "attempt": 1},
        {"branch": "chainwright/r2-a-1", "tip": "c" * 40, "attempt": 1},
        {"branch": "chainwright/r1-a-1/../../main", "tip": "c" * 40, "attempt": 1},
        {"branch": BRANCH, "tip": "--upload-pack=x", "attempt": 1},
        {"branch": BRANCH, "tip": "c" * 40, "attempt": "1"},
        {"branch": BRANCH},
        "text",
        None,
    ],
)
async def test_what_is_no_branch_of_the_run_is_not_taken(
    told: Any, branches: Branches, porter: DirectPorter, worktrees: Worktrees, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def telling(operation: str, **_: Any) -> Any:
        return {"branches": [told], "tips": []}

    monkeypatch.setattr(porter, "call", telling)
    await branches.bring("r1")

    assert not worktrees.repository.exists()


async def test_a_pack_that_is_broken_is_told_and_moves_nothing(
    *,
    places: RemoteWorkplaces,
    branches: Branches,
    work: WorkingRepository,
    worktrees: Worktrees,
    porter: DirectPorter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commit = work.commit(a="1")
    made = await places.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=True)
    committed(work, made.folder, "mine")

    async def broken(*_: Any, **__: Any) -> Any:
        yield b"PACK of something else"

    monkeypatch.setattr(porter, "receive", broken)
    with pytest.raises(OSError, match='branches on host "one" are not brought here: git index-pack'):
        await branches.bring("r1")

    assert work.git("for-each-ref", "refs/heads/chainwright", at=worktrees.repository) == ""
