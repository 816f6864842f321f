"""What expressions see: the contexts of a run, as plain JSON values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chainwright.daemon.core.expressions import NOW, Status
from chainwright.daemon.core.graph import Agent, Strategy
from chainwright.daemon.core.state import AttemptState, EventState, RunState, TurnState
from chainwright.daemon.core.states import FAILURES, Outcome, Result

Contexts = Mapping[str, Any]


def run_contexts(state: RunState) -> dict[str, Any]:
    """Contexts that every expression of a run has: ``inputs vars run agents``, and the time that ``now()`` gives (semantics 2)."""
    request = state.request
    assert request is not None
    run = {
        "id": request.run_id,
        "number": request.number,
        "attempt": request.attempt,
        "url": request.url,
        "chain": request.chain,
        "commit": request.works_on,
        "actor": request.trigger.actor,
        "trigger": request.trigger.kind,
    }
    return {
        "inputs": request.inputs,
        "vars": state.chain.vars,
        "run": run,
        "agents": _Seen(state, state.agents),
        NOW: state.now,
    }


def turn_contexts(state: RunState, agent: Agent, consumed: tuple[int, ...]) -> dict[str, Any]:
    """Those of a turn: the run's, and ``needs`` (direct ones only) and ``event``."""
    contexts = run_contexts(state)
    contexts["needs"] = _Seen(state, agent.needs)
    contexts["event"] = event_context(agent, [state.event(number) for number in consumed])
    return contexts


def leg_contexts(
    contexts: Contexts, strategy: Strategy, combinations: Sequence[Mapping[str, Any]], index: int
) -> dict[str, Any]:
    """Those of a leg: the turn's, and ``matrix`` and ``strategy``, which has GitHub's fields."""
    place = _place(strategy, index=index, total=len(combinations))
    return {**contexts, "matrix": combinations[index], "strategy": place}


def matrix_contexts(state: RunState, attempt: AttemptState) -> dict[str, Any]:
    """``matrix`` and ``strategy`` as the leg of this attempt has them; nothing without a matrix."""
    strategy = state.chain.agents[attempt.agent].strategy
    if strategy is None:
        return {}
    legs = state.turn_of(attempt).legs
    place = _place(strategy, index=list(legs).index(attempt.leg), total=len(legs))
    return {"matrix": legs[attempt.leg].matrix, "strategy": place}


def _place(strategy: Strategy, *, index: int, total: int) -> dict[str, Any]:
    return {
        "fail-fast": strategy.fail_fast,
        "max-parallel": strategy.max_parallel or total,
        "job-index": index,
        "job-total": total,
    }


def event_context(agent: Agent, events: list[EventState]) -> dict[str, Any] | None:
    """The event that started a turn; of a join, ``data`` and ``source`` by event name and the whole events in a list."""
    if not events:
        return None
    if agent.listens is None or agent.listens.takes_one:
        return events[0].as_json()
    whole = [event.as_json() for event in events]
    return {
        "name": None,
        "data": {event["name"]: event["data"] for event in whole},
        "source": {event["name"]: event["source"] for event in whole},
        "time": max(event["time"] for event in whole),
        "events": whole,
    }


def turn_status(state: RunState, agent: Agent) -> Status:
    """What ``success()`` and its kin say to an agent: about its direct needs, or without any about the run so far."""
    stopping = state.stopping
    cancelled = stopping is not None and stopping.outcome is Outcome.CANCELLED
    stopped_badly = stopping is not None and stopping.outcome in FAILURES
    if not agent.needs:
        failed = bool(state.failures) or stopped_badly
        return Status(success=stopping is None and not failed, failure=failed, cancelled=cancelled)
    results = {need: state.result(need) for need in agent.needs}
    of_needs = Status(results=results).of(agent.needs)
    return Status(
        success=stopping is None and of_needs.success,
        failure=of_needs.failure or stopped_badly,
        cancelled=cancelled,
        results=results,
    )


class _Seen(Mapping[str, Any]):
    """Agents as expressions see them, worked out when one is asked for: a chain of hundreds asks for few at a time."""

    def __init__(self, state: RunState, agents: Iterable[str]) -> None:
        self._state = state
        self._agents = dict.fromkeys(agents)

    def __getitem__(self, agent: str) -> dict[str, Any]:
        if agent not in self._agents:
            raise KeyError(agent)
        last = self._state.agents[agent].last_turn
        seen = {
            "result": self._state.result(agent).value,
            "outputs": last.outputs if last else {},
        }
        return seen if self._state.chain.agents[agent].strategy is None else seen | _legs(last)

    def __iter__(self) -> Iterator[str]:
        return iter(self._agents)

    def __len__(self) -> int:
        return len(self._agents)


def _legs(turn: TurnState | None) -> dict[str, Any]:
    """The legs of a matrix, and how many did well and badly; each counts as it ended, also where failing is allowed."""
    legs = [leg.as_json() for leg in turn.legs.values()] if turn else []
    results = [leg["result"] for leg in legs]
    return {"legs": legs, "succeeded": results.count(Result.SUCCESS), "failed": results.count(Result.FAILURE)}
