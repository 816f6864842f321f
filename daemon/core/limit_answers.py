"""What follows when people have answered about a limit that is reached (semantics 25)."""

from chainwright.daemon.core import turn_limits
from chainwright.daemon.core.decisions import LimitRaised, TimerSet
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.facts import LimitDecided
from chainwright.daemon.core.gates import pass_gates
from chainwright.daemon.core.limits import declared, held_by_limit, is_paused, outcome_of
from chainwright.daemon.core.resting import RUN_DURATION_TIMER
from chainwright.daemon.core.states import LIMIT_REASONS


def decided(draft: Draft, fact: LimitDecided) -> None:
    """The limit is raised and what no other limit holds goes on, or the run, or the turn whose limit it is, fails."""
    if fact.agent:
        turn_limits.answered(draft, fact)
        return
    if fact.verdict == "reject":
        reached = draft.state.reached[fact.limit].detail
        detail = ": ".join(filter(None, (f"{reached}, rejected by {fact.actor}", fact.comment)))
        draft.ask_to_stop(outcome_of(fact.limit), LIMIT_REASONS[fact.limit], detail)
        return
    amount = fact.amount or declared(draft.state, fact.limit)
    draft.record(LimitRaised(limit=fact.limit, amount=amount))
    if fact.limit == "duration":
        draft.record(TimerSet(timer=RUN_DURATION_TIMER, due=draft.at + amount))
    if not is_paused(draft.state):
        _go_on(draft)


def _go_on(draft: Draft) -> None:
    turn_limits.go_on(draft, [turn for agent in draft.state.agents.values() for turn in agent.live.values()])
    for turn in held_by_limit(draft.state):
        assert turn.prepared is not None
        pass_gates(draft, turn, turn.prepared)
