"""Commits become deployments, all or nothing."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.graph import Agent, Chain, digest
from chainwright.daemon.definition.named_files import ReadFile
from chainwright.daemon.sources.deployment import Deployed, LoadedTree, Refused, deploy
from chainwright.daemon.sources.repository import Repository, RepositoryGone

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


def load(files: Mapping[str, bytes], read: ReadFile, folder: str) -> LoadedTree:
    """Each file is a chain whose description is its content; one that says "bad" spoils the tree."""
    chains = {path: Chain(id=path, name=path, description=content.decode()) for path, content in files.items()}
    bad = tuple(f"{path}:1:1: error: bad" for path, content in files.items() if content == b"bad")
    return LoadedTree(chains=chains, diagnostics=bad, ok=not bad)


def test_a_good_tree_is_deployed_and_marked(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1", b="2")

    deployed = deploy(repository, commit, load, environment="staging")

    assert isinstance(deployed, Deployed)
    assert sorted(deployed.chains) == sorted(deployed.digests) == ["workflows/a.yaml", "workflows/b.yaml"]
    assert deployed.unmarked == ""
    assert work.git("rev-parse", "refs/chains/deployed/staging") == commit


def test_one_bad_file_refuses_the_whole_tree_and_marks_nothing(work: Work, repository: Repository) -> None:
    good = work.commit(a="1")
    deploy(repository, good, load)
    bad = work.commit(b="bad")

    refused = deploy(repository, bad, load)

    assert refused == Refused(commit=bad, diagnostics=("workflows/b.yaml:1:1: error: bad",))
    assert work.git("rev-parse", "refs/chains/deployed/main") == good


def test_an_oversized_file_refuses_the_tree(work: Work, repository: Repository) -> None:
    refused = deploy(repository, work.commit(a="x" * 300_000), load)

    assert isinstance(refused, Refused)
    assert refused.diagnostics[0].startswith("workflows/a.yaml:1:1: error: the file has 300,000 bytes")


def test_the_hash_is_over_what_the_chains_mean(work: Work, repository: Repository) -> None:
    first = deploy(repository, work.commit(a="1"), load)
    work.write("README.md", "not a chain")
    same = deploy(repository, work.commit(), load)
    other = deploy(repository, work.commit(a="2"), load)

    assert isinstance(first, Deployed)
    assert isinstance(same, Deployed)
    assert isinstance(other, Deployed)
    assert first.hash == same.hash != other.hash


def test_a_ref_that_cannot_be_written_is_reported_not_fatal(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    (work.path / ".git" / "refs" / "chains").write_text("in the way")

    deployed = deploy(repository, commit, load)

    assert isinstance(deployed, Deployed)
    assert "refs/chains" in deployed.unmarked


def test_a_vanished_repository_says_nothing_about_the_commit(repository: Repository, work: Work) -> None:
    commit = work.commit(a="1")
    work.path.rename(work.path.with_name("elsewhere"))
    with pytest.raises(RepositoryGone):
        deploy(repository, commit, load)


def test_a_digest_is_the_same_in_every_process() -> None:
    program = (
        "from chainwright.daemon.core.graph import Agent, Chain\n"
        "from chainwright.daemon.core.graph import digest\n"
        "print(digest(Chain(id='a', name='a', agents={'x': Agent(id='x')})))"
    )
    source = str(Path(__file__).parents[3] / "src")
    here = digest(Chain(id="a", name="a", agents={"x": Agent(id="x")}))
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": source}
        ran = subprocess.run(
            [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True, timeout=60
        )

        assert ran.stdout.strip() == here


def test_a_loader_reads_other_files_of_the_same_commit(work: Work, repository: Repository) -> None:
    work.write("schemas/x.json", "old")
    commit = work.commit(a="1")
    work.write("schemas/x.json", "new")
    work.commit()
    found: list[bytes] = []

    def reading(files: Mapping[str, bytes], read: ReadFile, folder: str) -> LoadedTree:
        found.append(read("schemas/x.json"))
        return load(files, read, folder)

    deploy(repository, commit, reading)

    assert found == [b"old"]
