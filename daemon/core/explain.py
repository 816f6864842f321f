"""Why an agent is where it is, in sentences: what `chainwright explain` says, from the state alone."""

from collections.abc import Iterator

from chainwright.daemon.core.attempt_ids import branch_of
from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.state import AgentState, AttemptState, LegState, RunState, TurnState
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.core.stepping import label


def explain(state: RunState, agent_id: str) -> list[str]:
    """Lines for people, the present first, then each turn and attempt as it went."""
    agent, declared = state.agents[agent_id], state.chain.agents[agent_id]
    lines = [_starts_when(declared)]
    for turn in agent.turns:
        lines += _turn(state, turn)
    lines += _now(state, agent, declared)
    return lines


def _starts_when(agent: Agent) -> str:
    if agent.needs:
        return f"starts once, when {', '.join(agent.needs)} settled" + _if(agent)
    if agent.listens is None:
        return "starts with the run" + _if(agent)
    names = ", ".join(agent.listens.names)
    how = {
        "any": f"starts for each event of {names}",
        "all": f"starts for each set of one event of all of {names}",
        "quorum": f"starts when {agent.listens.count} of {names} are there",
        "first": f"starts when the first of {names} is there, and cancels who would have emitted the others",
    }
    return how[agent.listens.mode] + _if(agent)


def _if(agent: Agent) -> str:
    return f", if `{agent.condition}`" if agent.condition else ""


def _turn(state: RunState, turn: TurnState) -> Iterator[str]:
    events = ", ".join(f"{state.event(number).name} (#{number})" for number in turn.consumed)
    kept = f", kept from run {turn.adopted_from}" if turn.adopted_from and turn.reason is not Reason.RETRIED else ""
    yield f"turn {turn.number}: {_how(turn)}" + (f", started by {events}" if events else "") + kept
    if turn.held and turn.approval and not turn.approval.granted:
        yield f"  to let it start: chainwright approve {state.id} {turn.agent}"
    for one in turn.reached.values() if turn.live else ():
        answer = f"; to let it go on: chainwright approve {state.id} {turn.agent}" if one.then == "pause" else ""
        yield f"  {one.detail}{answer}"
    for leg in turn.legs.values():
        indent = "  "
        if leg.leg is not None:
            yield f"  leg {leg.leg}, {leg.name}: {_how(leg)}"
            indent = "    "
        for attempt in leg.attempts:
            yield from (indent + line for line in _attempt(state, attempt))


def _attempt(state: RunState, attempt: AttemptState) -> Iterator[str]:
    child = f", run {attempt.child}" if attempt.child else ""
    child += ", which waits for people" if attempt.paused else ""
    yield f"attempt {attempt.number}: {_how(attempt)}{child}"
    if state.chain.agents[attempt.agent].workspace == "worktree":
        yield f"  on branch {branch_of(attempt.id)} of cache/repository.git"
    if attempt.host:
        yield f"  on host {attempt.host}" + ("" if attempt.durable else ", bound to its connection: lost with it")
    yield from (f"  with {one.name} of the {one.provider}, version {one.version}" for one in attempt.secrets)
    yield from _steps(state, attempt)


def _steps(state: RunState, attempt: AttemptState) -> Iterator[str]:
    declared = state.chain.agents[attempt.agent].steps
    for step in attempt.steps:
        how = step.outcome.value if step.outcome else "running"
        forgiven = ", forgiven" if step.outcome is not step.conclusion else ""
        yield f"  {label(declared[step.number - 1], step.number)}: {how}{forgiven}" + (
            f": {step.detail}" if step.detail else ""
        )


def _how(thing: TurnState | LegState | AttemptState) -> str:
    words = thing.outcome.value if thing.outcome else thing.state.value
    because = f" ({thing.reason.value})" if thing.reason else ""
    return words + because + (f": {thing.detail}" if thing.detail else "")


def _now(state: RunState, agent: AgentState, declared: Agent) -> Iterator[str]:
    if state.state is State.QUEUED and state.reason:
        yield f"the run is queued ({state.reason.value}): {state.detail}"
    for reached in state.reached.values():
        answer = f"; to let it go on: chainwright approve {state.id}" if reached.then == "pause" else ""
        yield reached.detail + answer
    if agent.exhausted:
        yield f"its {declared.max_turns} turns are used up"
    if agent.skipped:
        yield f"will not start: {agent.skipped[0].value}: {agent.skipped[1]}"
    if agent.live or agent.skipped or state.state is State.FINISHED:
        return
    if declared.needs and not agent.turns:
        yield from (f"waits for {need}: {_stand(state, need)}" for need in declared.needs)
    elif declared.listens:
        waiting = {name: len(numbers) for name, numbers in agent.inbox.items()}
        yield from (f"waits for {name}" for name, count in waiting.items() if not count)
        yield from (f"has {count} of {name} waiting" for name, count in waiting.items() if count)


def _stand(state: RunState, agent: str) -> str:
    if state.agents[agent].live:
        return "running"
    last = state.agents[agent].last_turn
    if last is None:
        return "not started"
    return (last.outcome or Outcome.SKIPPED).value
