"""What keeps a tree from being deployed, and what may stand in it."""

from typing import Any

import pytest

from chainwright.daemon.sources.deployment import LoadedTree, Refused, compiled
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.screening import screened
from chainwright.daemon.sources.trees import TreeEntry

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


def entry(path: str, kind: Any = "file", size: int = 1) -> TreeEntry:
    return TreeEntry(path=path, kind=kind, is_executable=False, blob="b", size=size)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (entry("workflows/a.yaml", "link"), "workflows/a.yaml:1:1: error: a symbolic link is not followed"),
        (entry("workflows/sub", "submodule"), "workflows/sub:1:1: error: a submodule is not followed"),
        (entry("vendor/sub", "submodule"), "vendor/sub:1:1: error: a submodule is not followed"),
        (entry("docs/out", "link"), "docs/out:1:1: error: docs/out is a link that leaves the tree"),
        (entry("workflows/a\nb.yaml"), r"workflows/a\nb.yaml:1:1: error: the name holds characters"),
        (entry("workflows/\udcff.yaml"), r"workflows/\xff.yaml:1:1: error: the name holds characters"),
        (entry("workflows/a.yaml", size=50 << 20), "workflows/a.yaml:1:1: error: the file has 52,428,800 bytes"),
        (entry("data/all", size=65 << 20), ".:1:1: error: data/all has"),
    ],
)
def test_what_may_not_stand_in_a_tree_is_told_with_its_path(wrong: TreeEntry, said: str) -> None:
    found = screened([entry("workflows/fine.yaml"), wrong], "workflows", lambda _: "../../etc")

    assert len(found) >= 1
    assert found[0].startswith(said)
    assert found[0].isprintable()


def test_links_inside_and_odd_names_elsewhere_may_stand() -> None:
    entries = [entry("workflows/a.yaml"), entry("docs/here", "link"), entry("docs/\udcff")]

    assert screened(entries, "workflows", lambda _: "there") == []


def test_too_many_definitions_are_one_diagnostic() -> None:
    entries = [entry(f"workflows/{number}.yaml") for number in range(2_001)]

    assert screened(entries, "workflows", str) == ["workflows:1:1: error: more than 2,000 files [tree]"]


def test_folders_within_folders_without_end_are_given_up(work: Work, repository: Repository) -> None:
    """Twelve levels of sixteen times the same folder: a quarter of a billion of files in a few objects."""
    commit = work.commit(a="1")
    made = work.git("rev-parse", f"{commit}:workflows")
    for _ in range(12):
        lines = "".join(f"040000 tree {made}\tf{number:02}\n" for number in range(16))
        made = work.git("mktree", input=lines)
    bomb = work.git("commit-tree", "-m", "bomb", made)

    refused = compiled(repository, bomb, lambda *_: LoadedTree(chains={}, diagnostics=(), ok=True))

    assert isinstance(refused, Refused)
    assert "more than 50,000 files" in refused.diagnostics[0]
