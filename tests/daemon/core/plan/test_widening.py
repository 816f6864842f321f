"""Each kind of widening is found where it is, and nothing that narrows is one."""

from dataclasses import replace

import pytest

from chainwright.daemon.core.graph import (
    Agent,
    Approval,
    Check,
    Concurrency,
    Input,
    Limits,
    Listen,
    Retry,
    Schedule,
    TurnLimits,
    Verify,
    Webhook,
)
from chainwright.daemon.core.listening import ChainTrigger, EventTrigger, PullRequestTrigger, PushTrigger
from chainwright.daemon.core.plan.comparing import compared
from chainwright.daemon.core.plan.risks import WIDENINGS
from chainwright.daemon.core.plan.version import Surroundings, Version
from chainwright.daemon.core.plan.widening import is_pinned, widened
from chainwright.daemon.core.plan.widening_of_chains import widened_chain
from chainwright.daemon.testing import agent_of, chain_of

PINNED = "git+https://example.org/x//agent@" + "0123456789abcdef" * 2 + "01234567"
HOLDS = agent_of("a", secrets=("KEY",), script="./a.sh", needs=("review",))
LISTENS = replace(HOLDS, needs=(), listens=Listen(mode="all", names=("x", "y")))
ASKS = agent_of("a", approval=Approval(by=("ada", "bob"), count=2, timeout_s=3_600.0))


def agent(**fields) -> Agent:
    return agent_of("a", **fields)


def asks(**fields) -> Agent:
    assert ASKS.approval is not None
    return replace(ASKS, approval=replace(ASKS.approval, **fields))


AGENTS = [
    ("secret-added", agent(), agent(secrets=("KEY",))),
    ("secret-added", None, agent(secrets=("KEY",))),
    ("secret-added", agent(secrets=("KEY",)), agent(secrets=("KEY", "MORE"))),
    ("command-changed", HOLDS, replace(HOLDS, script="./b.sh")),
    ("command-changed", HOLDS, replace(HOLDS, env={"PATH": "/tmp"})),
    ("command-changed", HOLDS, replace(HOLDS, shell=("python3",))),
    ("command-changed", HOLDS, replace(HOLDS, with_={"prompt-file": "x.md"})),
    ("command-changed", HOLDS, replace(HOLDS, working_directory="other")),
    ("secrets-elsewhere", HOLDS, replace(HOLDS, runs_on=("gpu",))),
    ("host-changed", agent(), agent(runs_on=("gpu",))),
    ("host-changed", agent(runs_on=("gpu",)), agent()),
    ("host-changed", agent(runs_on=("gpu", "eu")), agent(runs_on=("gpu",))),
    ("gate-removed", HOLDS, replace(HOLDS, needs=())),
    ("gate-removed", LISTENS, replace(LISTENS, listens=Listen(mode="any", names=("x", "y")))),
    ("gate-removed", LISTENS, replace(LISTENS, listens=Listen(mode="all", names=("x", "y", "z")))),
    ("gate-removed", LISTENS, replace(LISTENS, listens=Listen(mode="all", names=("x",)))),
    ("gate-removed", LISTENS, replace(LISTENS, listens=None)),
    ("condition-changed", HOLDS, replace(HOLDS, condition="always()")),
    ("approval-removed", ASKS, replace(ASKS, approval=None)),
    ("approval-fewer", ASKS, asks(count=1)),
    ("approval-others", ASKS, asks(by=("ada", "eve"))),
    ("approval-others", ASKS, asks(by=())),
    ("approval-longer", ASKS, asks(timeout_s=7_200.0)),
    ("approval-longer", ASKS, asks(timeout_s=None)),
    ("approval-by-time", ASKS, asks(on_timeout="approve")),
    ("approval-by-time", asks(on_timeout="approve"), asks(on_timeout="approve", timeout_s=60.0)),
    ("time-out-raised", agent(), agent(timeout_s=7_200.0)),
    ("time-out-raised", agent(idle_timeout_s=60.0), agent()),
    ("turns-raised", agent(max_turns=2), agent(max_turns=3)),
    ("turns-raised", agent(max_turns=2), agent()),
    ("retry-raised", agent(), agent(retry=Retry(max=1))),
    ("check-removed", agent(checks=(Check(script="x"),)), agent()),
    ("check-removed", agent(checks=(Check(script="x"),)), agent(checks=(Check(script="true"),))),
    ("check-removed", agent(checks=(Check(assertion="true"),)), agent(checks=(Check(assertion="false"),))),
    ("budget-raised", agent(limits=TurnLimits(events=1)), agent(limits=TurnLimits(events=2))),
    ("budget-raised", agent(limits=TurnLimits(duration_s=60.0)), agent()),
    ("limit-softened", agent(limits=TurnLimits(events=1)), agent(limits=TurnLimits(events=1, on_limit="notify"))),
    ("failure-forgiven", agent(), agent(continue_on_error=True)),
    ("concurrency-loosened", agent(concurrency=Concurrency(group="g")), agent()),
    ("concurrency-loosened", agent(concurrency=Concurrency(group="g")), agent(concurrency=Concurrency(group="h"))),
    (
        "concurrency-loosened",
        agent(concurrency=Concurrency(group="g")),
        agent(concurrency=Concurrency(group="g", max=2)),
    ),
    ("concurrency-loosened", agent(), agent(concurrency=Concurrency(max=2))),
    ("remote-added", agent(), agent(uses=PINNED)),
    ("remote-unpinned", agent(), agent(uses="git+https://example.org/x//agent@main")),
]


