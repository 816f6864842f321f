"""A plan is made of two commits of a real repository, through objects alone."""

from dataclasses import replace

import pytest

from chainwright.daemon.core.plan.policy import PATH as POLICY_PATH
from chainwright.daemon.core.plan.policy import Agreement, Policy
from chainwright.daemon.core.plan.risks import Risk
from chainwright.daemon.core.plan.text import as_text
from chainwright.daemon.core.plan.version import Surroundings
from chainwright.daemon.sources.plan import NOTHING, plan_of
from chainwright.daemon.sources.repository import UnknownRef

AROUND = Surroundings(now=1_774_000_000.0)
ONE = "agents: {a: {run: ./one.sh}}"
TWO = "agents: {a: {run: ./two.sh}}"


def test_two_commits_are_compared(work, repository):
    base, head = work.commit(chain=ONE), work.commit(chain=TWO)

    plan = plan_of(repository, base, head, AROUND)

    assert [(one.kind, one.id) for one in plan.chains] == [("changed", "chain")]
    assert (plan.base.commit, plan.head.commit) == (base, head)
    assert plan.notes == ()


def test_without_a_base_everything_is_new(work, repository):
    plan = plan_of(repository, None, work.commit(chain=ONE), AROUND)

    assert [(one.kind, one.id) for one in plan.chains] == [("added", "chain")]
    assert plan.base.revision == NOTHING


def test_the_schemas_that_chains_name_are_those_of_each_commit(work, repository):
    typed = f"events: {{e: schemas/e.json}}\n{ONE}"
    base = work.commit(chain=ONE)
    work.write("schemas/e.json", "{}")
    typing = work.commit(chain=typed)
    work.write("schemas/e.json", "[]")
    breaking = work.commit()

    found = [plan_of(repository, base, head, AROUND).diagnostics for head in (typing, breaking)]

    assert [[one.rule for one in diagnostics] for diagnostics in found] == [[], ["schema-unusable"]]


@pytest.mark.parametrize("revision", ["-x", "--output=/tmp/x", "nowhere", "", "main\n", "\x1b[31m", "0" * 40])
def test_what_git_cannot_name_is_refused(work, repository, revision):
    head = work.commit(chain=ONE)

    with pytest.raises(UnknownRef):
        plan_of(repository, revision, head, AROUND)
    with pytest.raises(UnknownRef):
        plan_of(repository, head, revision, AROUND)


def test_a_branch_that_fell_behind_is_told(work, repository):
    """Two trees are compared as they are: what the base got since then looks taken away."""
    work.commit(chain=ONE)
    work.git("branch", "feature")
    work.commit(other=ONE)

    plan = plan_of(repository, "main", "feature", AROUND)

    assert [(one.kind, one.id) for one in plan.chains] == [("removed", "other")]
    assert "holds commits that" in as_text(plan)


def test_a_pull_request_is_held_against_the_common_commit(work, repository):
    fork = work.commit(chain=ONE)
    work.git("branch", "feature")
    work.commit(other=ONE)

    plan = plan_of(repository, "main", "feature", AROUND, from_common=True)

    assert plan.is_empty
    assert plan.base.commit == fork


def test_two_histories_without_a_common_commit(work, repository):
    work.commit(chain=ONE)
    work.git("checkout", "--quiet", "--orphan", "other")
    work.commit(chain=TWO)

    assert "no commit in common" in as_text(plan_of(repository, "main", "other", AROUND))
    with pytest.raises(UnknownRef, match="no commit in common"):
        plan_of(repository, "main", "other", AROUND, from_common=True)


def test_a_base_that_does_not_load_is_compared_as_far_as_it_can_be_read(work, repository):
    base = work.commit(chain="agents: {a: {run: ./one.sh, runs: x}}", broken="agents: [")
    head = work.commit(chain=TWO, broken=ONE)

    plan = plan_of(repository, base, head, AROUND)

    assert [(one.kind, one.id) for one in plan.chains] == [("added", "broken"), ("changed", "chain")]
    assert not plan.base.is_valid
    assert "does not load" in as_text(plan)


