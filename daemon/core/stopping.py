"""Ending a run before its time: cancel, limits, ``run.stop`` (semantics 25, 26).

First what runs is stopped; when that has ended, agents whose ``if`` asks for it (``always()``, ``cancelled()``) clean up; a second
cancel ends those too.
"""

from chainwright.daemon.core.decisions import AttemptStopping, DeliveriesDropped, RunStopping, TimerCleared
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import RETRY_TIMER, WITHDRAWN, fail, finish_turn, withdraw_legs
from chainwright.daemon.core.state import AttemptState, TurnState
from chainwright.daemon.core.states import Outcome, Reason, State, outcome_of_taking_away


def begin_stop(draft: Draft, wish: RunStopping) -> None:
    """Take nothing new on, withdraw what waits, stop what runs."""
    draft.record(wish)
    drop_deliveries(draft)
    stop_live(draft)
    draft.settles = True


def stop_live(draft: Draft) -> None:
    """Stop every turn that has not ended."""
    for agent in draft.state.agents.values():
        for turn in tuple(agent.live.values()):
            stop_turn(draft, turn, Reason.CANCELLED, WITHDRAWN)


def stop_turn(draft: Draft, turn: TurnState, reason: Reason, detail: str) -> None:
    """Stop what a turn has running; one that is held ends here, with ``detail``, and legs without an attempt never get one."""
    if turn.held:
        finish_turn(draft, turn, Outcome.CANCELLED, reason=reason, detail=detail)
    withdraw_legs(draft, turn, reason)
    for attempt in [attempt for attempt in turn.attempts if attempt.live]:
        stop_attempt(draft, attempt, reason)


def stop_attempt(draft: Draft, attempt: AttemptState, reason: Reason) -> None:
    """Stop one attempt. One that is being stopped already keeps its reason, unless that was only that its event has come."""
    if attempt.state is State.WAITING:
        draft.record(TimerCleared(timer=RETRY_TIMER + attempt.id))
        fail(draft, attempt, outcome_of_taking_away(reason), reason, WITHDRAWN)
    elif not attempt.taken_away and attempt.stopping_for is not reason:
        cleans_up = reason is not Reason.EVENT and attempt.running_step is not None and not draft.state.abandoned
        draft.record(AttemptStopping(attempt_id=attempt.id, reason=reason, cleans_up=cleans_up))
    elif attempt.cleans_up and draft.state.abandoned:
        draft.record(AttemptStopping(attempt_id=attempt.id, reason=reason))


def drop_deliveries(draft: Draft) -> None:
    """Take away all events that wait to start something."""
    for agent in draft.state.agents.values():
        waiting = tuple(sorted(number for numbers in agent.inbox.values() for number in numbers))
        if waiting:
            draft.record(DeliveriesDropped(agent=agent.id, numbers=waiting, why="run-ending"))
