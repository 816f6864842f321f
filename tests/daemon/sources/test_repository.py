"""Reading a real git repository."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.sources.repository import Repository, RepositoryGone, UnknownRef
from chainwright.daemon.sources.trees import DEFINITION_BOUNDS, SourceError, TreeRefused

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


def test_the_head_is_the_tip_of_the_current_branch_or_of_the_named_one(work: Work, repository: Repository) -> None:
    first = work.commit(a="1")
    work.git("switch", "--quiet", "--create", "next")
    second = work.commit(a="2")

    assert repository.head() == second
    assert repository.head("main") == first


def test_a_new_commit_is_seen_by_the_open_repository(work: Work, repository: Repository) -> None:
    for content in "123":
        commit = work.commit(a=content)

        assert repository.head() == repository.head("main") == commit


def test_packed_refs_are_read(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    work.git("pack-refs", "--all")

    assert repository.head("main") == commit


def test_a_bare_repository_is_read_too(
    work: Work, tmp_path: Path, open_repository: Callable[[Path], Repository]
) -> None:
    commit = work.commit(a="1")
    work.git("clone", "--quiet", "--bare", str(work.path), str(tmp_path / "bare.git"))
    bare = open_repository(tmp_path / "bare.git")

    assert bare.head() == commit
    assert bare.files(commit, "workflows") == {"workflows/a.yaml": b"1"}


def test_branches_tags_and_short_ids_are_resolved(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    work.git("tag", "--annotate", "v1", "--message", "one")

    assert {repository.resolve(ref) for ref in ("main", "v1", commit, commit[:8], "HEAD")} == {commit}


@pytest.mark.parametrize("ref", ["nowhere", "-v", "--output=/tmp/x", "", "a\nb", "f" * 40])
def test_what_names_no_commit_is_an_unknown_ref(work: Work, repository: Repository, ref: str) -> None:
    work.commit(a="1")
    with pytest.raises(UnknownRef):
        repository.resolve(ref)


def test_a_repository_without_a_commit_has_no_head(work: Work, repository: Repository) -> None:
    with pytest.raises(UnknownRef, match="no commit at"):
        repository.head()
    with pytest.raises(UnknownRef):
        repository.head("main")


def test_a_tree_lists_files_links_and_submodules(work: Work, repository: Repository) -> None:
    work.write("run.sh", "echo", mode=0o755)
    work.write("folder/ä b.txt", "text")
    work.link("link", "run.sh")
    work.commit()
    work.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    work.git("commit", "--quiet", "--message", "a submodule")
    commit = work.git("rev-parse", "HEAD")

    entries = {entry.path: (entry.kind, entry.is_executable, entry.size) for entry in repository.tree(commit)}

    assert entries == {
        "run.sh": ("file", True, 4),
        "folder/ä b.txt": ("file", False, 4),
        "link": ("link", False, 6),
        "module": ("submodule", False, 0),
    }


def test_files_are_those_below_the_folder_at_the_commit(work: Work, repository: Repository) -> None:
    work.write("workflows/deep/b.yaml", b"\xff\0")
    work.write("workflows-not/c.yaml", "c")
    work.link("workflows/link.yaml", "a.yaml")
    first = work.commit(a="1")
    work.commit(a="2")

    assert repository.files(first, "workflows") == {"workflows/a.yaml": b"1", "workflows/deep/b.yaml": b"\xff\0"}
    assert repository.files(first, "nowhere") == {}


def test_blobs_once_read_need_no_repository(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    blobs = [entry.blob for entry in repository.tree(commit)]
    before = repository.blobs(blobs)
    shutil.rmtree(work.path)

    assert repository.blobs(blobs) == before == {blobs[0]: b"1"}


def test_a_file_too_large_for_a_definition_is_refused(work: Work, repository: Repository) -> None:
    commit = work.commit(a="x" * (DEFINITION_BOUNDS.file_bytes + 1))
    with pytest.raises(TreeRefused, match=r"workflows/a\.yaml has 262,145 bytes"):
        repository.files(commit, "workflows")


def test_a_path_out_of_the_tree_is_refused(work: Work, repository: Repository) -> None:
    blob = work.git("hash-object", "-w", "--stdin", "--", at=work.path)
    raw = b"100644 ..\0" + bytes.fromhex(blob)
    work.write("raw", raw)
    tree = work.git("hash-object", "-w", "-t", "tree", "--literally", "raw")
    with pytest.raises(TreeRefused, match="cannot be the path"):
        repository.tree(work.git("commit-tree", tree, "-m", "evil"))


def test_a_vanished_repository_is_gone_until_it_is_back(work: Work, repository: Repository, tmp_path: Path) -> None:
    commit = work.commit(a="1")
    assert repository.head() == commit
    work.path.rename(tmp_path / "elsewhere")

    with pytest.raises(RepositoryGone, match="is not there"):
        repository.head()
    with pytest.raises(RepositoryGone):
        repository.resolve("main")

    (tmp_path / "elsewhere").rename(work.path)
    assert repository.head() == commit


def test_a_folder_that_is_no_repository_is_gone(tmp_path: Path) -> None:
    with pytest.raises(RepositoryGone, match="is not a git repository"):
        Repository(tmp_path).head()


def test_the_deployed_commit_is_marked_by_a_ref(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    repository.mark_deployed("main", commit)

    assert work.git("rev-parse", "refs/chains/deployed/main") == commit


def test_a_ref_that_cannot_be_written_is_an_error_with_gits_reason(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    (work.path / ".git" / "refs" / "chains").write_text("in the way")
    with pytest.raises(SourceError, match="refs/chains"):
        repository.mark_deployed("main", commit)


def test_no_hook_runs_when_the_ref_is_written(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    work.write(".git/hooks/reference-transaction", f"#!/bin/sh\ntouch {work.path}/ran\n", mode=0o755)
    repository.mark_deployed("main", commit)

    assert not (work.path / "ran").exists()


def test_variables_of_git_in_our_own_environment_change_nothing(
    work: Work, repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commit = work.commit(a="1")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))

    assert repository.files(repository.resolve("main"), "workflows") == {"workflows/a.yaml": b"1"}
    assert repository.head() == commit


def test_a_missing_object_is_named(work: Work, repository: Repository) -> None:
    work.commit(a="1")
    with pytest.raises(SourceError, match=f"lacks the object {'1' * 40}"):
        repository.blobs(["1" * 40])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("schemas/y.json", "there is no file schemas/y.json"),
        ("schemas", "there is no file schemas"),
        ("../x.json", "there is no file ../x.json"),
        ("link.json", "link.json is a link, which is not followed"),
        ("folder/x.json", "there is no file folder/x.json"),
        ("big.json", "big.json has 300,000 bytes; a named file has at most 262,144"),
    ],
)
def test_a_named_file_is_a_regular_one_of_the_tree(work: Work, repository: Repository, path: str, said: str) -> None:
    work.write("schemas/x.json", "{}")
    work.write("big.json", "x" * 300_000)
    work.link("link.json", "schemas/x.json")
    work.link("folder", "schemas")
    commit = work.commit()

    assert repository.named_file(commit, "schemas/x.json") == b"{}"
    with pytest.raises(Unusable) as refused:
        repository.named_file(commit, path)

    assert str(refused.value) == said
