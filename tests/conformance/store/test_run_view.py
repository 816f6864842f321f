"""A run as people see it: every agent, turn and attempt, at every moment of its life."""

import pytest

from chainwright.daemon.core.decisions import (
    AgentSkipped,
    AttemptDue,
    AttemptFinished,
    AttemptScheduled,
    AttemptStopping,
    Resolved,
    RunFinished,
    RunStarted,
    RunStopping,
    TurnFinished,
    TurnQueued,
    TurnStarted,
)
from chainwright.daemon.core.facts import RunRequested, SessionDelayed, SessionExited, SessionStarted, Subject, Trigger
from chainwright.daemon.core.graph import CHAIN_JSON, Agent, Chain
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.schemas.api import RunDetail

CHAIN = Chain(id="brief", name="Brief", agents={name: Agent(id=name) for name in ("write", "edit", "audit")})

QUEUED = TurnQueued(agent="write", turn=1)
BEGUN = TurnStarted(agent="write", turn=1, resolved=Resolved(script="true"))
SCHEDULED = AttemptScheduled(attempt_id="at-1", agent="write", turn=1, attempt=1)
LATER = AttemptScheduled(attempt_id="at-1", agent="write", turn=1, attempt=1, due=50.0)
DUE = AttemptDue(attempt_id="at-1")
NO_PTY = SessionDelayed(at=3.0, attempt_id="at-1", reason="no-pty", detail="4095 in use")
UP = SessionStarted(at=4.0, attempt_id="at-1", host="local", pid=77)
STOPPING = AttemptStopping(attempt_id="at-1", reason=Reason.CANCELLED)
EXITED = SessionExited(at=9.0, attempt_id="at-1", code=3, signal=None, ended_by="exit", size=512, started_at=3.5)
KILLED = SessionExited(at=9.0, attempt_id="at-1", code=None, signal=9, ended_by="stop", size=0)
FAILED = AttemptFinished(attempt_id="at-1", outcome=Outcome.FAILED, reason=Reason.EXIT, detail="code 3")

ATTEMPT_LIVES = [
    ((SCHEDULED,), {"state": "starting", "outcome": None, "attempt": 1, "leg": None, "host": None, "size": None}),
    ((LATER,), {"state": "waiting", "outcome": None}),
    ((LATER, DUE), {"state": "starting"}),
    ((SCHEDULED, NO_PTY), {"state": "queued", "reason": "no-pty", "detail": "4095 in use"}),
    ((SCHEDULED, NO_PTY, UP), {"state": "running", "reason": None, "detail": "", "host": "local", "started_at": 4.0}),
    ((SCHEDULED, UP, STOPPING), {"state": "stopping", "reason": "cancelled", "outcome": None}),
    ((SCHEDULED, STOPPING, UP), {"state": "stopping", "reason": "cancelled", "host": "local"}),
    ((SCHEDULED, STOPPING, NO_PTY), {"state": "stopping", "reason": "cancelled"}),
    ((SCHEDULED, UP, EXITED), {"state": "running", "exit_code": 3, "signal": None, "size": 512, "ended_at": None}),
    ((SCHEDULED, EXITED), {"exit_code": 3, "started_at": 3.5}),
    ((SCHEDULED, UP, KILLED), {"exit_code": None, "signal": 9, "size": 0}),
    ((SCHEDULED, UP, EXITED, FAILED), {"state": "finished", "outcome": "failed", "reason": "exit", "detail": "code 3"}),
    ((SCHEDULED, FAILED, UP), {"state": "finished", "outcome": "failed", "reason": "exit"}),
    ((SCHEDULED, FAILED, STOPPING, NO_PTY), {"state": "finished", "reason": "exit"}),
]


@pytest.fixture(autouse=True)
async def defined(store):
    """The chain of the run."""
    await store.keep_definition("digest", CHAIN_JSON.dump_json(CHAIN))


async def seen(store, run_id):
    """The run, after the published schema has accepted it."""
    found = await store.run(run_id)
    RunDetail.model_validate(found)
    return found


def chosen(view, *names):
    return {name: view[name] for name in names}


async def test_a_run_that_does_not_exist(store):
    assert await store.run("run-x") is None


