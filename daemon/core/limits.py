"""The limits of a whole run, and what reaching one leads to: it fails, asks people, or is only noted (semantics 25).

While people are asked nothing new begins, no turn and no attempt, and what runs goes on. Cleaning up in a run that ends is held to
no limit.
"""

from collections.abc import Callable, Iterator
from typing import Final

from chainwright.daemon.core.decisions import LimitReached, TurnHeld
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import RETRY_TIMER
from chainwright.daemon.core.graph import LimitName, Limits
from chainwright.daemon.core.state import AttemptState, RunState, TurnState
from chainwright.daemon.core.states import LIMIT_REASONS, Outcome, State

_DECLARED: Final[dict[LimitName, Callable[[Limits], float]]] = {
    "turns": lambda limits: limits.turns,
    "events": lambda limits: limits.events,
    "duration": lambda limits: limits.duration_s,
}
_SAID: Final[dict[LimitName, str]] = {
    "turns": "the run's limit of {:g} turns is reached",
    "events": "the run's limit of {:g} events is exceeded",
    "duration": "the run's limit of {:g} s is reached",
}


def declared(state: RunState, limit: LimitName) -> float:
    """What the chain allows; of the duration, seconds."""
    return _DECLARED[limit](state.chain.limits)


def allowed(state: RunState, limit: LimitName) -> float:
    """What the chain allows, and what people have added to it."""
    return declared(state, limit) + state.added.get(limit, 0.0)


def reach(draft: Draft, limit: LimitName) -> None:
    """Do what the chain says about a limit that is reached; once, until it is raised."""
    state = draft.state
    detail = _SAID[limit].format(allowed(state, limit))
    then = state.chain.limits.on_limit
    if then == "fail":
        draft.ask_to_stop(outcome_of(limit), LIMIT_REASONS[limit], detail)
    elif limit not in state.reached and state.stopping is None:
        draft.record(LimitReached(limit=limit, then=then, detail=detail, at=draft.at))


def hold_for_limit(draft: Draft, turn: TurnState) -> None:
    """Keep a turn that a limit does not let start, until people have answered, or for the end of the run."""
    if turns_are_used_up(draft.state):
        reach(draft, "turns")
    held = next(iter(paused_by(draft.state)), None)
    limit: LimitName = held.limit if held else "turns"
    detail = held.detail if held else _SAID[limit].format(allowed(draft.state, limit))
    draft.record(TurnHeld(agent=turn.agent, turn=turn.number, reason=LIMIT_REASONS[limit], detail=detail))


def is_waited_for(state: RunState, limit: LimitName) -> bool:
    """Whether people are asked about this limit."""
    return any(one.limit == limit for one in paused_by(state))


def paused_by(state: RunState) -> Iterator[LimitReached]:
    """The limits about which people are asked, the first first."""
    return (one for one in state.reached.values() if one.then == "pause")


def is_paused(state: RunState) -> bool:
    """Whether people are asked about a limit."""
    return any(True for _ in paused_by(state))


def turns_are_used_up(state: RunState) -> bool:
    """Whether the run has started as many turns as it may."""
    return state.stopping is None and state.turns_started >= allowed(state, "turns")


def postponed(state: RunState) -> list[AttemptState]:
    """Attempts whose delay is over, but which a limit does not let start."""
    waiting = (attempt for attempt in state.live_attempts() if attempt.state is State.WAITING)
    return [attempt for attempt in waiting if RETRY_TIMER + attempt.id not in state.timers]


def held_by_limit(state: RunState) -> list[TurnState]:
    """Turns that a limit does not let start."""
    return [turn for turn in state.held_turns() if turn.reason in LIMIT_REASONS.values()]


def outcome_of(limit: LimitName) -> Outcome:
    """How a run ends that may not go beyond this limit."""
    return Outcome.TIMED_OUT if limit == "duration" else Outcome.FAILED
