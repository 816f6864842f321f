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
from chainwright.daemon.core.graph import Emit
from chainwright.daemon.core.inputs import check_payload
from chainwright.daemon.core.state import AttemptState, EventState, TurnState


def accept(draft: Draft, attempt: AttemptState, event: EventState) -> bool:
    """Judge an event that an agent just emitted: staged (True), routed at once, refused, repeated or late (False)."""
    emit = draft.state.chain.agents[attempt.agent].emits.get(event.name)
    if problem := _problem(draft, attempt, event, emit):
        draft.record(EventRefused(number=event.number, why=problem))
        return False
    assert emit is not None
    if not attempt.live:
        draft.record(EventDiscarded(number=event.number, why="late"))
        return False
    if emit.deliver == "now":
        _deliver_now(draft, attempt, event)
        return False
    return True


def _problem(draft: Draft, attempt: AttemptState, event: EventState, emit: Emit | None) -> str:
    if emit is None:
        declared = ", ".join(draft.state.chain.agents[attempt.agent].emits) or "nothing"
        return f'agent "{attempt.agent}" does not declare it under `emits` (it declares {declared})'
    return "; ".join(check_payload(emit.payload, event.data))


def _deliver_now(draft: Draft, attempt: AttemptState, event: EventState) -> None:
    if event.key in draft.state.turn_of(attempt).delivered:
        draft.record(EventDiscarded(number=event.number, why="repeated"))
    else:
        route(draft, event.number)


def route(draft: Draft, number: int) -> None:
    """Give an event to everybody who listens."""
    consumers = draft.state.edges.listeners.get(draft.state.event(number).name, ())
    draft.record(EventRouted(number=number, consumers=consumers))
    draft.wake(*consumers)


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
    """A new turn of an emitter takes back what its earlier turns left waiting at a quorum."""
    for consumer in draft.state.edges.fed[turn.agent]:
        listens = draft.state.chain.agents[consumer].listens
        if listens is None or listens.mode != "quorum":
            continue
        inbox = draft.state.agents[consumer].inbox
        waiting = [number for numbers in inbox.values() for number in numbers]
        stale = tuple(number for number in sorted(waiting) if draft.state.event(number).agent == turn.agent)
        if stale:
            draft.record(DeliveriesDropped(agent=consumer, numbers=stale, why="withdrawn"))
