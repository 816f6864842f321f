"""The artifacts of a run: those that were given to it, and those that its agents made."""

from collections.abc import Iterator
from dataclasses import dataclass

from chainwright.daemon.core.artifacts import Artifact, of_fields
from chainwright.daemon.core.state import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An artifact and where it stands in its run; of an input ``agent`` and ``turn`` are None."""

    artifact: Artifact
    field: str
    agent: str | None = None
    turn: int | None = None
    event: str | None = None
    """The event whose data holds it; None for an output or an input."""


def artifacts_of(state: RunState) -> Iterator[Kept]:
    """Every one, inputs first, then outputs in the order of agents and turns, then what events hold."""
    yield from _inputs(state)
    yield from _outputs(state)
    yield from _payloads(state)


def known_to(state: RunState) -> frozenset[Artifact]:
    """What processes of this run may be handed."""
    return frozenset(kept.artifact for kept in artifacts_of(state))


def _inputs(state: RunState) -> Iterator[Kept]:
    types = {one.name: one.type for one in state.chain.inputs}
    for name, artifact in of_fields(types, state.request.inputs if state.request else {}):
        yield Kept(artifact=artifact, field=name)


def _outputs(state: RunState) -> Iterator[Kept]:
    for agent in state.agents.values():
        for turn in agent.turns:
            for outputs in (turn.outputs, *(leg.outputs for leg in turn.legs.values())):
                for name, artifact in of_fields(state.chain.agents[agent.id].outputs, outputs):
                    yield Kept(artifact=artifact, field=name, agent=agent.id, turn=turn.number)


def _payloads(state: RunState) -> Iterator[Kept]:
    for event in state.events:
        emit = state.chain.agents[event.agent].emits.get(event.name) if event and event.agent else None
        if event is None or emit is None or emit.payload is None or event.problems:
            continue
        for name, artifact in of_fields(emit.payload, event.data):
            yield Kept(artifact=artifact, field=name, agent=event.agent, turn=event.turn, event=event.name)
