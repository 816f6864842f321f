"""How turns and attempts end, and what each end sets moving."""

from typing import Any

from chainwright.daemon.core.attempt_ids import attempt_id
from chainwright.daemon.core.decisions import AttemptFinished, AttemptScheduled, LegFinished, TimerSet, TurnFinished
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.holds import let_go
from chainwright.daemon.core.retry import allows, delay_s
from chainwright.daemon.core.routing import discard_staged, raise_automatic, route_staged
from chainwright.daemon.core.state import AttemptState, LegState, RunState, TurnState
from chainwright.daemon.core.states import FAILURES, Outcome, Reason

RETRY_TIMER = "retry:"
"""Followed by the attempt."""
WITHDRAWN = "withdrawn before it started"

_WORDS = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.FAILED: "failed",
    Outcome.TIMED_OUT: "failed",
    Outcome.LOST: "failed",
    Outcome.CANCELLED: "cancelled",
}


def succeed(draft: Draft, attempt: AttemptState, outputs: dict[str, Any]) -> None:
    """The attempt did what it should: its events are routed and its leg ends with its outputs."""
    draft.record(AttemptFinished(attempt_id=attempt.id, outcome=Outcome.SUCCEEDED, outputs=outputs))
    route_staged(draft, attempt)
    _finish_leg(draft, attempt, Outcome.SUCCEEDED, outputs=outputs)


def fail(
    draft: Draft,
    attempt: AttemptState,
    outcome: Outcome,
    reason: Reason,
    detail: str,
    *,
    may_retry: bool = True,
) -> None:
    """The attempt did not do what it should: try again if the chain says so, else its leg ends like it."""
    turn = draft.state.turn_of(attempt)
    detail = _why_taken_away(turn, reason) + detail
    draft.record(AttemptFinished(attempt_id=attempt.id, outcome=outcome, reason=reason, detail=detail))
    discard_staged(draft, attempt)
    retry = draft.state.chain.agents[attempt.agent].retry
    exit_code = attempt.exit.code if attempt.exit else None
    goes_on = draft.state.stopping is None and turn.stopping is None
    wanted = may_retry and goes_on and outcome is not Outcome.CANCELLED
    if wanted and allows(retry, failed=attempt.number, reason=reason, exit_code=exit_code):
        _try_again(draft, attempt)
    else:
        _finish_leg(draft, attempt, outcome, reason=reason, detail=detail)


def _why_taken_away(turn: TurnState, reason: Reason) -> str:
    """What the turn was given up for, where that is what ended the attempt: its own end tells only how."""
    given_up = turn.stopping is not None and turn.stopping.reason is reason and turn.stopping.detail
    return f"{given_up}; " if given_up else ""


def _try_again(draft: Draft, failed: AttemptState) -> None:
    retry = draft.state.chain.agents[failed.agent].retry
    following = attempt_id(draft.state.id, failed.agent, failed.turn, failed.number + 1, failed.leg)
    delay = delay_s(retry, failed=failed.number, seed=following)
    due = draft.at + delay if delay > 0 else None
    leg = draft.state.leg_of(failed)
    _attempt(draft, draft.state.turn_of(failed), leg, due=due, feedback=f"{failed.reason}: {failed.detail}")


# attempts and legs


def schedule(draft: Draft, turn: TurnState) -> None:
    """The first attempts of a turn: one, or of a matrix one for each leg, at most ``max-parallel`` at a time."""
    for leg in _with_room(draft.state, turn):
        _attempt(draft, turn, leg)


def _with_room(state: RunState, turn: TurnState) -> list[LegState]:
    """Legs that may begin now; a leg keeps its place while it waits for a retry."""
    strategy = state.chain.agents[turn.agent].strategy
    queued = [leg for leg in turn.legs.values() if leg.is_queued]
    if strategy is None or strategy.max_parallel is None:
        return queued
    begun = sum(1 for leg in turn.legs.values() if leg.attempts and leg.outcome is None)
    return queued[: max(strategy.max_parallel - begun, 0)]


def _attempt(draft: Draft, turn: TurnState, leg: LegState, *, due: float | None = None, feedback: str = "") -> None:
    """The next attempt of a leg: at once, or when ``due``. What the people said who approved the turn goes with every attempt."""
    feedback = "\n".join(filter(None, (turn.comment, feedback)))
    if due is None and (turn.is_paused or any(one.then == "pause" for one in draft.state.reached.values())):
        due = draft.at  # it waits like one with a delay, until people have raised the limit
    number = len(leg.attempts) + 1
    following = attempt_id(draft.state.id, turn.agent, turn.number, number, leg.leg)
    draft.record(
        AttemptScheduled(
            attempt_id=following,
            agent=turn.agent,
            turn=turn.number,
            attempt=number,
            leg=leg.leg,
            due=due,
            feedback=feedback,
        )
    )
    if due is not None:
        draft.record(TimerSet(timer=RETRY_TIMER + following, due=due))


def withdraw_legs(draft: Draft, turn: TurnState, reason: Reason) -> None:
    """Legs that wait for their first attempt end without one; the turn ends when no other is left."""
    queued = [leg for leg in turn.legs.values() if leg.is_queued] if turn.has_matrix else []
    for leg in queued:
        _record_leg(draft, turn, leg, Outcome.CANCELLED, reason=reason, detail=WITHDRAWN)
    if queued:
        _go_on(draft, turn)


