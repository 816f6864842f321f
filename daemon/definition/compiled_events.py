"""Events as they are compiled: what agents emit, and the contracts of the chain for those that cross its borders.

A contract holds for every agent that emits the event: what an agent declares of the payload has to agree with it, and what it leaves
out is added.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chainwright.daemon.core import graph
from chainwright.daemon.definition.misfits import Misfit
from chainwright.daemon.definition.schema_contracts import schema_misfits
from chainwright.daemon.definition.schema_files import SchemaFiles
from chainwright.schemas.chain import Contract, EmitOptions, Emits


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
    emits: Mapping[str, graph.Emit], events: Mapping[str, graph.EventType], whose: str
) -> Iterator[Misfit]:
    """Every field of a payload that is of another type than the contract of ``whose`` says."""
    for name, emit in emits.items():
        if name in events and events[name].schema is not None:
            yield from schema_misfits(emit, events[name])
        contract = events[name].payload if name in events else None
        for field, kind in (emit.payload or {}).items():
            if contract is not None and contract.get(field, kind) != kind:
                message = f'"{field}" of "{name}" is {kind} here, and {contract[field]} in the events of {whose}'
                yield Misfit(("emits", name), "event-payload", message, "leave it out: the events of the chain hold")


def _contract(contract: Contract, schemas: SchemaFiles) -> graph.EventType:
    if isinstance(contract, str):
        return graph.EventType(schema=schemas.known(contract), schema_path=contract)
    return graph.EventType(payload=dict(contract))


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
