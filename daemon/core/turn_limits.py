"""The limits that an agent sets for each of its turns: how long it may take with all its attempts, how many events it may emit.

Reaching one fails the turn, asks people or is only noted (semantics 25). While people are asked the turn makes no further attempt, and
what runs of it goes on; one that has nothing left to do ends all the same. Its clock stands still while only people are waited for (24).
"""

from collections.abc import Callable, Iterator
from typing import Final

from chainwright.daemon.core.decisions import AttemptDue, TimerCleared, TimerSet
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.facts import LimitDecided
from chainwright.daemon.core.graph import LimitName, TurnLimits
from chainwright.daemon.core.holds import TURN_DURATION_TIMER, claim_of, turn_named
from chainwright.daemon.core.limits import is_paused, postponed
from chainwright.daemon.core.state import AttemptState, RunState, TurnState
from chainwright.daemon.core.states import LIMIT_REASONS
from chainwright.daemon.core.turn_limit_decisions import (
    TurnClockStarted,
    TurnClockStopped,
    TurnLimitRaised,
    TurnLimitReached,
)

_NO_LIMITS: Final = TurnLimits()
_DECLARED: Final[dict[LimitName, Callable[[TurnLimits], float | None]]] = {
    "events": lambda limits: limits.events,
    "duration": lambda limits: limits.duration_s,
}
_SAID: Final[dict[LimitName, str]] = {
    "events": "the limit of {:g} events of each turn is exceeded",
    "duration": "the limit of {:g} s of each turn is reached",
}


def start_clock(draft: Draft, turn: TurnState) -> None:
    """The turn starts: from now on its time counts."""
    duration_s = _limits(draft.state, turn).duration_s
    if duration_s is not None:
        draft.record(TimerSet(timer=_timer(turn), due=draft.at + duration_s))


def hold_to_events(draft: Draft, attempt: AttemptState) -> None:
    """An attempt has emitted an event: its turn may have emitted too many."""
    turn = draft.state.turn_of(attempt)
    allowed = _allowed(draft.state, turn, "events")
    if turn.live and allowed is not None and turn.events_declared > allowed:
        _reach(draft, turn, "events")


def time_is_up(draft: Draft, claim: str) -> None:
    """The time of a turn is over."""
    _reach(draft, turn_named(draft.state, claim), "duration")


def answered(draft: Draft, fact: LimitDecided) -> None:
    """People have said whether a turn may go beyond its limit: it is raised and the turn goes on, or fails."""
    turn = draft.state.agents[fact.agent].turns[fact.turn - 1]
    if fact.verdict == "reject":
        said = f"{turn.reached[fact.limit].detail}, rejected by {fact.actor}"
        draft.give_up(turn, LIMIT_REASONS[fact.limit], ": ".join(filter(None, (said, fact.comment))))
        return
    amount = fact.amount or _DECLARED[fact.limit](_limits(draft.state, turn)) or 0.0
    draft.record(TurnLimitRaised(agent=turn.agent, turn=turn.number, limit=fact.limit, amount=amount))
    if fact.limit == "duration":
        draft.record(TimerSet(timer=_timer(turn), due=draft.at + amount))
    go_on(draft, [turn])


def go_on(draft: Draft, turns: list[TurnState]) -> None:
    """Attempts of these turns whose time has come start, unless a limit of the run or of their turn still holds them."""
    for attempt in postponed(draft.state):
        turn = draft.state.turn_of(attempt)
        if turn in turns and not turn.is_paused and not is_paused(draft.state):
            draft.record(AttemptDue(attempt_id=attempt.id))


def rest_turns(draft: Draft) -> None:
    """Let the clock of a turn stand still while only people can let it go on, and go on when that has changed."""
    for turn in _with_clock(draft.state):
        due, left = draft.state.timers.get(_timer(turn)), turn.duration_left_s
        still = _only_people(draft.state, turn)
        if still and due is not None:
            stopped = TurnClockStopped(agent=turn.agent, turn=turn.number, duration_left_s=max(due - draft.at, 0.0))
            draft.record(stopped)
            draft.record(TimerCleared(timer=_timer(turn)))
        elif not still and left is not None:
            draft.record(TurnClockStarted(agent=turn.agent, turn=turn.number))
            draft.record(TimerSet(timer=_timer(turn), due=draft.at + left))


def waited_for(state: RunState) -> Iterator[tuple[TurnState, TurnLimitReached]]:
    """The limits of turns about which people are asked."""
    for agent in state.agents.values():
        for turn in agent.live.values():
            yield from ((turn, reached) for reached in turn.reached.values() if reached.then == "pause")


def is_waited_for_of(state: RunState, agent: str, number: int, limit: LimitName) -> bool:
    """Whether people are asked about this limit of this turn."""
    return any((turn.agent, turn.number, one.limit) == (agent, number, limit) for turn, one in waited_for(state))


def _reach(draft: Draft, turn: TurnState, limit: LimitName) -> None:
    then, allowed = _limits(draft.state, turn).on_limit, _allowed(draft.state, turn, limit)
    detail = _SAID[limit].format(allowed)
    if then == "fail":
        draft.give_up(turn, LIMIT_REASONS[limit], detail)
    elif limit not in turn.reached and turn.stopping is None and draft.state.stopping is None:
        draft.record(
            TurnLimitReached(agent=turn.agent, turn=turn.number, limit=limit, then=then, detail=detail, at=draft.at)
        )


def _limits(state: RunState, turn: TurnState) -> TurnLimits:
    return state.chain.agents[turn.agent].limits or _NO_LIMITS


def _allowed(state: RunState, turn: TurnState, limit: LimitName) -> float | None:
    declared = _DECLARED[limit](_limits(state, turn))
    return None if declared is None else declared + turn.added.get(limit, 0.0)


def _with_clock(state: RunState) -> list[TurnState]:
    limited = [
        agent.id for agent in state.chain.agents.values() if agent.limits and agent.limits.duration_s is not None
    ]
    return [turn for agent in limited for turn in state.agents[agent].live.values() if turn.resolved is not None]


def _only_people(state: RunState, turn: TurnState) -> bool:
    late = {attempt.id for attempt in postponed(state)}
    live = [attempt for attempt in turn.attempts if attempt.live]
    return bool(live) and all(attempt.paused or attempt.id in late for attempt in live)


def _timer(turn: TurnState) -> str:
    return TURN_DURATION_TIMER + claim_of(turn)