async def test_a_run_shows_what_it_works_on_and_where_its_definition_is_from(store, begun):
    request = RunRequested(
        at=1.0,
        run_id="run-8",
        number=8,
        organization="acme",
        repository="notes",
        environment="staging",
        chain="brief",
        commit="c0ffee",
        definition="digest",
        trigger=Trigger(kind="push", actor="ann", key="notes:refs/heads/x"),
        subject=Subject(commit="decaf", ref="refs/heads/x"),
    )
    await store.create_run(request, [(1.0, request)])
    shown = await seen(store, "run-8")

    assert (shown["commit"], shown["definition_commit"]) == ("decaf", "c0ffee")


async def test_a_new_run_is_queued_and_lists_every_agent_in_the_order_of_the_file(store, begun):
    request = RunRequested(
        at=1.0,
        run_id="run-7",
        number=7,
        organization="acme",
        repository="notes",
        environment="staging",
        chain="brief",
        commit="c0ffee",
        definition="digest",
        trigger=Trigger(kind="retry", actor="ann", key="run-6"),
        inputs={"topic": "ä", "n": [1, None]},
        retry_of="run-6",
    )
    await store.create_run(request, [(1.0, request)])
    waiting = {"state": "waiting", "outcome": None, "reason": None, "detail": "", "turns": []}

    assert await seen(store, "run-7") == {
        "id": "run-7",
        "number": 7,
        "organization": "acme",
        "repository": "notes",
        "environment": "staging",
        "chain": "brief",
        "commit": "c0ffee",
        "definition_commit": "c0ffee",
        "trigger": {"kind": "retry", "actor": "ann", "key": "run-6"},
        "state": "queued",
        "outcome": None,
        "reason": None,
        "detail": "",
        "created_at": 1.0,
        "started_at": None,
        "ended_at": None,
        "retry_of": "run-6",
        "parent": None,
        "attention": 0,
        "inputs": {"topic": "ä", "n": [1, None]},
        "outputs": {},
        "retries": [],
        "told": [],
        "agents": {"write": waiting, "edit": waiting, "audit": waiting},
    }
    assert list((await seen(store, "run-7"))["agents"]) == ["write", "edit", "audit"]


async def test_agents_are_known_by_their_turns_when_the_definition_is_not_kept(store, begun):
    run_id = await begun(QUEUED, AgentSkipped(agent="edit", reason=Reason.NEVER_FED), definition="elsewhere")

    assert set((await seen(store, run_id))["agents"]) == {"write", "edit"}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((RunStarted(),), {"state": "running", "started_at": 2.0, "outcome": None}),
        (
            (RunStarted(), RunStopping(outcome=Outcome.CANCELLED, reason=Reason.CANCELLED, detail="by ann")),
            {"state": "stopping", "outcome": None, "reason": "cancelled", "detail": "by ann", "ended_at": None},
        ),
        (
            (RunStarted(), RunFinished(outcome=Outcome.SUCCEEDED, outputs={"report": "r.md"})),
            {
                "state": "finished",
                "outcome": "succeeded",
                "reason": None,
                "outputs": {"report": "r.md"},
                "ended_at": 3.0,
            },
        ),
        (
            (RunFinished(outcome=Outcome.FAILED, reason=Reason.INTERNAL, detail="ours"),),
            {"state": "finished", "outcome": "failed", "reason": "internal", "detail": "ours", "started_at": None},
        ),
    ],
)
async def test_the_life_of_a_run(store, begun, entries, expected):
    run_id = await begun(*entries)

    assert chosen(await seen(store, run_id), *expected) == expected


@pytest.mark.parametrize(("entries", "expected"), ATTEMPT_LIVES)
async def test_the_life_of_an_attempt(store, begun, entries, expected):
    run_id = await begun(QUEUED, *entries)
    (attempt,) = (await seen(store, run_id))["agents"]["write"]["turns"][0]["attempts"]

    assert chosen(attempt, *expected) == expected


@pytest.mark.parametrize(("entries", "expected"), ATTEMPT_LIVES)
async def test_the_life_of_an_attempt_is_the_same_when_each_entry_is_written_alone(
    store, begun, append, entries, expected
):
    run_id = await begun(QUEUED)
    for entry in entries:
        await append(run_id, entry)
    (attempt,) = (await seen(store, run_id))["agents"]["write"]["turns"][0]["attempts"]

    assert chosen(attempt, *expected) == expected


EVENT_CAME = AttemptStopping(attempt_id="at-1", reason=Reason.EVENT)
RETRIED = AttemptScheduled(attempt_id="at-2", agent="write", turn=1, attempt=2, due=60.0)