def _finish_leg(
    draft: Draft,
    attempt: AttemptState,
    outcome: Outcome,
    *,
    reason: Reason | None = None,
    detail: str = "",
    outputs: dict[str, Any] | None = None,
) -> None:
    """End what an attempt was the last try of; without a matrix that is the turn."""
    turn = draft.state.turn_of(attempt)
    if not turn.has_matrix:
        finish_turn(draft, turn, outcome, reason=reason, detail=detail, outputs=outputs)
        return
    leg = draft.state.leg_of(attempt)
    _record_leg(draft, turn, leg, outcome, reason=reason, detail=detail, outputs=outputs)
    if outcome in FAILURES and _fails_fast(draft.state, turn):
        draft.give_up(turn, Reason.FAIL_FAST, f"leg {leg.name} failed")
    _go_on(draft, turn)


def _fails_fast(state: RunState, turn: TurnState) -> bool:
    """Whether the other legs end with one that fails; as on GitHub, not where failing is allowed."""
    agent = state.chain.agents[turn.agent]
    others = any(leg.outcome is None for leg in turn.legs.values())
    return others and agent.strategy is not None and agent.strategy.fail_fast and not agent.continue_on_error


def _record_leg(
    draft: Draft,
    turn: TurnState,
    leg: LegState,
    outcome: Outcome,
    *,
    reason: Reason | None = None,
    detail: str = "",
    outputs: dict[str, Any] | None = None,
) -> None:
    assert leg.leg is not None
    ended = LegFinished(
        agent=turn.agent,
        turn=turn.number,
        leg=leg.leg,
        outcome=outcome,
        reason=reason,
        detail=detail,
        outputs=outputs or {},
    )
    draft.record(ended)


def _go_on(draft: Draft, turn: TurnState) -> None:
    """After the end of a leg: the next ones begin, or the turn ends as the worst of its legs did."""
    if turn.stopping is None:
        schedule(draft, turn)
    if any(leg.outcome is None for leg in turn.legs.values()):
        return
    worst = _worst(turn)
    assert worst.outcome is not None
    well = worst.outcome is Outcome.SUCCEEDED
    finish_turn(
        draft, turn, worst.outcome, reason=worst.reason, detail="" if well else f"leg {worst.name}: {worst.detail}"
    )


def _worst(turn: TurnState) -> LegState:
    """The leg that speaks for the turn: the first that failed, else the first that was cancelled, else any."""
    ended = list(turn.legs.values())
    failed = [leg for leg in ended if leg.outcome in FAILURES]
    cancelled = [leg for leg in ended if leg.outcome is Outcome.CANCELLED]
    return (failed or cancelled or ended)[0]


def finish_turn(
    draft: Draft,
    turn: TurnState,
    outcome: Outcome,
    *,
    reason: Reason | None = None,
    detail: str = "",
    outputs: dict[str, Any] | None = None,
    comment: str = "",
) -> None:
    """End a turn that ran or could not, and tell those who listen for that; ``comment`` is what a person said to it."""
    let_go(draft, turn)
    draft.record(
        TurnFinished(
            agent=turn.agent,
            turn=turn.number,
            outcome=outcome,
            reason=reason,
            detail=detail,
            outputs=outputs or {},
        )
    )
    made = {"legs": [leg.as_json() for leg in turn.legs.values()]} if turn.has_matrix else {"outputs": outputs or {}}
    data = {"outcome": outcome.value, "reason": reason.value if reason else None, "detail": detail, **made}
    data |= {"comment": comment} if reason is Reason.REJECTED else {}
    raise_automatic(draft, turn.agent, turn.number, _WORDS[outcome], data)
    raise_automatic(draft, turn.agent, turn.number, "finished", data)
    draft.wake(turn.agent)
    draft.settles = True


def skip_turn(draft: Draft, turn: TurnState, reason: Reason, detail: str) -> None:
    """End a turn before it started; it is not counted, and only ``<id>.skipped`` tells of it."""
    draft.record(
        TurnFinished(agent=turn.agent, turn=turn.number, outcome=Outcome.SKIPPED, reason=reason, detail=detail)
    )
    if not _echoes(draft.state, turn):
        raise_automatic(draft, turn.agent, turn.number, "skipped", {"reason": reason.value, "detail": detail})
    draft.wake(turn.agent)
    draft.settles = True


def _echoes(state: RunState, turn: TurnState) -> bool:
    """Whether an earlier skip of the same agent led to this one, through nothing but skips.

    Skipped turns are not counted, so `max-turns` does not bound a cycle of them: told again, it would go round for ever.
    """
    causes, seen = list(turn.consumed), set[int]()
    while causes:
        event = state.event(causes.pop())
        if event.agent is None or not event.turn or event.name != f"{event.agent}.skipped" or event.number in seen:
            continue
        if event.agent == turn.agent:
            return True
        seen.add(event.number)
        causes += state.agents[event.agent].turns[event.turn - 1].consumed
    return False
