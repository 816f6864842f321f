"""The history of a commit on a host: sent once, incrementally; mirrors to read, worktrees to commit in, and their branches back."""

import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.repositories import WorkingRepository

from chainwright.runners import host_repository
from chainwright.runners.host_git import PACK, wish
from chainwright.runners.refused import Refused

FAR = 4e9
TURN, BRANCH = "r1-a-1", "chainwright/r1-a-1"


@pytest.fixture
def work(tmp_path: Path) -> WorkingRepository:
    return WorkingRepository(tmp_path / "work")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def pack(work: WorkingRepository, commit: str, had: list[str]) -> bytes:
    command = ["git", f"--git-dir={work.path}/.git", *PACK]
    return subprocess.run(command, input=wish([commit], had), capture_output=True, check=True, timeout=20).stdout


def put(home: Path, work: WorkingRepository, commit: str, had: list[str] | None = None) -> bytes:
    data = pack(work, commit, host_repository.tips(str(home)) if had is None else had)
    host_repository.put_commit(io.BytesIO(data), str(home), commit, [])
    return data


def make_worktree(home: Path, commit: str, attempt: int = 1) -> bool:
    return host_repository.put_worktree(str(home), "r1", turn=TURN, branch=BRANCH, attempt=attempt, commit=commit)


def subjects(git_dir: str) -> list[str]:
    command = ["git", f"--git-dir={git_dir}", "log", "--format=%s"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.split("\n")[:-1]


def test_a_mirror_shows_the_history_of_its_commit(home: Path, work: WorkingRepository) -> None:
    work.commit(a="1")
    commit = work.commit(a="2")
    before = host_repository.make_mirror(str(home), commit)
    assert not Path(before).exists(), "the commit was not sent"
    put(home, work, commit)

    assert host_repository.make_mirror(str(home), commit) == before
    assert len(subjects(before)) == 2


def test_what_is_there_is_not_sent_again(home: Path, work: WorkingRepository) -> None:
    work.write("large", b"".join(n.to_bytes(4, "big") for n in range(50_000)))
    first = put(home, work, work.commit(a="1"))
    commit = work.commit(a="2")
    second = put(home, work, commit)

    assert len(second) < len(first) / 10
    assert host_repository.tips(str(home))[0] == commit
    assert len(subjects(host_repository.make_mirror(str(home), commit))) == 2


@pytest.mark.parametrize("damage", [lambda data: data[:-30], lambda data: b"", lambda data: b"x" * 100_000])
def test_what_did_not_arrive_whole_is_not_there(damage: Any, home: Path, work: WorkingRepository) -> None:
    commit = work.commit(a="1")
    with pytest.raises(Refused) as refused:
        host_repository.put_commit(io.BytesIO(damage(pack(work, commit, []))), str(home), commit, [])

    assert refused.value.kind == "git-failed"
    assert not host_repository.has_commit(str(home), commit)
    put(home, work, commit)
    assert host_repository.has_commit(str(home), commit)


def test_another_commit_than_was_announced_is_refused(home: Path, work: WorkingRepository) -> None:
    commit = work.commit(a="1")
    with pytest.raises(Refused):
        host_repository.put_commit(io.BytesIO(pack(work, commit, [])), str(home), "d" * 40, [])


def test_more_than_is_taken_is_refused(home: Path, work: WorkingRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_repository, "PACK_BYTES", 100)
    with pytest.raises(Refused, match="more than 100 bytes"):
        put(home, work, work.commit(a="1"))


def test_the_ends_of_a_shallow_clone_come_along(home: Path, work: WorkingRepository, tmp_path: Path) -> None:
    work.commit(a="1")
    commit = work.commit(a="2")
    work.git("clone", "--quiet", "--depth=1", f"file://{work.path}", str(tmp_path / "shallow"))
    shallow = WorkingRepository.__new__(WorkingRepository)
    shallow.path = tmp_path / "shallow"
    data = pack(shallow, commit, [])
    host_repository.put_commit(io.BytesIO(data), str(home), commit, [commit])

    assert len(subjects(host_repository.make_mirror(str(home), commit))) == 1


def test_a_worktree_is_made_anew_at_its_commit(home: Path, work: WorkingRepository) -> None:
    commit = work.commit(a="1")
    assert not make_worktree(home, commit)
    put(home, work, commit)
    assert make_worktree(home, commit)
    folder = home / "runs/r1/worktrees" / TURN
    (folder / "left").touch()
    (folder / "workflows/a.yaml").write_text("changed")
    make_worktree(home, commit, attempt=2)

    assert work.git("status", "--porcelain", at=folder) == ""
    assert work.git("branch", "--show-current", at=folder) == BRANCH


def test_branches_are_told_with_their_attempt_and_given_as_a_pack(
    home: Path, work: WorkingRepository, tmp_path: Path
) -> None:
    commit = work.commit(a="1")
    put(home, work, commit)
    assert host_repository.branches(str(home), "r1")["branches"] == []
    make_worktree(home, commit, attempt=3)
    folder = home / "runs/r1/worktrees" / TURN
    (folder / "mine").write_text("x")
    work.git("add", "--all", at=folder)
    work.git("commit", "--quiet", "-m", "of the agent", at=folder)
    (told,) = host_repository.branches(str(home), "r1")["branches"]
    assert host_repository.branches(str(home), None) == {"branches": [told], "tips": [commit]}
    given = b"".join(host_repository.give_commits(str(home), [told["tip"]], [commit]))
    command = ["git", f"--git-dir={work.path}/.git", "index-pack", "--stdin", "--fix-thin"]
    subprocess.run(command, input=given, check=True, capture_output=True, timeout=20)

    assert (told["branch"], told["attempt"]) == (BRANCH, 3)
    assert work.git("show", f"{told['tip']}:mine") == "x"


def test_where_git_is_missing_a_worktree_is_refused_and_a_mirror_is_a_path_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="git is not installed") as refused:
        make_worktree(home, "c" * 40)

    assert (refused.value.kind, host_repository.has_git()) == ("no-git", False)
    assert not Path(host_repository.make_mirror(str(home), "c" * 40)).exists()
    assert host_repository.branches(str(home), "r1")["branches"] == []


