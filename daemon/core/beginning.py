"""How a turn begins: take its events, ask its condition, resolve its values; then it is up to the gates (semantics 16)."""

from chainwright.daemon.core.concurrency import group_of_turn
from chainwright.daemon.core.conditions import judged, may_start
from chainwright.daemon.core.contexts import Contexts, turn_contexts
from chainwright.daemon.core.decisions import (
    AgentExhausted,
    DeliveriesDropped,
    Resolved,
    TurnPrepared,
    TurnQueued,
    TurnStarted,
)
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import finish_turn, skip_turn
from chainwright.daemon.core.expressions import ExpressionError
from chainwright.daemon.core.gates import pass_gates
from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.joins import take
from chainwright.daemon.core.limits import reach, turns_are_used_up
from chainwright.daemon.core.matrix import MatrixError
from chainwright.daemon.core.races import end_race
from chainwright.daemon.core.resolving import resolved_text, resolved_turn
from chainwright.daemon.core.routing import raise_automatic, withdraw_earlier
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.states import Outcome, Reason


def begin_fed(draft: Draft, agent_id: str) -> None:
    """Begin the turns that an agent's waiting events allow: one at a time, past those that are skipped, or all where groups bound them."""
    agent = draft.state.chain.agents[agent_id]
    if agent.listens is None:
        return
    held = draft.state.agents[agent_id]
    allowed = may_start(draft.state, agent)
    one_by_one = agent.concurrency is None
    while draft.wish is None and not (held.live and one_by_one) and (taken := take(agent.listens, held.inbox)):
        if not allowed:
            waiting = tuple(sorted(number for numbers in held.inbox.values() for number in numbers))
            draft.record(DeliveriesDropped(agent=agent_id, numbers=waiting, why="run-ending"))
            return
        if taken.surplus:  # first: what the turn does may withdraw the very same events
            draft.record(DeliveriesDropped(agent=agent_id, numbers=taken.surplus, why="surplus"))
        before = len(held.turns)
        begin(draft, agent, taken.consumed)
        has_fired = len(held.turns) > before and held.turns[-1].outcome is not Outcome.SKIPPED
        if has_fired and agent.listens.mode == "first":
            end_race(draft, agent, draft.state.event(taken.consumed[0]).name)


def begin(draft: Draft, agent: Agent, consumed: tuple[int, ...] = ()) -> None:
    """Begin a turn: it starts, is skipped, fails for a value that cannot be had, or finds its agent exhausted."""
    contexts = turn_contexts(draft.state, agent, consumed)
    refused, problem = judged(draft.state, agent, contexts)
    if refused:
        skip_turn(draft, _queue(draft, agent, consumed), *refused)
    elif agent.max_turns is not None and draft.state.agents[agent.id].begun >= agent.max_turns:
        _exhaust(draft, agent, consumed)
    elif turns_are_used_up(draft.state) and draft.state.chain.limits.on_limit == "fail":
        reach(draft, "turns")
    elif problem:
        finish_turn(draft, _queue(draft, agent, consumed), Outcome.FAILED, reason=Reason.EXPRESSION, detail=problem)
    else:
        _start(draft, _queue(draft, agent, consumed), contexts)


def _start(draft: Draft, turn: TurnState, contexts: Contexts) -> None:
    withdraw_earlier(draft, turn)
    agent = draft.state.chain.agents[turn.agent]
    try:
        recorded = draft.state.recorded.get((turn.agent, turn.consumed))
        resolved = recorded or resolved_turn(agent, contexts)
        prepared = _prepared(draft.state, agent, turn.number, resolved, contexts)
    except (ExpressionError, MatrixError) as error:
        finish_turn(draft, turn, Outcome.FAILED, reason=Reason.EXPRESSION, detail=str(error))
        return
    if agent.strategy is not None and not prepared.start.resolved.legs:
        skip_turn(draft, turn, Reason.MATRIX_EMPTY, "its matrix gave no leg")
    else:
        pass_gates(draft, turn, prepared)


def _queue(draft: Draft, agent: Agent, consumed: tuple[int, ...]) -> TurnState:
    turns = draft.state.agents[agent.id].turns
    draft.record(TurnQueued(agent=agent.id, turn=len(turns) + 1, consumed=consumed))
    return turns[-1]


def _exhaust(draft: Draft, agent: Agent, consumed: tuple[int, ...]) -> None:
    first = not draft.state.agents[agent.id].exhausted
    draft.record(AgentExhausted(agent=agent.id, consumed=consumed))
    draft.settles = True
    if first:
        raise_automatic(draft, agent.id, 0, "exhausted", {"max-turns": agent.max_turns})


def _prepared(state: RunState, agent: Agent, turn: int, resolved: Resolved, contexts: Contexts) -> TurnPrepared:
    return TurnPrepared(
        agent=agent.id,
        turn=turn,
        start=TurnStarted(agent=agent.id, turn=turn, resolved=resolved),
        group=group_of_turn(state, agent, contexts),
        message=resolved_text(agent.approval.message if agent.approval else None, contexts) or "",
    )
