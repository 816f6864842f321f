"""Whether a run waits for people: nothing else in it can go on, or a limit lets nothing new begin.

Its limit of duration stands still while there is nothing else to wait for (semantics 24).
"""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.decisions import RunResumed, RunWaiting, TimerCleared, TimerSet
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.limits import held_by_limit, paused_by, postponed
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import LIMIT_REASONS, Reason, State
from chainwright.daemon.core.turn_limits import waited_for

RUN_DURATION_TIMER: Final = "run-duration"


def rest(draft: Draft) -> None:
    """Let the run wait when it needs people, and go on when that has changed."""
    state = draft.state
    if state.state not in (State.RUNNING, State.WAITING):
        return
    still = _only_people(state)
    need = _need(state, still=still)
    if need is not None:
        _wait(draft, *need, still=still)
    elif state.state is State.WAITING:
        _go_on(draft)


def rests(state: RunState) -> bool:
    """Whether only people can do something in the run: who called it then waits for people, too."""
    return state.state in (State.RUNNING, State.WAITING) and _only_people(state)


def _wait(draft: Draft, reason: Reason, detail: str, *, still: bool) -> None:
    state = draft.state
    due = state.timers.get(RUN_DURATION_TIMER) if still else None
    if due is None and (state.state, state.reason, state.detail) == (State.WAITING, reason, detail):
        return
    left = state.duration_left_s if due is None else max(due - draft.at, 0.0)
    draft.record(RunWaiting(reason=reason, detail=detail, duration_left_s=left))
    if due is not None:
        draft.record(TimerCleared(timer=RUN_DURATION_TIMER))


def _go_on(draft: Draft) -> None:
    left = draft.state.duration_left_s
    draft.record(RunResumed())
    if left is not None and RUN_DURATION_TIMER not in draft.state.timers:
        draft.record(TimerSet(timer=RUN_DURATION_TIMER, due=draft.at + left))


def _need(state: RunState, *, still: bool) -> tuple[Reason, str] | None:
    """For what the run needs people: a limit, or else approvals when nothing else is left. One that is done needs nobody."""
    if state.live_turns == 0:
        return None
    for one in paused_by(state):
        return LIMIT_REASONS[one.limit], one.detail
    asked = list(_asked(state)) if still else []
    return (asked[0][0], ", ".join(what for _, what in asked)) if asked else None


def _asked(state: RunState) -> Iterator[tuple[Reason, str]]:
    """What people are asked about, besides limits of the run: approvals, here and in child runs, and limits of turns."""
    yield from ((Reason.APPROVAL, turn.agent) for turn in state.held_turns() if turn.reason is Reason.APPROVAL)
    called = (attempt for attempt in state.live_attempts() if attempt.paused)
    yield from ((Reason.APPROVAL, f"{attempt.agent} (run {attempt.child})") for attempt in called)
    yield from ((LIMIT_REASONS[one.limit], f"{turn.agent}: {one.detail}") for turn, one in waited_for(state))


def _only_people(state: RunState) -> bool:
    """Whether everything that lives waits for people."""
    asked = sum(1 for turn in state.held_turns() if turn.reason is Reason.APPROVAL)
    late = {attempt.id for attempt in postponed(state)}
    waiting, at_work = set[tuple[str, int]](), set[tuple[str, int]]()
    for attempt in state.live_attempts():
        rests = attempt.paused or attempt.id in late
        (waiting if rests else at_work).add((attempt.agent, attempt.turn))
    held = asked + len(held_by_limit(state)) + len(waiting - at_work)
    return state.live_turns > 0 and held == state.live_turns
