"""When agents have settled, what that opens, and when the run has ended (semantics 13).

An agent is **unsettled** while it can still have a turn: one is live, its gate of ``needs`` has not opened, or something unsettled can
feed it. An event cycle in which nothing is live is reached by nothing, so it settles as a whole. A gate opens when none of its needs
is unsettled.
"""

from collections.abc import Iterator

from chainwright.daemon.core.beginning import begin, begin_fed
from chainwright.daemon.core.conditions import ending
from chainwright.daemon.core.contexts import run_contexts
from chainwright.daemon.core.decisions import AgentSkipped, RunFinished
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.expressions import ExpressionError, resolve
from chainwright.daemon.core.resting import rest
from chainwright.daemon.core.routing import raise_automatic
from chainwright.daemon.core.starting import never_start
from chainwright.daemon.core.state import AgentState, RunState
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.core.stopping import begin_stop, stop_turn
from chainwright.daemon.core.turn_limits import rest_turns


def advance(draft: Draft) -> None:
    """Let everything happen that follows from what was just recorded, until nothing moves."""
    while _step(draft):
        pass
    rest(draft)
    rest_turns(draft)
    if _over(draft.state):
        _finish(draft)


def _step(draft: Draft) -> bool:
    if wish := draft.wish:
        draft.wish = None
        begin_stop(draft, wish) if draft.state.started_at is not None else never_start(draft, wish)
    elif draft.state.started_at is None:
        return False
    elif draft.given_up:
        turn = draft.given_up.pop(0)
        assert turn.stopping is not None
        stop_turn(draft, turn, turn.stopping.reason, turn.stopping.detail)
    elif draft.woken:
        agent = next(iter(draft.woken))
        del draft.woken[agent]
        begin_fed(draft, agent)
    elif draft.settles:
        draft.settles = False
        _settle(draft)
    else:
        return False
    return True


def _settle(draft: Draft) -> None:
    state = draft.state
    moving = [agent.id for agent in state.agents.values() if agent.live or _gated(state, agent)]
    unsettled = state.edges.reach(moving)
    starved = [agent for agent in _never_begun(state) if agent.id not in unsettled]
    hopeless = _hopeless(state, starved)
    for agent in hopeless:
        _skip_agent(draft, agent)
    if draft.woken or len(hopeless) < len(starved):
        draft.settles = True  # what is fed by a skip is not settled: look again before any gate opens
        return
    for agent in state.agents.values():
        if _gated(state, agent) and unsettled.isdisjoint(state.chain.agents[agent.id].needs):
            begin(draft, state.chain.agents[agent.id])


def _gated(state: RunState, agent: AgentState) -> bool:
    return bool(state.chain.agents[agent.id].needs) and not agent.turns and agent.skipped is None


def _never_begun(state: RunState) -> Iterator[AgentState]:
    """Agents without a gate that have had no turn; those that start with the run are among them only if it ends before."""
    for agent in state.agents.values():
        declared = state.chain.agents[agent.id]
        waits = declared.listens is not None or state.stopping is not None
        if waits and not declared.needs and not agent.turns and agent.skipped is None:
            yield agent


def _hopeless(state: RunState, starved: list[AgentState]) -> list[AgentState]:
    """Those that not even the skip of another can set moving; where all hope for one another, the first that is heard."""
    listeners = {agent.id: state.edges.listeners.get(f"{agent.id}.skipped", ()) for agent in starved}
    heard = [agent for agent in starved if listeners[agent.id]]
    if not heard:
        return starved
    fed = {agent.id: state.edges.reach(listeners[agent.id]) for agent in heard}
    hopeless = [
        agent for agent in starved if not any(agent.id in reach for other, reach in fed.items() if other != agent.id)
    ]
    return hopeless or heard[:1]


def _skip_agent(draft: Draft, agent: AgentState) -> None:
    missing = [name for name, numbers in agent.inbox.items() if not numbers]
    reason, detail = Reason.NEVER_FED, f"{' / '.join(missing)} did not come"
    if draft.state.stopping is not None:
        reason, detail = ending(draft.state)
    draft.record(AgentSkipped(agent=agent.id, reason=reason, detail=detail))
    raise_automatic(draft, agent.id, 0, "skipped", {"reason": reason.value, "detail": detail})


# the end


def _over(state: RunState) -> bool:
    begun = state.state in (State.RUNNING, State.STOPPING)
    return begun and state.live_turns == 0 and not any(_gated(state, agent) for agent in state.agents.values())


def _finish(draft: Draft) -> None:
    outcome, reason, detail = _verdict(draft.state)
    outputs = {}
    if outcome is Outcome.SUCCEEDED:
        try:
            outputs = resolve(draft.state.chain.outputs, run_contexts(draft.state))
        except ExpressionError as error:
            outcome, reason, detail = Outcome.FAILED, Reason.EXPRESSION, f"outputs: {error}"
    draft.record(
        RunFinished(
            outcome=outcome,
            reason=reason,
            detail=detail,
            cause=draft.state.failures[0][1] if reason is Reason.AGENT_FAILED else None,
            strays=draft.state.strays,
            outputs=outputs,
        )
    )


def _verdict(state: RunState) -> tuple[Outcome, Reason | None, str]:
    stopping = state.stopping
    if state.mistake:
        return Outcome.FAILED, Reason.INTERNAL, state.mistake
    if stopping is not None and not (stopping.outcome is Outcome.SUCCEEDED and state.failures):
        return stopping.outcome, stopping.reason, stopping.detail
    if state.failures:
        agent, reason, detail = state.failures[0]
        exhausted = reason is Reason.EXHAUSTED
        return Outcome.FAILED, Reason.EXHAUSTED if exhausted else Reason.AGENT_FAILED, f'agent "{agent}": {detail}'
    return Outcome.SUCCEEDED, None, ""
