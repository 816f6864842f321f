"""The verdict on a push: what git may take, and what the pusher reads."""

from collections.abc import Mapping
from typing import Any

import pytest

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.named_files import ReadFile
from chainwright.daemon.sources.deployment import LoadedTree
from chainwright.daemon.sources.push import Judge, Push, Update, Verdict, branches
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.source import Environment

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here
NOTHING = "0" * 40


def load(files: Mapping[str, bytes], read: ReadFile, folder: str) -> LoadedTree:
    """Each file is a chain; one that says "bad" spoils the tree."""
    chains = {path: Chain(id=path, name=path) for path in files}
    bad = tuple(f"{path}:1:1: error: bad" for path, content in files.items() if content == b"bad")
    return LoadedTree(chains=chains, diagnostics=bad, ok=not bad)


@pytest.fixture
def judged(work: Work, repository: Repository) -> Any:
    """The verdict on one update; main is deployed."""

    def judge(old: str, new: str, *options: str, ref: str = "refs/heads/main") -> Verdict:
        deployed = {"refs/heads/main": (Environment(),)}
        push = Push(updates=(Update(ref=ref, old=old, new=new),), options=options)
        return Judge(repository=repository, deployed=deployed, load=load, now=0.0).verdict(push)

    return judge


def test_a_tree_that_loads_is_taken_and_counted(work: Work, judged: Any) -> None:
    commit = work.commit(a="1", b="2")

    assert judged(NOTHING, commit) == Verdict(accepted=True, lines=(f"main: 2 chains at {commit[:12]}",))


def test_a_tree_that_does_not_load_is_refused_with_its_diagnostics(work: Work, judged: Any) -> None:
    verdict = judged(work.commit(a="1"), work.commit(a="bad"))

    assert not verdict.accepted
    assert verdict.lines[0] == "workflows/a.yaml:1:1: error: bad"


def test_a_branch_that_nothing_is_deployed_from_may_hold_anything(work: Work, judged: Any) -> None:
    assert judged(NOTHING, work.commit(a="bad"), ref="refs/heads/draft").accepted


def test_a_deploy_branch_only_goes_forward(work: Work, judged: Any) -> None:
    first = work.commit(a="1")
    second = work.commit(a="2")

    assert judged(first, second).accepted
    assert "only goes forward" in judged(second, first).lines[0]


def test_a_deploy_branch_cannot_be_deleted_and_others_can(work: Work, judged: Any) -> None:
    commit = work.commit(a="1")

    assert "cannot be deleted" in judged(commit, NOTHING).lines[0]
    assert judged(commit, NOTHING, ref="refs/heads/draft").accepted


@pytest.mark.parametrize(
    "ref", ["refs/heads/-x", "refs/heads/--output=x", "refs/chains/deployed/main", "refs/heads/a\\udcff", "HEAD"]
)
def test_a_ref_that_is_none_of_the_pushers_is_refused(work: Work, judged: Any, ref: str) -> None:
    verdict = judged(NOTHING, work.commit(a="1"), ref=ref)

    assert not verdict.accepted
    assert "is not taken" in verdict.lines[0]


def test_plan_only_tells_what_would_be_and_takes_nothing(work: Work, judged: Any) -> None:
    verdict = judged(NOTHING, work.commit(a="1"), "plan-only")

    assert not verdict.accepted
    assert verdict.lines[0].startswith("main: 1 chain at ")
    assert verdict.lines[-1].startswith("plan only")


def test_an_unknown_option_is_refused_with_those_that_there_are(work: Work, judged: Any) -> None:
    assert "plan-only, message=" in judged(NOTHING, work.commit(a="1"), "planonly").lines[0]


def test_one_bad_update_refuses_all(work: Work, repository: Repository) -> None:
    commit = work.commit(a="1")
    good = Update(ref="refs/heads/main", old=NOTHING, new=commit)
    bad = Update(ref="refs/heads/-x", old=NOTHING, new=commit)
    judge = Judge(repository=repository, deployed={"refs/heads/main": (Environment(),)}, load=load, now=0.0)

    assert not judge.verdict(Push(updates=(good, bad))).accepted


def test_an_environment_without_a_branch_is_deployed_from_the_one_that_head_names(repository: Repository) -> None:
    named, unnamed = Environment(name="s", branch="next"), Environment(name="m")

    assert branches([named, unnamed], repository) == {"refs/heads/next": (named,), "refs/heads/main": (unnamed,)}
