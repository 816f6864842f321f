"""Attempts that are runs of another chain: how they begin, end and run out of time (semantics 27)."""

from typing import Final

from chainwright.daemon.core.child_facts import ChildRunFinished, ChildRunStarted
from chainwright.daemon.core.concluding import Failure, next_check
from chainwright.daemon.core.decisions import TimerCleared, TimerSet
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import fail
from chainwright.daemon.core.inputs import check_outputs
from chainwright.daemon.core.routing import raise_automatic
from chainwright.daemon.core.state import AttemptState
from chainwright.daemon.core.states import Outcome, Reason, outcome_of_taking_away
from chainwright.daemon.core.stopping import stop_attempt

CHILD_TIMER: Final = "child:"
"""Followed by the attempt. No session host is there to hold a child run to the time-out of its agent."""

MAX_DEPTH: Final = 20
"""Of runs that are each other's children."""


def on_child_started(draft: Draft, fact: ChildRunStarted) -> None:
    """The child run exists: from now on its time counts."""
    attempt = draft.state.attempts[fact.attempt_id]
    due = fact.at + draft.state.chain.agents[attempt.agent].timeout_s
    draft.record(TimerSet(timer=CHILD_TIMER + attempt.id, due=due))
    if attempt.stopping_for is None and attempt.number == 1:
        raise_automatic(draft, attempt.agent, attempt.turn, "started", {})


def child_overdue(draft: Draft, attempt_id: str) -> None:
    """The time-out of a calling agent cancels its child."""
    attempt = draft.state.attempts[attempt_id]
    if attempt.live and attempt.exit is None and attempt.stopping_for is None:
        stop_attempt(draft, attempt, Reason.TIMEOUT)


def on_child_finished(draft: Draft, attempt: AttemptState, fact: ChildRunFinished) -> None:
    """The child has ended: its outputs and events come up if it succeeded, else the attempt failed like it."""
    timer = CHILD_TIMER + attempt.id
    if timer in draft.state.timers:
        draft.record(TimerCleared(timer=timer))
    failure = _stopped(draft, attempt, fact) or _failed(fact) or _misfits(draft, attempt, fact)
    if failure:
        fail(draft, attempt, *failure, may_retry=not fact.strays)
    else:
        next_check(draft, attempt, 0)


def _stopped(draft: Draft, attempt: AttemptState, fact: ChildRunFinished) -> Failure | None:
    if why := attempt.taken_away:
        return outcome_of_taking_away(why), why, f"stopped, run {fact.run_id} with it"
    if attempt.stopping_for is Reason.TIMEOUT:
        limit = draft.state.chain.agents[attempt.agent].timeout_s
        return Outcome.TIMED_OUT, Reason.TIMEOUT, f"run {fact.run_id} was still running after {limit:g} s"
    return None


def _failed(fact: ChildRunFinished) -> Failure | None:
    """A child that was cancelled by itself is cancelled here too; every other failure of it is an exit, but for a loss."""
    if fact.outcome is Outcome.SUCCEEDED:
        return None
    detail = f"run {fact.run_id}: {fact.detail or fact.outcome}"
    if fact.cause is Reason.LOST:
        return Outcome.LOST, Reason.LOST, detail
    reason = Reason.CANCELLED if fact.outcome is Outcome.CANCELLED else Reason.EXIT
    return fact.outcome, reason, detail


def _misfits(draft: Draft, attempt: AttemptState, fact: ChildRunFinished) -> Failure | None:
    if attempt.refused:
        said = "; ".join(f'event "{name}" of run {fact.run_id}: {why}' for name, why in attempt.refused)
        return Outcome.FAILED, Reason.PAYLOAD, said
    agent = draft.state.chain.agents[attempt.agent]
    _, problems = check_outputs(agent.outputs, fact.outputs, texts=False, options=agent.output_options)
    return (Outcome.FAILED, Reason.OUTPUT, "; ".join(problems)) if problems else None
