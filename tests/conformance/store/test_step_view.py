"""The steps of an attempt as people see them, at every moment of their life."""

import pytest

from chainwright.daemon.core.decisions import (
    AttemptScheduled,
    Resolved,
    ResolvedStep,
    StepFinished,
    StepOrdered,
    StepsFinished,
    TurnQueued,
    TurnStarted,
)
from chainwright.daemon.core.facts import StepExited, StepStarted
from chainwright.daemon.core.graph import CHAIN_JSON, Agent, Chain, Step
from chainwright.daemon.core.states import Result
from chainwright.schemas.api import RunDetail

STEPS = (Step(id="build", name="Build it", script="make"), Step(script="make test"))
CHAIN = Chain(id="brief", name="Brief", agents={"job": Agent(id="job", steps=STEPS)})

BEGUN = (
    TurnQueued(agent="job", turn=1),
    TurnStarted(agent="job", turn=1, resolved=Resolved()),
    AttemptScheduled(attempt_id="at-1", agent="job", turn=1, attempt=1),
)
ORDERED = StepOrdered(attempt_id="at-1", step=1, resolved=ResolvedStep(script="make"))
STARTED = StepStarted(at=3.0, attempt_id="at-1", step=1)
EXITED = StepExited(at=4.0, attempt_id="at-1", step=1, code=2, signal=None, ended_by="exit", outputs={"x": "1"})
FAILED = StepFinished(
    attempt_id="at-1", step=1, outcome=Result.FAILURE, conclusion=Result.SUCCESS, detail="exit code 2"
)
SKIPPED = StepFinished(attempt_id="at-1", step=2, outcome=Result.SKIPPED, conclusion=Result.SKIPPED)
ALL = StepsFinished(attempt_id="at-1", code=0)

LIVES = [
    ((ORDERED,), {"step": 1, "id": "build", "name": "Build it", "state": "starting", "outcome": None}),
    ((ORDERED, STARTED), {"state": "running", "ended_at": None, "exit_code": None}),
    (
        (ORDERED, STARTED, EXITED, FAILED),
        {
            "state": "finished",
            "outcome": "failure",
            "conclusion": "success",
            "exit_code": 2,
            "outputs": {"x": "1"},
            "detail": "exit code 2",
        },
    ),
    (
        (ORDERED, STARTED, EXITED, FAILED, SKIPPED, ALL),
        {"step": 2, "id": "", "state": "finished", "outcome": "skipped", "started_at": None},
    ),
]


@pytest.fixture(autouse=True)
async def defined(store):
    """The chain of the run."""
    await store.keep_definition("digest", CHAIN_JSON.dump_json(CHAIN))


async def test_a_step_is_told_by_its_number_alone_when_the_definition_is_not_kept(store, begun):
    found = await store.run(await begun(*BEGUN, ORDERED, definition="elsewhere"))

    assert found["agents"]["job"]["turns"][0]["attempts"][0]["steps"][0]["name"] == ""


@pytest.mark.parametrize(("entries", "expected"), LIVES)
async def test_the_last_step_at_each_moment(store, begun, expected, entries):
    found = await store.run(await begun(*BEGUN, *entries))
    RunDetail.model_validate(found)
    step = found["agents"]["job"]["turns"][0]["attempts"][0]["steps"][-1]

    assert {name: step[name] for name in expected} == expected