@pytest.mark.parametrize(("rule", "before", "after"), AGENTS)
def test_what_an_agent_may_do_now_is_told(rule, before, after):
    assert rule in {found for found, _ in widened(before, after)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (agent(secrets=("KEY",)), agent()),
        (agent(timeout_s=7_200.0), agent()),
        (agent(), agent(idle_timeout_s=60.0)),
        (agent(), agent(max_turns=1)),
        (agent(), agent(checks=(Check(script="x"),))),
        (agent(), ASKS),
        (ASKS, asks(count=3)),
        (ASKS, asks(by=("ada",))),
        (asks(by=()), ASKS),
        (asks(on_timeout="approve"), ASKS),
        (agent(concurrency=Concurrency(group="g", max=2)), agent(concurrency=Concurrency(group="g"))),
        (agent(), agent(script="./other.sh")),
        (HOLDS, replace(HOLDS, needs=("review", "more"))),
        (None, agent()),
    ],
)
def test_what_narrows_or_holds_no_secret_is_not(before, after):
    assert list(widened(before, after)) == []


def test_moved_checks_are_the_same_checks():
    one, other = Check(script="x"), Check(script="y")

    assert list(widened(agent(checks=(one, other)), agent(checks=(other, one)))) == []
    assert [rule for rule, _ in widened(agent(checks=(one, one)), agent(checks=(one,)))] == ["check-removed"]


HOOK = Webhook(id="h", verify=Verify(scheme="github", secrets=("A",)))


def proof(**fields) -> Webhook:
    return replace(HOOK, verify=replace(HOOK.verify, **fields))


