"""Events as they are compiled: what agents emit, and the contracts of the chain for those that cross its borders.

A contract holds for every agent that emits the event: what an agent declares of the payload has to agree with it, and what it leaves
out is added.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from chainwright.daemon.core import graph
from chainwright.schemas.chain import EmitOptions, Emits, Payload


class Misfit(NamedTuple):
    """Something that does not agree with what it refers to; ``path`` is within the agent."""

    path: tuple[str, ...]
    rule: str
    message: str
    hint: str = ""


def emitted(emits: Emits) -> dict[str, graph.Emit]:
    """The events of any form of ``emits`` by name."""
    if isinstance(emits, str):
        return {emits: graph.Emit(name=emits)}
    if isinstance(emits, list):
        return {name: graph.Emit(name=name) for name in emits}
    return {name: _emit(name, options) for name, options in emits.items()}


def contracts(events: Mapping[str, Payload]) -> dict[str, graph.EventType]:
    """The contracts of a chain."""
    return {name: graph.EventType(payload=dict(payload)) for name, payload in events.items()}


def promised(emits: Mapping[str, graph.Emit], events: Mapping[str, graph.EventType]) -> dict[str, graph.Emit]:
    """What is emitted, with what the contracts add to it."""
    return {name: _promised(emit, events.get(name)) for name, emit in emits.items()}


def contract_misfits(
    emits: Mapping[str, graph.Emit], events: Mapping[str, graph.EventType], whose: str
) -> Iterator[Misfit]:
    """Every field of a payload that is of another type than the contract of ``whose`` says."""
    for name, emit in emits.items():
        contract = events[name].payload if name in events else None
        for field, kind in (emit.payload or {}).items():
            if contract is not None and contract.get(field, kind) != kind:
                message = f'"{field}" of "{name}" is {kind} here, and {contract[field]} in the events of {whose}'
                yield Misfit(("emits", name), "event-payload", message, "leave it out: the events of the chain hold")


def _promised(emit: graph.Emit, contract: graph.EventType | None) -> graph.Emit:
    if contract is None or contract.payload is None:
        return emit
    return replace(emit, payload={**(emit.payload or {}), **contract.payload})


def _emit(name: str, options: Any) -> graph.Emit:
    if isinstance(options, EmitOptions):
        return graph.Emit(name=name, payload=_types(options.data), deliver=options.deliver)
    return graph.Emit(name=name, payload=options)


def _types(data: Any) -> dict[str, graph.ValueType] | None:
    return None if data is None else dict(data)
