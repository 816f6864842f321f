"""Whether a run rests: nothing in it can go on but for people. Its limit of duration stands still while it does (semantics 24)."""

from typing import Final

from chainwright.daemon.core.decisions import RunResumed, RunWaiting, TimerCleared, TimerSet
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import Reason, State

RUN_DURATION_TIMER: Final = "run-duration"


def rest(draft: Draft) -> None:
    """Let the run rest when only people are left to wait for, and go on when that has changed."""
    state = draft.state
    people = _only_people(state)
    if people and state.state is State.RUNNING:
        due = state.timers.get(RUN_DURATION_TIMER)
        _wait(draft, people, None if due is None else max(due - draft.at, 0.0))
        if due is not None:
            draft.record(TimerCleared(timer=RUN_DURATION_TIMER))
    elif people and state.state is State.WAITING and people != state.detail:
        _wait(draft, people, state.duration_left_s)
    elif not people and state.state is State.WAITING:
        left = state.duration_left_s
        draft.record(RunResumed())
        if left is not None:
            draft.record(TimerSet(timer=RUN_DURATION_TIMER, due=draft.at + left))


def _wait(draft: Draft, people: str, left_s: float | None) -> None:
    draft.record(RunWaiting(reason=Reason.APPROVAL, detail=people, duration_left_s=left_s))


def _only_people(state: RunState) -> str:
    """The agents that wait for approval, when nothing else lives; empty when something does."""
    waiting = [turn for turn in state.held_turns() if turn.reason is Reason.APPROVAL]
    return ", ".join(turn.agent for turn in waiting) if len(waiting) == state.live_turns else ""
