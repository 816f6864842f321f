"""Policies say who has to agree to what, and what no change may do."""

from chainwright.daemon.core.plan.judging import Request, levelled, needed_approvals, violations
from chainwright.daemon.core.plan.policy import Agreement, OwnerRule, Policy, Restriction, unreadable
from chainwright.daemon.core.plan.report import FileChange, Finding
from chainwright.daemon.core.plan.risks import WIDENINGS, Risk
from chainwright.daemon.core.plan.sentences import said
from chainwright.daemon.testing import agent_of, chain_of

SECURITY, MAINTAINERS = Agreement(by=("team:security",), count=2), Agreement(by=("team:maintainers",))
FILE = FileChange(kind="changed", path="agents/deploy.py")


def finding(rule: str) -> Finding:
    return Finding(rule=rule, risk=WIDENINGS[rule].risk, what=said("x"), why="", chain="c", agent="a")


def people(findings, policy, files=()):
    return [(one.by, one.count) for one in needed_approvals(findings, files, [policy])]


def test_a_level_needs_what_is_said_for_it():
    policy = Policy(origin="here", approvals={Risk.HIGH: SECURITY, Risk.MEDIUM: MAINTAINERS})

    assert people([finding("secret-added")], policy) == [(("team:security",), 2)]
    assert people([finding("budget-raised")], policy) == [(("team:maintainers",), 1)]
    assert people([finding("time-out-raised")], policy) == []


def test_a_level_that_is_not_mentioned_needs_what_the_next_lower_one_needs():
    policy = Policy(origin="here", approvals={Risk.LOW: MAINTAINERS})

    assert people([finding("secret-added")], policy) == [(("team:maintainers",), 1)]


def test_without_a_policy_nobody_has_to_agree():
    assert needed_approvals([finding("secret-added")], [FILE], []) == ()


def test_a_policy_gives_a_kind_another_level():
    policy = Policy(origin="here", approvals={Risk.HIGH: SECURITY}, levels={"time-out-raised": Risk.HIGH})

    assert people([finding("time-out-raised")], policy) == [(("team:security",), 2)]
    assert [one.risk for one in levelled([finding("time-out-raised")], [policy])] == [Risk.HIGH]


def test_of_two_policies_the_stricter_level_is_shown():
    strict, lax = (Policy(origin="x", levels={"secret-added": level}) for level in (Risk.HIGH, Risk.LOW))

    assert [one.risk for one in levelled([finding("secret-added")], [lax, strict])] == [Risk.HIGH]
    assert [one.risk for one in levelled([finding("secret-added")], [lax])] == [Risk.LOW]


def test_each_group_is_asked_once_with_the_largest_number_and_every_reason():
    policy = Policy(
        origin="here",
        approvals={Risk.HIGH: SECURITY},
        owners=(OwnerRule(files=("agents/**",), agreement=Agreement(by=("team:security",))),),
    )
    (needed,) = needed_approvals([finding("secret-added"), finding("approval-removed")], [FILE], [policy])

    assert (needed.by, needed.count, len(needed.because)) == (("team:security",), 2, 3)


def test_the_daemons_policy_and_that_of_the_base_both_count():
    policies = [
        Policy(origin="a", approvals={Risk.HIGH: SECURITY}),
        Policy(origin="b", approvals={Risk.LOW: MAINTAINERS}),
    ]

    assert len(needed_approvals([finding("secret-added")], [], policies)) == 2


def test_a_policy_that_cannot_be_read_asks_a_person_about_everything():
    assert people([finding("time-out-raised")], unreadable("here")) == [((), 1)]
    assert people([], unreadable("here"), [FILE]) == [((), 1)]


def test_a_secret_is_kept_to_files_and_branches():
    policy = Policy(
        origin="here", secrets=(Restriction(names=("DEPLOY_*",), files=("workflows/deploy/**",), branches=("main",)),)
    )
    agent = agent_of("push", secrets=("DEPLOY_KEY",))
    inside, outside = (chain_of(agent, path=path) for path in ("workflows/deploy/a.yaml", "workflows/a.yaml"))

    def broken(chain, branch, secret="DEPLOY_KEY"):
        return len(violations([Request(chain=chain, agent=agent, secrets=(secret,))], branch, [policy]))

    assert (broken(inside, "main"), broken(outside, "main"), broken(outside, "feature")) == (0, 1, 2)
    assert broken(outside, "") == 1
    assert broken(outside, "feature", "OTHER") == 0


HOSTS = Policy(
    origin="here", hosts=(Restriction(names=("prod-*",), files=("workflows/deploy/**",), branches=("main",)),)
)


def asking(*labels: str, path: str = "workflows/a.yaml") -> Request:
    agent = agent_of("a", runs_on=labels)
    return Request(chain=chain_of(agent, id="c", path=path), agent=agent, labels=labels)


def test_labels_of_hosts_are_for_some_chains_and_branches():
    assert [str(one) for one in violations([asking("prod-1")], "main", [HOSTS])] == [
        '"c": "a" may not run on "prod-1", which is for chains of "workflows/deploy/**" ("here")'
    ]
    assert violations([asking("prod-1", path="workflows/deploy/x.yaml")], "main", [HOSTS]) == ()
    assert len(violations([asking("prod-1", path="workflows/deploy/x.yaml")], "dev", [HOSTS])) == 1
    assert violations([asking("gpu", "local")], "dev", [HOSTS]) == ()


def test_a_label_that_only_a_run_knows_has_to_fit_every_rule():
    assert len(violations([asking("${{ inputs.where }}")], "main", [HOSTS])) == 1
