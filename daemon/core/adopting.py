"""What an adopted event, turn or value makes of a run's state: the part of ``evolve`` that retried runs need."""

from chainwright.daemon.core.adoptions import EventAdopted, TurnAdopted, ValuesAdopted
from chainwright.daemon.core.inboxes import deliver, take
from chainwright.daemon.core.state import EventState, RunState, TurnState, legs_of
from chainwright.daemon.core.states import Outcome, State


def event_adopted(state: RunState, fact: EventAdopted) -> None:
    """It counts as routed; the run's limit of events is for those of its own."""
    event = EventState(
        number=len(state.events) + 1,
        name=fact.name,
        data=fact.data,
        at=fact.at,
        agent=fact.agent,
        turn=fact.turn,
        attempt_id=fact.emitter,
        key=fact.key,
        leg=fact.leg,
    )
    state.events.append(event)
    deliver(state, event, fact.consumers)


def turn_adopted(state: RunState, fact: TurnAdopted) -> None:
    """It is over, and counts for `max-turns`; the run's limit of turns is for those of its own."""
    agent = state.agents[fact.agent]
    take(state, fact.agent, fact.consumed)
    turn = TurnState(
        agent=fact.agent,
        number=fact.turn,
        consumed=fact.consumed,
        state=State.FINISHED,
        outcome=fact.outcome,
        reason=fact.reason,
        detail=fact.detail,
        resolved=fact.resolved,
        outputs=fact.outputs,
        adopted_from=fact.run_id,
    )
    if fact.legs and fact.resolved is not None:
        turn.legs = legs_of(state.chain.agents[fact.agent], fact.resolved)
    for leg in fact.legs:
        turn.legs[leg.leg].end(leg)
    agent.turns.append(turn)
    if fact.outcome is not Outcome.SKIPPED:
        agent.last_turn = turn
        agent.started += 1


def values_adopted(state: RunState, fact: ValuesAdopted) -> None:
    """Kept until the turn that they are for begins."""
    state.recorded[fact.agent, fact.consumed] = fact.resolved
    state.kept_legs[fact.agent, fact.consumed] = fact.legs