def packs(home: Path) -> int:
    return len(list((home / "cache/repository.git/objects/pack").glob("*.pack")))


def test_many_packs_become_few_and_lose_what_nothing_leads_to(
    home: Path, work: WorkingRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = [work.commit(a=str(number)) for number in range(4)]
    for commit in commits:
        put(home, work, commit)
    work.git("checkout", "--quiet", "--orphan", "other")
    lonely = work.commit(b="nobody needs it")
    put(home, work, lonely)
    (home / f"cache/repository.git/refs/commits/{lonely}").unlink()
    for path in (home / "cache/repository.git/objects/pack").iterdir():
        os.utime(path, (0, 0))
    before = packs(home)
    host_repository.shrink(str(home), 0.0)
    assert packs(home) == before == 5, "it was too early"

    monkeypatch.setattr(host_repository, "SHRINKING", (*host_repository.SHRINKING, "gc.autoPackLimit=3"))
    host_repository.shrink(str(home), 0.0)

    assert packs(home) == 1
    assert [host_repository.has_commit(str(home), commit) for commit in commits] == [True] * 4
    assert len(subjects(host_repository.make_mirror(str(home), commits[-1]))) == 4
    with pytest.raises(Refused):
        host_repository.git(str(home), "cat-file", "-e", lonely)


def test_branches_go_with_the_folder_of_their_run_when_they_are_old(home: Path, work: WorkingRepository) -> None:
    commit = work.commit(a="1")
    put(home, work, commit)
    make_worktree(home, commit)
    host_repository.shrink(str(home), FAR)
    assert [one["branch"] for one in host_repository.branches(str(home), None)["branches"]] == [BRANCH]

    shutil.rmtree(home / "runs")
    host_repository.shrink(str(home), 0.0)
    assert len(host_repository.branches(str(home), None)["branches"]) == 1
    host_repository.shrink(str(home), FAR)

    assert host_repository.branches(str(home), None)["branches"] == []
    assert make_worktree(home, commit, attempt=2), "there can be another one of that name"


def test_without_a_repository_there_is_nothing_to_shrink(home: Path) -> None:
    host_repository.shrink(str(home), FAR)
