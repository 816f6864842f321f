"""How a turn begins: take its events, ask its condition and its limits, resolve its values (semantics 16)."""

from chainwright.daemon.core.contexts import Contexts, turn_contexts, turn_status
from chainwright.daemon.core.decisions import AgentExhausted, DeliveriesDropped, TurnQueued, TurnStarted
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import finish_turn, schedule, skip_turn
from chainwright.daemon.core.expressions import ExpressionError, Status, parse_condition
from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.joins import take
from chainwright.daemon.core.matrix import MatrixError
from chainwright.daemon.core.resolving import resolved_turn
from chainwright.daemon.core.routing import raise_automatic, withdraw_earlier
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.states import Outcome, Reason, Result


def begin_fed(draft: Draft, agent_id: str) -> None:
    """Begin the turns that an agent's waiting events allow: one at a time, past those that are skipped."""
    agent = draft.state.chain.agents[agent_id]
    if agent.listens is None:
        return
    held = draft.state.agents[agent_id]
    may_start = _may_start(draft.state, agent)
    while draft.wish is None and held.live_turn is None and (taken := take(agent.listens, held.inbox)):
        if not may_start:
            waiting = tuple(sorted(number for numbers in held.inbox.values() for number in numbers))
            draft.record(DeliveriesDropped(agent=agent_id, numbers=waiting, why="run-ending"))
            return
        if taken.surplus:  # first: what the turn does may withdraw the very same events
            draft.record(DeliveriesDropped(agent=agent_id, numbers=taken.surplus, why="surplus"))
        begin(draft, agent, taken.consumed)


def begin(draft: Draft, agent: Agent, consumed: tuple[int, ...] = ()) -> None:
    """Begin a turn: it starts, is skipped, fails for a value that cannot be had, or finds its agent exhausted."""
    contexts = turn_contexts(draft.state, agent, consumed)
    refused, problem = _judged(draft.state, agent, contexts)
    if refused:
        skip_turn(draft, _queue(draft, agent, consumed), *refused)
    elif agent.max_turns is not None and draft.state.agents[agent.id].started >= agent.max_turns:
        _exhaust(draft, agent, consumed)
    elif draft.state.stopping is None and draft.state.turns_started >= draft.state.chain.limits.turns:
        limit = draft.state.chain.limits.turns
        draft.ask_to_stop(Outcome.FAILED, Reason.LIMIT_TURNS, f"the run's limit of {limit} turns is reached")
    elif problem:
        finish_turn(draft, _queue(draft, agent, consumed), Outcome.FAILED, reason=Reason.EXPRESSION, detail=problem)
    else:
        _start(draft, _queue(draft, agent, consumed), contexts)


def _start(draft: Draft, turn: TurnState, contexts: Contexts) -> None:
    withdraw_earlier(draft, turn)
    agent = draft.state.chain.agents[turn.agent]
    try:
        resolved = resolved_turn(agent, contexts)
    except (ExpressionError, MatrixError) as error:
        finish_turn(draft, turn, Outcome.FAILED, reason=Reason.EXPRESSION, detail=str(error))
        return
    if agent.strategy is not None and not resolved.legs:
        skip_turn(draft, turn, Reason.MATRIX_EMPTY, "its matrix gave no leg")
        return
    draft.record(TurnStarted(agent=turn.agent, turn=turn.number, resolved=resolved))
    schedule(draft, turn)


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


# whether the condition lets it


def _may_start(state: RunState, agent: Agent) -> bool:
    """While a run ends, only agents that ask for it may start; after a second cancel or a mistake of ours, none."""
    if state.stopping is None:
        return True
    if state.abandoned:
        return False
    return _names_status(agent)


def _names_status(agent: Agent) -> bool:
    try:
        return agent.condition is not None and parse_condition(agent.condition).names_status
    except ExpressionError:
        return False  # it asks for nothing that can be understood; a turn that would begin says what is wrong


def _judged(state: RunState, agent: Agent, contexts: Contexts) -> tuple[tuple[Reason, str] | None, str]:
    """Why the turn is skipped, if it is; and what is wrong with its condition, if that cannot be evaluated."""
    try:
        return _refused(state, agent, contexts, turn_status(state, agent)), ""
    except ExpressionError as error:
        return None, f"if: {error}"


def _refused(state: RunState, agent: Agent, contexts: Contexts, status: Status) -> tuple[Reason, str] | None:
    if not _may_start(state, agent):
        return ending(state)
    condition = parse_condition(agent.condition) if agent.condition is not None else None
    if agent.needs and not (condition and condition.names_status) and not status.success:
        return _unmet(state, agent)
    if condition and not condition.holds(contexts, status):
        return _false(state, agent)
    return None


def _false(state: RunState, agent: Agent) -> tuple[Reason, str]:
    if state.stopping is not None:
        return ending(state)
    return Reason.IF_FALSE, f"`{agent.condition}` was false"


def ending(state: RunState) -> tuple[Reason, str]:
    """Why something does not start in a run that is ending."""
    if state.stopping is not None and state.stopping.reason is Reason.RUN_STOPPED:
        return Reason.RUN_STOPPED, state.stopping.detail
    return Reason.RUN_ENDING, "the run was already ending"


def _unmet(state: RunState, agent: Agent) -> tuple[Reason, str]:
    results = {need: state.result(need) for need in agent.needs}
    bad = [f"{need}: {result}" for need, result in results.items() if result in (Result.FAILURE, Result.CANCELLED)]
    if bad:
        return Reason.NEEDS_FAILED, f"it needs {', '.join(bad)}"
    return Reason.NEEDS_SKIPPED, f"all that it needs was skipped: {', '.join(agent.needs)}"
