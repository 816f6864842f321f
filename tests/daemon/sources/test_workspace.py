"""Workspaces of runs, out of a real repository."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.sources import workspace as module
from chainwright.daemon.sources.repository import Repository, RepositoryGone, UnknownRef
from chainwright.daemon.sources.trees import TreeRefused
from chainwright.daemon.sources.workspace import Workspaces

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here
RunFolder = Callable[[], Path]


@pytest.fixture
def run_folder(tmp_path: Path) -> RunFolder:
    """Makes the folder of a new run."""
    made: list[Path] = []

    def make() -> Path:
        made.append(tmp_path / f"run-{len(made)}")
        made[-1].mkdir()
        return made[-1]

    return make


@pytest.fixture
async def workspaces(tmp_path: Path, repository: Repository) -> AsyncIterator[Workspaces]:
    """Workspaces with an empty cache."""
    opened = Workspaces(tmp_path / "cache", repository, spare=2)
    await opened.open()
    yield opened
    await opened.close()


def content_of(folder: Path) -> dict[str, str]:
    """Every file below, by path."""
    return {str(file.relative_to(folder)): file.read_text() for file in sorted(folder.rglob("*")) if file.is_file()}


async def test_a_workspace_is_the_tree_of_the_commit(work: Work, workspaces: Workspaces, run_folder: RunFolder) -> None:
    work.write("bin/run.sh", "echo", mode=0o755)
    work.write("empty", "")
    work.write("folder/deep/text", "text")
    work.link("folder/link", "../bin/run.sh")
    commit = work.commit(a="1")
    work.commit(a="2")

    workspace = await workspaces.prepare(run_folder(), commit)

    assert content_of(workspace) == {
        "bin/run.sh": "echo",
        "empty": "",
        "folder/deep/text": "text",
        "folder/link": "echo",
        "workflows/a.yaml": "1",
    }
    assert (workspace / "bin/run.sh").stat().st_mode & 0o111
    assert not (workspace / "folder/deep/text").stat().st_mode & 0o111
    assert str((workspace / "folder/link").readlink()) == "../bin/run.sh"
    assert not (workspace / ".git").exists()


async def test_a_workspace_that_is_there_is_not_touched(
    work: Work, workspaces: Workspaces, run_folder: RunFolder
) -> None:
    first, run = work.commit(a="1"), run_folder()
    workspace = await workspaces.prepare(run, first)
    (workspace / "workflows/a.yaml").write_text("changed")

    assert await workspaces.prepare(run, work.commit(a="2")) == workspace
    assert content_of(workspace) == {"workflows/a.yaml": "changed"}


@pytest.mark.parametrize("small_bytes", [0, 1 << 20], ids=["copied from disk", "written from memory"])
async def test_what_one_run_changes_no_other_run_sees(
    work: Work, workspaces: Workspaces, run_folder: RunFolder, monkeypatch: pytest.MonkeyPatch, small_bytes: int
) -> None:
    monkeypatch.setattr(module, "_SMALL_BYTES", small_bytes)
    commit = work.commit(a="1")
    await workspaces.warm(commit)
    for _ in range(5):  # more than there are spare copies
        workspace = await workspaces.prepare(run_folder(), commit)

        assert content_of(workspace) == {"workflows/a.yaml": "1"}
        (workspace / "workflows/a.yaml").write_text("changed")


async def test_spare_copies_are_taken_and_made_again(
    work: Work, workspaces: Workspaces, run_folder: RunFolder, tmp_path: Path
) -> None:
    commit = work.commit(a="1")
    await workspaces.warm(commit)
    before = set((tmp_path / "cache/spare").iterdir())
    workspace = await workspaces.prepare(run_folder(), commit)
    await workspaces.warm(commit)
    after = set((tmp_path / "cache/spare").iterdir())

    assert content_of(workspace) == {"workflows/a.yaml": "1"}
    assert (len(before), len(after), len(before & after)) == (2, 2, 1)


async def test_spare_copies_follow_the_deployed_commit(
    work: Work, workspaces: Workspaces, run_folder: RunFolder, tmp_path: Path
) -> None:
    old = work.commit(a="1")
    await workspaces.warm(old)
    new = work.commit(a="2")
    await workspaces.warm(new)

    assert {spare.name.split("-")[0] for spare in (tmp_path / "cache/spare").iterdir()} == {new}
    assert content_of(await workspaces.prepare(run_folder(), old)) == {"workflows/a.yaml": "1"}
    assert content_of(await workspaces.prepare(run_folder(), new)) == {"workflows/a.yaml": "2"}


async def test_a_spare_copy_that_somebody_removed_is_made_up_for(
    work: Work, workspaces: Workspaces, run_folder: RunFolder, tmp_path: Path
) -> None:
    commit = work.commit(a="1")
    await workspaces.warm(commit)
    shutil.rmtree(tmp_path / "cache/spare")

    assert content_of(await workspaces.prepare(run_folder(), commit)) == {"workflows/a.yaml": "1"}


async def test_many_at_once_share_the_work(work: Work, workspaces: Workspaces, run_folder: RunFolder) -> None:
    commit, run = work.commit(a="1"), run_folder()
    others = [run_folder() for _ in range(10)]

    made = await asyncio.gather(*(workspaces.prepare(folder, commit) for folder in [run, run, run, *others]))

    assert len(set(made)) == 11
    assert all(content_of(workspace) == {"workflows/a.yaml": "1"} for workspace in made)


async def test_the_cache_works_after_the_repository_and_the_daemon_are_gone(
    work: Work, workspaces: Workspaces, run_folder: RunFolder, tmp_path: Path, repository: Repository
) -> None:
    commit = work.commit(a="1")
    await workspaces.prepare(run_folder(), commit)
    await workspaces.close()
    shutil.rmtree(work.path)
    reopened = Workspaces(tmp_path / "cache", repository)
    await reopened.open()

    assert content_of(await reopened.prepare(run_folder(), commit)) == {"workflows/a.yaml": "1"}
    with pytest.raises(RepositoryGone):
        await reopened.prepare(run_folder(), "1" * 40)
    await reopened.close()


async def test_an_unknown_commit_leaves_nothing_behind(
    work: Work, workspaces: Workspaces, run_folder: RunFolder, tmp_path: Path
) -> None:
    work.commit(a="1")
    run = run_folder()
    with pytest.raises(UnknownRef):
        await workspaces.prepare(run, "1" * 40)

    assert list(run.iterdir()) == []
    assert list((tmp_path / "cache/trees").iterdir()) == []


async def test_a_link_out_of_the_tree_is_refused(work: Work, workspaces: Workspaces, run_folder: RunFolder) -> None:
    work.link("passwords", "/etc/passwd")
    with pytest.raises(TreeRefused, match="passwords is a link that leaves the tree"):
        await workspaces.prepare(run_folder(), work.commit())


async def test_a_copy_cut_short_is_made_again(work: Work, workspaces: Workspaces, run_folder: RunFolder) -> None:
    commit, run = work.commit(a="1"), run_folder()
    (run / ".workspace.partial").mkdir()
    (run / ".workspace.partial/half").write_text("")

    assert content_of(await workspaces.prepare(run, commit)) == {"workflows/a.yaml": "1"}
    assert [found.name for found in run.iterdir()] == ["workspace"]


async def test_trees_used_longest_ago_are_forgotten_but_not_those_in_use(
    work: Work, run_folder: RunFolder, tmp_path: Path, repository: Repository
) -> None:
    commits = [work.commit(a=str(number)) for number in range(5)]
    workspaces = Workspaces(tmp_path / "cache", repository, in_use=lambda: [commits[0]], kept=2)
    await workspaces.open()
    for commit in commits:
        await workspaces.prepare(run_folder(), commit)

    assert {root.name for root in (tmp_path / "cache/trees").iterdir()} == {commits[0], commits[3], commits[4]}
    assert content_of(await workspaces.prepare(run_folder(), commits[1])) == {"workflows/a.yaml": "1"}
    await workspaces.close()


async def test_opening_clears_what_was_left_half_made(work: Work, tmp_path: Path, repository: Repository) -> None:
    for left in ("spare/old-1", "trees/.partial"):
        (tmp_path / "cache" / left).mkdir(parents=True)
    workspaces = Workspaces(tmp_path / "cache", repository)
    await workspaces.open()

    assert [*(tmp_path / "cache/spare").iterdir(), *(tmp_path / "cache/trees").iterdir()] == []
    await workspaces.close()


@pytest.fixture
async def warm_commit(work: Work, workspaces: Workspaces, eventually: Callable[[Callable[[], bool]], Any]) -> str:
    """A commit whose spare copies are ready."""
    commit = str(work.commit(a="1", b="2"))
    await workspaces.warm(commit)
    await eventually(lambda: workspaces.spares == 2)
    return commit


async def test_an_untouched_workspace_serves_another_run(
    warm_commit: str, workspaces: Workspaces, run_folder: RunFolder
) -> None:
    """Its run's folder no longer has it: it was what the commit says."""
    first = await workspaces.prepare(run_folder(), warm_commit)
    inode = first.stat().st_ino

    await workspaces.release(first.parent, warm_commit)

    assert not first.exists()
    taken = [await workspaces.prepare(run_folder(), warm_commit) for _ in range(4)]
    assert inode in {workspace.stat().st_ino for workspace in taken}


async def test_a_touched_workspace_stays_with_its_run(
    warm_commit: str, workspaces: Workspaces, run_folder: RunFolder
) -> None:
    """What agents left there is for people to see."""
    workspace = await workspaces.prepare(run_folder(), warm_commit)
    (workspace / "report.md").write_text("done")

    await workspaces.release(workspace.parent, warm_commit)

    assert (workspace / "report.md").read_text() == "done"