@pytest.fixture(params=["one transaction", "one after the other"])
def written(request, begun, append):
    """Write a run of these entries, together or apart; its id."""
    together = request.param == "one transaction"

    async def write(*entries):
        run_id = await begun(*(entries if together else ()))
        for entry in () if together else entries:
            await append(run_id, entry)
        return run_id

    return write


@pytest.mark.parametrize(
    ("entries", "state"),
    [
        ((SCHEDULED,), "running"),
        ((LATER,), "waiting"),
        ((LATER, DUE), "running"),
        ((SCHEDULED, STOPPING), "stopping"),
        ((SCHEDULED, EVENT_CAME), "running"),
        ((LATER, DUE, FAILED, RETRIED), "waiting"),
        ((LATER, DUE, FAILED, RETRIED, AttemptDue(attempt_id="at-2")), "running"),
        ((LATER, TurnFinished(agent="write", turn=1, outcome=Outcome.CANCELLED)), "finished"),
    ],
)
async def test_a_turn_is_as_far_as_its_newest_attempt_takes_it(store, written, entries, state):
    """As in the core: what waits for a delay is waiting, and what has only given its event is not being stopped."""
    run_id = await written(QUEUED, BEGUN, *entries)

    assert (await seen(store, run_id))["agents"]["write"]["turns"][0]["state"] == state


async def test_the_first_exit_record_counts(store, begun, append):
    run_id = await begun(QUEUED, SCHEDULED, UP, EXITED)
    await append(run_id, KILLED)
    (attempt,) = (await seen(store, run_id))["agents"]["write"]["turns"][0]["attempts"]

    assert chosen(attempt, "exit_code", "signal", "size") == {"exit_code": 3, "signal": None, "size": 512}


async def test_a_turn_has_its_attempts_in_order_and_its_outputs(store, begun):
    tries = [AttemptScheduled(attempt_id=f"at-{n}", agent="write", turn=1, attempt=n) for n in (2, 1)]
    legs = [AttemptScheduled(attempt_id=f"at-{leg}", agent="write", turn=1, attempt=1, leg=leg) for leg in ("b", "a")]
    finished = TurnFinished(agent="write", turn=1, outcome=Outcome.SUCCEEDED, outputs={"draft": "d", "n": 2})
    run_id = await begun(QUEUED, BEGUN, *tries, *legs, finished)
    (turn,) = (await seen(store, run_id))["agents"]["write"]["turns"]

    assert [attempt["id"] for attempt in turn["attempts"]] == ["at-1", "at-2", "at-a", "at-b"]
    assert chosen(turn, "turn", "state", "outcome", "outputs") == {
        "turn": 1,
        "state": "finished",
        "outcome": "succeeded",
        "outputs": {"draft": "d", "n": 2},
    }


def ended(turn, outcome, reason=None):
    return TurnFinished(agent="write", turn=turn, outcome=outcome, reason=reason)


SECOND = TurnQueued(agent="write", turn=2)


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((QUEUED,), ("queued", None, None)),
        ((QUEUED, BEGUN), ("running", None, None)),
        ((QUEUED, BEGUN, ended(1, Outcome.FAILED, Reason.EXIT)), ("finished", "failed", "exit")),
        ((QUEUED, BEGUN, ended(1, Outcome.FAILED, Reason.EXIT), SECOND), ("queued", None, None)),
        (
            (QUEUED, BEGUN, ended(1, Outcome.SUCCEEDED), SECOND, ended(2, Outcome.SKIPPED, Reason.IF_FALSE)),
            ("finished", "succeeded", None),
        ),
        ((QUEUED, ended(1, Outcome.SKIPPED, Reason.IF_FALSE)), ("finished", "skipped", "if-false")),
        ((AgentSkipped(agent="write", reason=Reason.NEVER_FED),), ("finished", "skipped", "never-fed")),
        (
            (QUEUED, ended(1, Outcome.SKIPPED, Reason.IF_FALSE), AgentSkipped(agent="write", reason=Reason.RUN_ENDING)),
            ("finished", "skipped", "if-false"),
        ),
    ],
)
async def test_an_agent_is_what_its_last_turn_that_was_not_skipped_is(store, begun, entries, expected):
    agent = (await seen(store, await begun(*entries)))["agents"]["write"]

    assert (agent["state"], agent["outcome"], agent["reason"]) == expected
