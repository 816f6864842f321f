"""What becomes of an event: who gets it, and who may not send it (semantics 6 to 12)."""

from typing import Any

from chainwright.daemon.core.decisions import (
    AutomaticEventRaised,
    DeliveriesDropped,
    EventDiscarded,
    EventRefused,
    EventRouted,
)
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.graph import RUN_STOP, Emit
from chainwright.daemon.core.payloads import payload_problems
from chainwright.daemon.core.state import AttemptState, EventState, TurnState
from chainwright.daemon.core.states import Outcome, Reason


def accept(draft: Draft, attempt: AttemptState, event: EventState) -> None:
    """Judge an event that an agent just emitted: it stays staged, is routed at once, or is refused, repeated or late."""
    emit = draft.state.chain.agents[attempt.agent].emits.get(event.name)
    if attempt.stopping_for is Reason.EVENT:  # how quickly a session closes must not decide what it said (semantics 20)
        draft.record(EventDiscarded(number=event.number, why="late"))
    elif problem := _problem(draft, attempt, event, emit):
        draft.record(EventRefused(number=event.number, why=problem))
    elif not attempt.live or attempt.exit is not None:
        draft.record(EventDiscarded(number=event.number, why="late"))
    elif emit is not None and emit.deliver == "now":
        _deliver_now(draft, attempt, event)


def _problem(draft: Draft, attempt: AttemptState, event: EventState, emit: Emit | None) -> str:
    if emit is None:
        declared = ", ".join(draft.state.chain.agents[attempt.agent].emits) or "nothing"
        return f'agent "{attempt.agent}" does not declare it under `emits` (it declares {declared})'
    return "; ".join(event.problems or payload_problems(draft.state.chain, event.name, emit, event.data))


def _deliver_now(draft: Draft, attempt: AttemptState, event: EventState) -> None:
    if event.key in draft.state.leg_of(attempt).delivered:
        draft.record(EventDiscarded(number=event.number, why="repeated"))
    else:
        route(draft, event.number)


def route(draft: Draft, number: int) -> None:
    """Give an event to everybody who listens; ``run.stop`` is for us."""
    event = draft.state.event(number)
    consumers = draft.state.edges.listeners.get(event.name, ())
    draft.record(EventRouted(number=number, consumers=consumers))
    draft.wake(*consumers)
    if event.name == RUN_STOP and any(RUN_STOP in agent.emits for agent in draft.state.chain.agents.values()):
        stop_early(draft, event.agent)


def stop_early(draft: Draft, agent: str | None) -> None:
    """End the run as this agent, or somebody outside, asks: as succeeded, unless something has failed before."""
    outcome = Outcome.FAILED if draft.state.failures else Outcome.SUCCEEDED
    who = f'agent "{agent}"' if agent else "an event from outside"
    draft.ask_to_stop(outcome, Reason.RUN_STOPPED, f"{who} ended the run early")


def route_staged(draft: Draft, attempt: AttemptState) -> None:
    """Give all that a succeeded attempt staged to its listeners, in order."""
    for number in tuple(attempt.staged):
        route(draft, number)


def discard_staged(draft: Draft, attempt: AttemptState) -> None:
    """Let go of all that an attempt staged which did not succeed."""
    for number in tuple(attempt.staged):
        draft.record(EventDiscarded(number=number, why="attempt-failed"))


def raise_automatic(draft: Draft, agent: str, turn: int, word: str, data: dict[str, Any]) -> None:
    """Emit ``<agent>.<word>``, if anybody listens."""
    name = f"{agent}.{word}"
    if consumers := draft.state.edges.listeners.get(name):
        draft.record(
            AutomaticEventRaised(agent=agent, turn=turn, name=name, consumers=consumers, at=draft.at, data=data)
        )
        draft.wake(*consumers)


def withdraw_earlier(draft: Draft, turn: TurnState) -> None:
    """A new turn of an emitter takes back what its earlier turns left waiting at a quorum or a race."""
    if turn.number == 1:
        return
    for consumer in draft.state.edges.fed[turn.agent]:
        listens = draft.state.chain.agents[consumer].listens
        if listens is None or listens.mode not in ("quorum", "first"):
            continue
        inbox = draft.state.agents[consumer].inbox
        waiting = [number for numbers in inbox.values() for number in numbers]
        stale = tuple(number for number in sorted(waiting) if draft.state.event(number).agent == turn.agent)
        if stale:
            draft.record(DeliveriesDropped(agent=consumer, numbers=stale, why="withdrawn"))