def test_a_tree_that_is_too_large_is_told_not_raised(work, repository):
    base = work.commit(chain=ONE)
    work.write("workflows/large.yaml", b"#" * (300 << 10))

    plan = plan_of(repository, base, work.commit(), AROUND)

    assert not plan.head.is_valid
    assert "large.yaml has 307,200 bytes" in plan.diagnostics[0].message


def test_a_file_that_becomes_a_program_is_a_change(work, repository):
    work.write("tool", "#!/bin/sh\n")
    base = work.commit(chain=ONE)
    work.write("tool", "#!/bin/sh\n", mode=0o755)

    plan = plan_of(repository, base, work.commit(), AROUND)

    assert [(one.kind, one.path) for one in plan.files] == [("changed", "tool")]


ASKS_ADA = "approvals: {low: {by: ada}}"
ASKS_EVE = "approvals: {low: {by: eve}}"
WITH_SECRET = "agents: {a: {run: ./one.sh, secrets: [KEY]}}"


def asked(plan):
    return [needed.by for needed in plan.approvals]


def test_the_policy_of_the_base_judges_and_not_that_of_the_change(work, repository):
    work.write(POLICY_PATH, ASKS_ADA)
    base = work.commit(chain=ONE)
    work.write(POLICY_PATH, ASKS_EVE)
    head = work.commit(chain=WITH_SECRET)

    plan = plan_of(repository, base, head, AROUND)

    assert asked(plan) == [("ada",)]
    assert {one.rule for one in plan.widening} == {"policy-changed", "secret-added"}


def test_a_pull_request_is_judged_by_the_tip_of_its_base(work, repository):
    """Who forked before the policy came is held to it all the same."""
    work.commit(chain=ONE)
    work.git("checkout", "--quiet", "-b", "feature")
    work.commit(chain=WITH_SECRET)
    work.git("checkout", "--quiet", "main")
    work.write(POLICY_PATH, ASKS_ADA)
    work.commit()

    plan = plan_of(repository, "main", "feature", AROUND, from_common=True)

    assert asked(plan) == [("ada",)]


def test_the_daemons_policy_counts_beside_that_of_the_base(work, repository):
    work.write(POLICY_PATH, ASKS_ADA)
    base = work.commit(chain=ONE)
    own = Policy(origin="the daemon's configuration", approvals={Risk.HIGH: Agreement(by=("root",))})

    plan = plan_of(repository, base, work.commit(chain=WITH_SECRET), replace(AROUND, policies=(own,)))

    assert asked(plan) == [("root",), ("ada",)]


@pytest.mark.parametrize("broken", ["approvals: [", "approvals: {high: {by: []}}"])
def test_a_policy_of_the_base_that_cannot_be_read_asks_a_person(work, repository, broken):
    work.write(POLICY_PATH, broken)
    base = work.commit(chain=ONE)

    plan = plan_of(repository, base, work.commit(chain=TWO), AROUND)

    assert asked(plan) == [()]


def test_a_link_in_place_of_the_policy_cannot_be_read(work, repository):
    (work.path / POLICY_PATH).parent.mkdir()
    work.link(POLICY_PATH, "/dev/null")
    base = work.commit(chain=ONE)

    plan = plan_of(repository, base, work.commit(chain=TWO), AROUND)

    assert asked(plan) == [()]


def test_a_change_that_breaks_the_policy_does_not_load(work, repository):
    base = work.commit(chain=ONE)
    work.write(POLICY_PATH, "levels: {secret-aded: low}")

    plan = plan_of(repository, base, work.commit(), AROUND)

    assert not plan.head.is_valid
    assert [one.path for one in plan.diagnostics] == [POLICY_PATH]
