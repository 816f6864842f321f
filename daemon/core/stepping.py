"""The steps of an attempt, one after the other (semantics 34): which comes next, what it gets, and what its end means.

As GitHub has it: a step's ``if`` asks how those before it went, and is ``success()`` where it does not say; ``outcome`` is how a step
ended, ``conclusion`` the same after ``continue-on-error``. What a step writes into ``GITHUB_OUTPUT`` is its own, what it writes into
``GITHUB_ENV`` and ``GITHUB_PATH`` is for those that follow.

A cancelled attempt is not taken from its steps at once: the one that runs is ended, and those that ask for it clean up.
"""

from collections.abc import Iterator
from typing import Any, Final

from chainwright.daemon.core.contexts import matrix_contexts, run_contexts
from chainwright.daemon.core.decisions import ResolvedStep, StepFinished, StepOrdered, StepsFinished
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.expressions import (
    ExpressionError,
    Status,
    parse_condition,
    parse_template,
    resolve,
    to_text,
)
from chainwright.daemon.core.facts import StepExited
from chainwright.daemon.core.graph import Agent, Step
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.core.secret_texts import parted, pieces
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.core.states import Result

_BY_SIGNAL: Final = 128
"""What a shell adds to the number of the signal that ended a process."""


def begin_steps(draft: Draft, attempt: AttemptState) -> None:
    """The session has started: order its first step."""
    if _agent(draft.state, attempt).steps:
        _go_on(draft, attempt)


def on_step(draft: Draft, attempt: AttemptState, fact: StepExited) -> None:
    """A step has ended: say how, and order the next."""
    declared = _agent(draft.state, attempt).steps[fact.step - 1]
    outcome, detail = _judged(declared, fact)
    _finish(draft, attempt, fact.step, outcome, detail)
    if fact.ended_by != "session":
        _go_on(draft, attempt)


def close_steps(draft: Draft, attempt: AttemptState) -> None:
    """The session has ended: no step goes on, and none follows."""
    for number in range(1, len(_agent(draft.state, attempt).steps) + 1):
        step = attempt.step(number)
        if step is None or step.conclusion is None:
            outcome = Result.SKIPPED if step is None else Result.CANCELLED
            _finish(draft, attempt, number, outcome, "the session ended")


def why_failed(agent: Agent, attempt: AttemptState) -> str | None:
    """What the first step that failed said, None when none did."""
    for step in attempt.steps:
        if step.conclusion is Result.FAILURE:
            return f"{label(agent.steps[step.number - 1], step.number)}: {step.detail}"
    return None


def label(step: Step, number: int) -> str:
    """How people tell the steps of an agent apart."""
    return f"step {number}" + (f" ({step.name})" if step.name else "")


def _agent(state: RunState, attempt: AttemptState) -> Agent:
    return state.chain.agents[attempt.agent]


def _go_on(draft: Draft, attempt: AttemptState) -> None:
    """Order the next step that may run, past those that may not; without one, say that all is done."""
    if not attempt.takes_steps:
        return
    steps = _agent(draft.state, attempt).steps
    for number, declared in enumerate(steps[len(attempt.steps) :], len(attempt.steps) + 1):
        try:
            refusal = _refusal(draft.state, attempt, declared)
            resolved = None if refusal else _resolved(draft.state, attempt, declared)
        except ExpressionError as error:
            _finish(draft, attempt, number, Result.FAILURE, str(error))
            continue
        if resolved is None:
            _finish(draft, attempt, number, Result.SKIPPED, refusal)
            continue
        draft.record(StepOrdered(attempt_id=attempt.id, step=number, resolved=resolved))
        return
    draft.record(StepsFinished(attempt_id=attempt.id, code=_code(attempt)))


def _finish(draft: Draft, attempt: AttemptState, number: int, outcome: Result, detail: str) -> None:
    declared = _agent(draft.state, attempt).steps[number - 1]
    forgiven = declared.continue_on_error and outcome is Result.FAILURE
    conclusion = Result.SUCCESS if forgiven else outcome
    draft.record(
        StepFinished(attempt_id=attempt.id, step=number, outcome=outcome, conclusion=conclusion, detail=detail)
    )


