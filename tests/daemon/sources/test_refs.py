"""Reading the refs of a real git repository, and what lies between two commits."""

import os
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.sources.refs import stamp
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.trees import SourceError

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


def test_branches_tags_and_heads_of_pull_requests_lead_to_commits(work: Work, repository: Repository) -> None:
    first, second = work.commit(a="1"), work.commit(a="2")
    work.git("tag", "--annotate", "v1", "--message", "one", first)
    work.git("tag", "of-a-tree", f"{first}^{{tree}}")
    for ref in ("refs/heads/a/b", "refs/pull/7/head", "refs/merge-requests/8/head", "refs/notes/x"):
        work.git("update-ref", ref, first)
    work.git("pack-refs", "--all")

    assert repository.refs() == {
        "refs/heads/a/b": first,
        "refs/heads/main": second,
        "refs/merge-requests/8/head": first,
        "refs/pull/7/head": first,
        "refs/tags/v1": first,
    }


def test_a_repository_without_commits_has_no_refs(work: Work, repository: Repository) -> None:
    assert repository.refs() == {}


@pytest.mark.parametrize(
    "words",
    [
        ("commit", "--quiet", "--allow-empty", "--message", "x"),
        ("update-ref", "refs/heads/new/branch", "HEAD"),
        ("tag", "v2"),
        ("update-ref", "-d", "refs/tags/v1"),
        ("pack-refs", "--all"),
    ],
)
def test_the_stamp_changes_with_any_ref(work: Work, words: tuple[str, ...]) -> None:
    work.commit(a="1")
    work.git("tag", "v1")
    folder = work.path / ".git"
    _age(folder)
    before = stamp(folder)
    assert before == stamp(folder)
    work.git(*words)

    assert (before[1], stamp(folder)[1]) == (True, False), "only what has rested for a while can be relied on"
    assert stamp(folder)[0] != before[0]


def _age(folder: Path) -> None:
    for path in (folder / "refs").rglob("*"):
        os.utime(path, (1e9, 1e9))
    os.utime(folder / "refs", (1e9, 1e9))


def test_paths_that_differ_are_those_of_both_ends(work: Work, repository: Repository) -> None:
    before = work.commit(kept="1", changed="1", renamed="a long enough text to be recognised")
    work.git("mv", "workflows/renamed.yaml", "workflows/näme with space.yaml")
    after = work.commit(changed="2", added="1")

    assert repository.differing_paths(before, after) == [
        "workflows/added.yaml",
        "workflows/changed.yaml",
        "workflows/näme with space.yaml",
        "workflows/renamed.yaml",
    ]
    with pytest.raises(SourceError):
        repository.differing_paths("f" * 40, after)


def test_a_message_is_the_whole_text_cut_where_it_is_very_long(work: Work, repository: Repository) -> None:
    work.git("commit", "--quiet", "--allow-empty", "--message", "Tidy", "--message", "a" * 5_000)
    told = repository.message(work.git("rev-parse", "HEAD").strip())

    assert told.startswith("Tidy\n\naaa")
    assert len(told) == 4_000
