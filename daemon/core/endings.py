"""How turns and attempts end, and what each end sets moving."""

from typing import Any

from chainwright.daemon.core.attempt_ids import attempt_id
from chainwright.daemon.core.decisions import AttemptFinished, AttemptScheduled, TimerSet, TurnFinished
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.holds import let_go
from chainwright.daemon.core.retry import allows, delay_s
from chainwright.daemon.core.routing import discard_staged, raise_automatic, route_staged
from chainwright.daemon.core.state import AttemptState, RunState, TurnState
from chainwright.daemon.core.states import Outcome, Reason

RETRY_TIMER = "retry:"
"""Followed by the attempt."""

_WORDS = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.FAILED: "failed",
    Outcome.TIMED_OUT: "failed",
    Outcome.LOST: "failed",
    Outcome.CANCELLED: "cancelled",
}


def succeed(draft: Draft, attempt: AttemptState, outputs: dict[str, Any]) -> None:
    """The attempt did what it should: its events are routed and its turn ends with its outputs."""
    draft.record(AttemptFinished(attempt_id=attempt.id, outcome=Outcome.SUCCEEDED, outputs=outputs))
    route_staged(draft, attempt)
    finish_turn(draft, draft.state.turn_of(attempt), Outcome.SUCCEEDED, outputs=outputs)


def fail(
    draft: Draft,
    attempt: AttemptState,
    outcome: Outcome,
    reason: Reason,
    detail: str,
    *,
    may_retry: bool = True,
) -> None:
    """The attempt did not do what it should: try again if the chain says so, else its turn ends like it."""
    draft.record(AttemptFinished(attempt_id=attempt.id, outcome=outcome, reason=reason, detail=detail))
    discard_staged(draft, attempt)
    turn = draft.state.turn_of(attempt)
    retry = draft.state.chain.agents[attempt.agent].retry
    exit_code = attempt.exit.code if attempt.exit else None
    wanted = may_retry and draft.state.stopping is None and outcome is not Outcome.CANCELLED
    if wanted and allows(retry, failed=attempt.number, reason=reason, exit_code=exit_code):
        _try_again(draft, attempt)
    else:
        finish_turn(draft, turn, outcome, reason=reason, detail=detail)


def _try_again(draft: Draft, failed: AttemptState) -> None:
    retry = draft.state.chain.agents[failed.agent].retry
    following = attempt_id(draft.state.id, failed.agent, failed.turn, failed.number + 1)
    delay = delay_s(retry, failed=failed.number, seed=following)
    paused = any(one.then == "pause" for one in draft.state.reached.values())
    due = draft.at + delay if delay > 0 or paused else None
    schedule(draft, draft.state.turn_of(failed), due=due, feedback=f"{failed.reason}: {failed.detail}")


def schedule(draft: Draft, turn: TurnState, *, due: float | None = None, feedback: str = "") -> None:
    """The next attempt of a turn: at once, or when ``due``. What the people said who approved the turn goes with every attempt."""
    feedback = "\n".join(filter(None, (turn.comment, feedback)))
    number = len(turn.attempts) + 1
    following = attempt_id(draft.state.id, turn.agent, turn.number, number)
    draft.record(
        AttemptScheduled(
            attempt_id=following, agent=turn.agent, turn=turn.number, attempt=number, due=due, feedback=feedback
        )
    )
    if due is not None:
        draft.record(TimerSet(timer=RETRY_TIMER + following, due=due))


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
    data = {"outcome": outcome.value, "reason": reason.value if reason else None, "detail": detail}
    data |= {"comment": comment} if reason is Reason.REJECTED else {}
    raise_automatic(draft, turn.agent, turn.number, _WORDS[outcome], data | {"outputs": outputs or {}})
    raise_automatic(draft, turn.agent, turn.number, "finished", data | {"outputs": outputs or {}})
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
