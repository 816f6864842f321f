"""The last commit that loaded whole stays in force, through bad commits, restarts and the loss of its repository."""

import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.loading import load_tree
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.store.sqlite import SqliteStore

SAY = "agents:\n  say:\n    run: echo one\n"
BAD = "agents:\n  say:\n    runs: echo\n"


class Work:
    """A repository to commit to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *who, *arguments], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, **chains: str) -> str:
        for name, text in chains.items():
            (self.path / "workflows").mkdir(exist_ok=True)
            (self.path / "workflows" / f"{name}.yaml").write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path / "chains")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    found = SqliteStore(tmp_path / "store.db")
    await found.open()
    yield found
    await found.close()


@pytest.fixture
async def opened(work: Work, store: SqliteStore) -> AsyncIterator[Callable[[], Any]]:
    """Makes Deployments as a daemon that has just started does, which it may do several times."""
    repository = Repository(work.path)
    told: list[Any] = []

    async def deployed(what: Deployments) -> None:
        told.append(sorted(what.chains))

    async def make() -> Deployments:
        made = Deployments(
            store,
            repository,
            name="chains",
            organization="default",
            environment="main",
            load=load_tree,
            clock=lambda: 7.0,
            deployed=deployed,
        )
        await made.open()
        return made

    yield make
    repository.close()


async def test_a_commit_that_loads_is_in_force_with_all_its_chains(work: Work, opened: Any) -> None:
    deployments, commit = await opened(), work.commit(say=SAY, other=SAY)

    await deployments.deploy(commit)

    told = await deployments.described()
    assert (told["commit"], told["chains"], told["deployed_at"]) == (commit, ["other", "say"], 7.0)


async def test_a_commit_that_does_not_load_changes_nothing_and_is_remembered(work: Work, opened: Any) -> None:
    deployments = await opened()
    good, bad = work.commit(say=SAY), work.commit(other=BAD)
    await deployments.deploy(good)

    await deployments.deploy(bad)

    told = await deployments.described()
    assert (told["commit"], told["chains"]) == (good, ["say"])
    assert told["refused"]["commit"] == bad
    assert all(line.startswith("workflows/other.yaml:") for line in told["refused"]["diagnostics"])


async def test_a_restart_finds_what_was_in_force_without_the_repository(work: Work, opened: Any) -> None:
    commit = work.commit(say=SAY)
    await (await opened()).deploy(commit)
    shutil.rmtree(work.path)

    again = await opened()

    pinned = await again.pinned("say", ref=None)
    assert (pinned.commit, list(pinned.chain.agents)) == (commit, ["say"])


async def test_a_chain_as_of_another_commit_leaves_what_is_in_force(work: Work, opened: Any) -> None:
    deployments = await opened()
    first = work.commit(say=SAY)
    work.git("tag", "v1")
    second = work.commit(say=SAY.replace("one", "two"))
    await deployments.deploy(second)

    pinned = await deployments.pinned("say", ref="v1")

    assert pinned.commit == first
    assert (await deployments.pinned("say", ref=None)).commit == second


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("sai", None), Code.NOT_FOUND, 'did you mean "say"?'),
        (("say", "nowhere"), Code.NOT_FOUND, "nowhere"),
        (("say", "bad"), Code.INVALID_DEFINITION, "workflows/say.yaml:3:"),
    ],
)
async def test_what_cannot_be_pinned_says_why(
    work: Work, opened: Any, asked: tuple[str, str | None], code: Code, said: str
) -> None:
    deployments = await opened()
    await deployments.deploy(work.commit(say=SAY))
    work.commit(say=BAD)
    work.git("tag", "bad")
    chain, ref = asked

    with pytest.raises(Refusal) as refused:
        await deployments.pinned(chain, ref=ref)

    assert refused.value.code == code
    assert said in str(refused.value)


async def test_with_nothing_in_force_the_newest_commits_fault_is_the_reason(work: Work, opened: Any) -> None:
    deployments = await opened()
    await deployments.deploy(work.commit(say=BAD))

    with pytest.raises(Refusal, match=r"workflows/say\.yaml:3:") as refused:
        await deployments.pinned("say", ref=None)

    assert refused.value.code == Code.NOT_DEPLOYED
