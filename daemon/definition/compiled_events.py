"""Events as they are compiled: what agents emit, and the contracts of the chain for those that cross its borders.

A contract holds for every agent that emits the event: what an agent declares of the payload has to agree with it, and what it leaves
out is added.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from chainwright.daemon.core import graph
from chainwright.daemon.definition.compiled_types import options_of, types_of
from chainwright.daemon.definition.misfits import Misfit
from chainwright.daemon.definition.schema_contracts import schema_misfits
from chainwright.daemon.definition.schema_files import SchemaFiles
from chainwright.schemas.agent_events import Contract, EmitOptions, Emits, Payload


def emitted(emits: Emits) -> dict[str, graph.Emit]:
    """The events of any form of ``emits`` by name."""
    if isinstance(emits, str):
        return {emits: graph.Emit(name=emits)}
    if isinstance(emits, list):
        return {name: graph.Emit(name=name) for name in emits}
    return {name: _emit(name, options) for name, options in emits.items()}


def contracts(events: Mapping[str, Contract], schemas: SchemaFiles) -> dict[str, graph.EventType]:
    """The contracts of a chain. One whose schema cannot be used promises nothing: the loader has reported it."""
    return {name: _contract(contract, schemas) for name, contract in events.items()}


def promised(emits: Mapping[str, graph.Emit], events: Mapping[str, graph.EventType]) -> dict[str, graph.Emit]:
    """What is emitted, with what the contracts add to it."""
    return {name: _promised(emit, events.get(name)) for name, emit in emits.items()}


def contract_misfits(
    emits: Mapping[str, graph.Emit], events: Mapping[str, graph.EventType], whose: str, *, comes_up: bool = False
) -> Iterator[Misfit]:
    """Every field of a payload that does not agree with what the contract of ``whose`` says of it.

    Of an event that ``comes_up`` out of a called chain, its contract says what will come and the caller what it can take.
    """
    for name, emit in emits.items():
        if name in events and events[name].schema is not None:
            yield from schema_misfits(emit, events[name])
        contract = events.get(name, graph.EventType()).payload or {}
        for field in (field for field in emit.payload or {} if field in contract):
            ours, theirs = _named(emit, field), _named(events[name], field)
            if not (theirs.fits(ours) if comes_up else ours.fits(theirs)):
                message = f'"{field}" of "{name}" is {ours} here, and {theirs} in the events of {whose}'
                yield Misfit(("emits", name), "event-payload", message, "leave it out: the events of the chain hold")


class _Type(NamedTuple):
    """That of a field of a payload."""

    kind: graph.ValueType
    options: tuple[str, ...]

    def __str__(self) -> str:
        return f"a choice of {', '.join(self.options)}" if self.kind == "choice" else self.kind

    def fits(self, other: "_Type") -> bool:
        """Whether each value of this type is one of the other: a choice is one of a wider choice, and a text."""
        if self.kind == other.kind == "choice":
            return set(self.options) <= set(other.options)
        return self.kind == other.kind or (self.kind, other.kind) == ("choice", "string")


def _named(declared: graph.Emit | graph.EventType, field: str) -> _Type:
    assert declared.payload is not None
    return _Type(declared.payload[field], declared.options.get(field, ()))


def _contract(contract: Contract, schemas: SchemaFiles) -> graph.EventType:
    if isinstance(contract, str):
        return graph.EventType(schema=schemas.known(contract), schema_path=contract)
    return graph.EventType(payload=types_of(contract), options=options_of(contract))


def _promised(emit: graph.Emit, contract: graph.EventType | None) -> graph.Emit:
    """What the agent says itself holds where it is the narrower: a choice, where the contract allows a wider one or any text."""
    if contract is None or contract.payload is None:
        return emit
    own = {field: kind for field, kind in (emit.payload or {}).items() if kind == "choice"}
    narrower = {field: kind for field, kind in own.items() if contract.payload.get(field) in ("choice", "string")}
    return replace(
        emit,
        payload={**(emit.payload or {}), **contract.payload, **narrower},
        options={**contract.options, **emit.options},
    )


def _emit(name: str, options: Any) -> graph.Emit:
    if isinstance(options, EmitOptions):
        return _typed(name, options.data, options.deliver)
    return _typed(name, options)


def _typed(name: str, payload: Payload | None, deliver: Literal["on-success", "now"] = "on-success") -> graph.Emit:
    if payload is None:
        return graph.Emit(name=name, deliver=deliver)
    return graph.Emit(name=name, payload=types_of(payload), options=options_of(payload), deliver=deliver)