CHOICE = Input(name="x", type="choice", options=("a",))
CHAINS = [
    ("budget-raised", {"limits": Limits(turns=2)}, {"limits": Limits(turns=3)}),
    ("budget-raised", {"limits": Limits(events=2)}, {"limits": Limits(events=3)}),
    ("budget-raised", {"limits": Limits(duration_s=60.0)}, {"limits": Limits(duration_s=61.0)}),
    ("limit-softened", {}, {"limits": Limits(on_limit="notify")}),
    ("trigger-added", {}, {"schedules": (Schedule(id="s", cron="@daily"),)}),
    ("trigger-added", {}, {"callable": True}),
    ("trigger-added", {}, {"on_event": EventTrigger(names=("x",))}),
    ("trigger-added", {}, {"on_chain": ChainTrigger(chains=("x",))}),
    ("trigger-added", {}, {"on_push": PushTrigger()}),
    ("trigger-added", {}, {"on_pull_request": PullRequestTrigger()}),
    ("trigger-added", {"manual": False}, {}),
    ("input-loosened", {"inputs": (CHOICE,)}, {"inputs": (replace(CHOICE, options=("a", "b")),)}),
    ("input-loosened", {"inputs": (Input(name="x", pattern="^a$"),)}, {"inputs": (Input(name="x"),)}),
    ("concurrency-loosened", {"concurrency": Concurrency(group="g")}, {}),
    ("webhook-added", {}, {"webhooks": (HOOK,)}),
    ("webhook-filter-changed", {"webhooks": (HOOK,)}, {"webhooks": (replace(HOOK, condition="true"),)}),
    ("webhook-proof-changed", {"webhooks": (HOOK,)}, {"webhooks": (proof(scheme="token"),)}),
    ("webhook-proof-changed", {"webhooks": (HOOK,)}, {"webhooks": (proof(secrets=("A", "B")),)}),
    ("webhook-proof-changed", {"webhooks": (HOOK,)}, {"webhooks": (proof(tolerance_s=900.0),)}),
]


@pytest.mark.parametrize(("rule", "before", "after"), CHAINS)
def test_what_a_chain_may_do_now_is_told(rule, before, after):
    base, head = chain_of(agent(), **before), chain_of(agent(), **after)

    assert {found for found, _ in widened_chain(base, head)} == {rule}
    assert list(widened_chain(head, head)) == []


def test_a_new_chain_is_held_against_one_that_says_nothing():
    new = chain_of(agent(), limits=Limits(turns=5_000), inputs=(CHOICE,))

    assert [rule for rule, _ in widened_chain(None, new)] == ["budget-raised"]


def plan(base: dict[str, str], head: dict[str, str], held: Agent = HOLDS):
    chains = {"test": chain_of(held)}
    versions = [Version(revision="", chains=chains, files=files) for files in (base, head)]
    return [(one.rule, one.agent) for one in compared(*versions, Surroundings(now=0.0)).widening]


@pytest.mark.parametrize(
    ("script", "path"),
    [
        ("./agents/publish.sh", "agents/publish.sh"),
        ("cd agents && ./publish.sh", "agents/publish.sh"),
        ("python -m agents.publish", "agents/publish.py"),
        ("docker build agents/image/", "agents/image/Dockerfile"),
        ("cat prompts/write.md", "prompts/write.md"),
    ],
)
def test_a_file_that_a_command_with_secrets_names_is_high(script, path):
    assert plan({path: "1"}, {path: "2"}, replace(HOLDS, script=script)) == [("file-run-with-secrets", "a")]


def test_other_files_could_be_run_but_prose_is_read():
    assert plan({}, {"lib.sh": "1"}) == [("files-near-secrets", "")]
    assert plan({}, {"README.md": "1"}) == []
    assert plan({}, {"workflows/a.yaml": "1"}) == []


def test_files_matter_only_where_somebody_holds_a_secret():
    assert plan({}, {"a.sh": "1"}, agent(script="./a.sh")) == []


def test_the_policy_itself_is_watched():
    assert plan({".chainwright/policy.yaml": "1"}, {}) == [("policy-changed", "")]


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        (PINNED, True),
        ("git+https://example.org/x@main", False),
        ("git+https://example.org/x", False),
        (PINNED[:-1], False),
    ],
)
def test_only_a_whole_commit_pins(reference, expected):
    assert is_pinned(reference) == expected


def test_every_kind_of_the_table_is_found_by_one_of_these():
    ours = {rule for rule, *_ in (*AGENTS, *CHAINS)} | {"file-run-with-secrets", "files-near-secrets", "policy-changed"}

    assert ours == set(WIDENINGS)
