"""Workspaces on a host are copies of a tree, and go with their run unless somebody changed them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chainwright.runners import host_workspaces
from chainwright.runners.host_workspaces import make_workspace, release
from chainwright.runners.refused import Refused

COMMIT = "c" * 40


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With the tree of one commit."""
    tree = tmp_path / "cache/trees" / COMMIT
    (tree / "d").mkdir(parents=True)
    (tree / "d/a").write_text("1")
    (tree / "run").write_text("#!/bin/sh\n")
    (tree / "run").chmod(0o755)
    (tree / "l").symlink_to("d/a")
    return tmp_path


def test_a_workspace_is_a_copy_that_shares_no_file(home: Path) -> None:
    assert make_workspace(str(home), "r1", None, COMMIT)
    made = home / "runs/r1/workspace"
    (made / "d/a").write_text("2")

    assert (home / "cache/trees" / COMMIT / "d/a").read_text() == "1"
    assert ((made / "l").readlink(), (made / "run").stat().st_mode & 0o777) == (Path("d/a"), 0o755)
    assert {path.stat().st_nlink for path in made.rglob("*") if path.is_file()} == {1}


def test_it_is_made_once_and_never_touched_again(home: Path) -> None:
    make_workspace(str(home), "r1", "r1-a-1-1", COMMIT)
    (home / "runs/r1/own/r1-a-1-1/workspace/d/a").write_text("2")
    make_workspace(str(home), "r1", "r1-a-1-1", COMMIT)

    assert (home / "runs/r1/own/r1-a-1-1/workspace/d/a").read_text() == "2"


def test_without_the_tree_there_is_none(home: Path) -> None:
    assert not make_workspace(str(home), "r1", None, "d" * 40)
    assert not (home / "runs").exists()


def test_a_copy_cut_short_is_made_again(home: Path) -> None:
    aside = home / "runs/r1/.workspace.killed"
    aside.mkdir(parents=True)
    (aside / "half").touch()
    make_workspace(str(home), "r1", None, COMMIT)

    assert [path.name for path in (home / "runs/r1").iterdir()] == ["workspace"]
    assert not (home / "runs/r1/workspace/half").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "x" * 256, "a\0"])
def test_names_that_lead_elsewhere_are_refused(name: str, home: Path) -> None:
    with pytest.raises(Refused):
        make_workspace(str(home), name, None, COMMIT)
    with pytest.raises(Refused):
        make_workspace(str(home), "r1", name or "..", COMMIT)


def _edit(workspace: Path) -> None:
    (workspace / "d/a").write_text("2")


def _add(workspace: Path) -> None:
    (workspace / "d/new").touch()


def _add_folder(workspace: Path) -> None:
    (workspace / "empty").mkdir()


def _remove(workspace: Path) -> None:
    (workspace / "d/a").unlink()


def _turn_to_link(workspace: Path) -> None:
    (workspace / "run").unlink()
    (workspace / "run").symlink_to("d/a")


def _point_elsewhere(workspace: Path) -> None:
    (workspace / "l").unlink()
    (workspace / "l").symlink_to("run")


def _make_program(workspace: Path) -> None:
    (workspace / "d/a").chmod(0o755)


def _add_pipe(workspace: Path) -> None:
    (workspace / "d/a").unlink()
    os.mkfifo(workspace / "d/a")


@pytest.mark.parametrize(
    "change", [_edit, _add, _add_folder, _remove, _turn_to_link, _point_elsewhere, _make_program, _add_pipe]
)
def test_what_was_changed_stays(change: Callable[[Path], None], home: Path) -> None:
    make_workspace(str(home), "r1", None, COMMIT)
    change(home / "runs/r1/workspace")
    answer = release(str(home), "r1", COMMIT)

    assert answer == {"stay": [f"{home}/runs/r1/workspace"]}
    assert (home / "runs/r1/workspace").is_dir()


def test_what_is_as_the_commit_says_goes_with_its_empty_folders(home: Path) -> None:
    make_workspace(str(home), "r1", None, COMMIT)
    make_workspace(str(home), "r1", "r1-a-1-1", COMMIT)
    make_workspace(str(home), "r2", None, COMMIT)

    assert release(str(home), "r1", COMMIT) == {"stay": []}
    assert [path.name for path in (home / "runs").iterdir()] == ["r2"]
    assert release(str(home), "never", COMMIT) == {"stay": []}


def test_a_content_of_the_same_size_is_told_apart(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_workspaces, "PIECE_BYTES", 4)
    (home / "cache/trees" / COMMIT / "d/a").write_text("12345678")
    make_workspace(str(home), "r1", None, COMMIT)
    (home / "runs/r1/workspace/d/a").write_text("1234567x")

    assert release(str(home), "r1", COMMIT)["stay"]
