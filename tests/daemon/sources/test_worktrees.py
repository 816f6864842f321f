"""Worktrees stand on a copy of their own, and are made anew whatever was there."""

from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.worktrees import Worktrees


@pytest.fixture
def worktrees(tmp_path: Path, work: Any) -> Worktrees:
    (tmp_path / "cache").mkdir()
    return Worktrees(tmp_path / "cache", lambda: [work.path])


def test_a_worktree_is_at_its_commit_on_its_branch(worktrees: Worktrees, work: Any, tmp_path: Path) -> None:
    first = work.commit(a="one")
    work.commit(a="two")
    folder = tmp_path / "runs" / "w"
    worktrees.make_anew(folder, "chainwright/r-a-1", first)

    assert (folder / "workflows/a.yaml").read_text() == "one"
    assert work.git("branch", "--show-current", at=folder) == "chainwright/r-a-1"
    assert work.git("rev-parse", "HEAD", "origin/main", at=folder).split() == [first, work.git("rev-parse", "HEAD")]


def test_made_anew_it_holds_nothing_of_before(worktrees: Worktrees, work: Any, tmp_path: Path) -> None:
    """A lock that a killed git has left, a half-done merge, files of any kind."""
    commit = work.commit(a="one")
    folder = tmp_path / "w"
    worktrees.make_anew(folder, "b", commit)
    (folder / "left").write_text("x")
    (folder / "workflows/a.yaml").write_text("changed")
    work.git("checkout", "--quiet", "-b", "elsewhere", at=folder)
    (Path(work.git("rev-parse", "--absolute-git-dir", at=folder)) / "index.lock").touch()
    worktrees.make_anew(folder, "b", commit)

    assert work.git("status", "--porcelain", at=folder) == ""
    assert (work.git("branch", "--show-current", at=folder), (folder / "left").exists()) == ("b", False)


def test_a_commit_that_no_branch_leads_to_is_fetched_by_its_id(worktrees: Worktrees, work: Any, tmp_path: Path) -> None:
    work.commit(a="one")
    lost = work.commit(a="two")
    work.git("reset", "--quiet", "--hard", "HEAD~1")
    worktrees.make_anew(tmp_path / "w", "b", lost)

    assert (tmp_path / "w/workflows/a.yaml").read_text() == "two"


def test_the_copy_shares_no_object_file_with_the_chain_repository(
    worktrees: Worktrees, work: Any, tmp_path: Path
) -> None:
    """An agent owns what its worktree stands on, and must not reach further."""
    worktrees.make_anew(tmp_path / "w", "b", work.commit(a="one"))
    objects = [path for path in (worktrees.repository / "objects").rglob("*") if path.is_file()]

    assert objects
    assert {path.stat().st_nlink for path in objects} == {1}
    assert not (worktrees.repository / "objects/info/alternates").exists()


def test_a_repository_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()

    with pytest.raises(SourceError, match=r"not in .*gone"):
        Worktrees(tmp_path / "cache", lambda: [tmp_path / "gone"]).make_anew(tmp_path / "w", "b", "0" * 40)