def _judged(step: Step, fact: StepExited) -> tuple[Result, str]:
    if fact.ended_by == "timeout":
        return Result.FAILURE, f"still running after {step.timeout_s or 0:g} s"
    if fact.ended_by in ("stop", "session"):
        return Result.CANCELLED, "it was stopped"
    if fact.code != 0:
        if fact.error:
            return Result.FAILURE, fact.error
        how = f"exit code {fact.code}" if fact.signal is None else f"ended by signal {fact.signal}"
        return Result.FAILURE, how + (f": {fact.tail}" if fact.tail else "")
    return (Result.FAILURE, fact.problem) if fact.problem else (Result.SUCCESS, "")


def _code(attempt: AttemptState) -> int:
    """What the session exits with: the code of the first step that failed, so that ``exit-codes`` and 78 mean what they say."""
    failed = next((step for step in attempt.steps if step.conclusion is Result.FAILURE), None)
    if failed is None:
        return 0
    if failed.exit is None or failed.exit.ended_by != "exit":
        return 1
    return failed.exit.code or (_BY_SIGNAL + failed.exit.signal if failed.exit.signal else 1)


# what a step's expressions see


def _refusal(state: RunState, attempt: AttemptState, step: Step) -> str:
    """Why the step is skipped, empty when it is not."""
    status = _status(attempt)
    condition = parse_condition(step.condition) if step.condition is not None else None
    if not (condition and condition.names_status) and not status.success:
        return "the attempt is being cancelled" if status.cancelled else "a step before it failed"
    if condition and not condition.holds(attempt_contexts(state, attempt), status):
        return f"`{step.condition}` was false"
    return ""


def _status(attempt: AttemptState) -> Status:
    failed = any(step.conclusion is Result.FAILURE for step in attempt.steps)
    return Status(
        success=not failed and not attempt.taken_away,
        failure=failed and not attempt.taken_away,
        cancelled=attempt.taken_away is not None,
    )


def attempt_contexts(state: RunState, attempt: AttemptState) -> dict[str, Any]:
    """Those of the turn, as they were when it started, and what the steps so far gave."""
    resolved = state.leg_of(attempt).resolved
    contexts: dict[str, Any] = run_contexts(state) | matrix_contexts(state, attempt)
    contexts |= {"needs": resolved.needs or {}, "event": resolved.event, "env": {**resolved.env, **carried(attempt)}}
    contexts["steps"] = dict(_seen(_agent(state, attempt), attempt))
    contexts["host"] = {"name": attempt.host or LOCAL}
    return contexts


def _seen(agent: Agent, attempt: AttemptState) -> Iterator[tuple[str, dict[str, Any]]]:
    for step in attempt.steps:
        declared = agent.steps[step.number - 1]
        if declared.id and step.outcome and step.conclusion:
            outputs = step.exit.outputs if step.exit else {}
            yield (
                declared.id,
                {"outputs": outputs, "outcome": step.outcome.value, "conclusion": step.conclusion.value},
            )


def carried(attempt: AttemptState) -> dict[str, str]:
    """Variables that the steps so far have set for those that follow."""
    return {name: value for step in _ended(attempt) for name, value in step.env.items()}


def carried_path(attempt: AttemptState) -> tuple[str, ...]:
    """Folders that they have put in front of PATH, the newest first."""
    return tuple(folder for step in reversed(list(_ended(attempt))) for folder in reversed(step.path))


def _ended(attempt: AttemptState) -> Iterator[StepExited]:
    return (step.exit for step in attempt.steps if step.exit is not None)


def _resolved(state: RunState, attempt: AttemptState, step: Step) -> ResolvedStep:
    contexts, listed = attempt_contexts(state, attempt), _agent(state, attempt).secrets
    env, hiding = parted(step.env)
    return ResolvedStep(
        script=parse_template(step.script).text(contexts),
        working_directory=parse_template(step.working_directory).text(contexts),
        env=carried(attempt) | {name: to_text(resolve(value, contexts)) for name, value in env.items()},
        path=carried_path(attempt),
        secret_env={name: pieces(text, listed, contexts) for name, text in hiding.items()},
    )
