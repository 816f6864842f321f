"""Mirrors show the history of a commit, take nothing, and borrow everything."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.sources import mirrors as module
from chainwright.daemon.sources.mirrors import Mirrors
from chainwright.daemon.sources.repository import Repository

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


@pytest.fixture
def mirrors(tmp_path: Path, repository: Repository) -> Mirrors:
    return Mirrors(tmp_path / "cache", lambda _: repository.common_folder())


def subjects(mirror: Path) -> list[str]:
    """One for each commit that the mirror's HEAD leads to."""
    return subprocess.run(
        ["git", f"--git-dir={mirror}", "log", "--format=%T"], check=True, capture_output=True, text=True, timeout=20
    ).stdout.split()


def test_its_head_is_the_commit_whatever_has_been_committed_since(work: Work, mirrors: Mirrors) -> None:
    work.commit(a="1")
    commit = work.commit(a="2")
    work.commit(a="3")

    mirrors.make_ready(commit)

    assert len(subjects(mirrors.path(commit))) == 2


def test_a_push_is_refused_and_changes_nothing(work: Work, mirrors: Mirrors) -> None:
    commit = work.commit(a="1")
    mirrors.make_ready(commit)
    work.commit(a="2")

    with pytest.raises(subprocess.CalledProcessError) as refused:
        work.git("push", str(mirrors.path(commit)), "HEAD:refs/heads/mine")

    assert b"this mirror is for reading" in refused.value.stderr
    assert list((mirrors.path(commit) / "refs/heads").iterdir()) == []


def test_a_repository_that_was_moved_is_followed(
    work: Work, mirrors: Mirrors, tmp_path: Path, open_repository: Callable[[Path], Repository]
) -> None:
    commit = work.commit(a="1")
    mirrors.make_ready(commit)
    moved = work.path.rename(tmp_path / "moved")

    Mirrors(tmp_path / "cache", lambda _: open_repository(moved).common_folder()).make_ready(commit)

    assert len(subjects(mirrors.path(commit))) == 1


def test_a_linked_work_tree_and_a_shallow_clone_have_a_mirror_too(
    work: Work, tmp_path: Path, open_repository: Callable[[Path], Repository]
) -> None:
    work.commit(a="1")
    commit = work.commit(a="2")
    work.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    work.git("clone", "--quiet", "--depth=1", f"file://{work.path}", str(tmp_path / "shallow"))
    found = []
    for name in ("linked", "shallow"):
        mirrors = Mirrors(
            tmp_path / f"cache of {name}", lambda _, at=tmp_path / name: open_repository(at).common_folder()
        )
        mirrors.make_ready(commit)
        found.append(len(subjects(mirrors.path(commit))))

    assert found == [2, 1]


def test_only_the_newest_are_kept(work: Work, mirrors: Mirrors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    commits = [work.commit(a=content) for content in "123"]

    for commit in commits:
        mirrors.make_ready(commit)

    assert [mirrors.path(commit).exists() for commit in commits] == [False, True, True]
