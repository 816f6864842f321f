"""What an agent declares of an event, held against the JSON Schema that is the event's contract.

Decided before anything runs: that a declared field may be of its type, that the schema lets it be there, and that no field is left out
which the schema requires. An agent that declares no fields promises what the schema says. Everything else waits for the event itself.
Combinations (``allOf``, ``if`` and their like) are not followed, so what is said here is certain.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chainwright.daemon.core.graph import Emit, EventType, ValueType
from chainwright.daemon.definition.misfits import Misfit

Schema = Mapping[str, Any]

_ANY: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_OF_VALUES: Final[dict[ValueType, frozenset[str]]] = {
    "string": frozenset({"string"}),
    "choice": frozenset({"string"}),
    "number": frozenset({"number", "integer"}),
    "integer": frozenset({"integer"}),
    "boolean": frozenset({"boolean"}),
    "json": _ANY,
    "file": frozenset({"object"}),
}
"""Type of a field → types of JSON Schema that its values can have."""
_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_REFERENCES: Final = 10
_COMBINED: Final = ("allOf", "anyOf", "oneOf", "if", "$dynamicRef", "dependentSchemas", "patternProperties")
"""Keywords by which a schema lets more properties be there than it lists."""


def schema_misfits(emit: Emit, contract: EventType) -> Iterator[Misfit]:
    """Everything that an agent declares of the event and the schema cannot be fulfilled by."""
    schema, where = _followed(contract.schema, contract.schema), contract.schema_path
    if emit.payload is None or not isinstance(schema, Mapping):
        return
    if "object" not in _types(schema):
        message = f'"{emit.name}" has fields here, and {where} wants {_listed(_types(schema))}'
        yield Misfit(("emits", emit.name), "event-payload", message, _HINT)
        return
    yield from _fields(emit.name, emit.payload, schema, contract)
    for field in _required(schema):
        if field not in emit.payload:
            message = f'"{emit.name}" lacks "{field}", which {where} requires'
            yield Misfit(("emits", emit.name), "event-payload", message, _HINT)


def closed_fields(contract: EventType) -> tuple[str, ...] | None:
    """The fields that data of the event may have; None where it may have others than the schema lists."""
    schema = _followed(contract.schema, contract.schema)
    if not isinstance(schema, Mapping) or schema.get("additionalProperties") is not False:
        return None
    return None if any(key in schema for key in _COMBINED) else tuple(_properties(schema))


_HINT: Final = "declare it as the schema says, or name the event alone: the schema holds"


def _fields(name: str, payload: Mapping[str, ValueType], schema: Schema, contract: EventType) -> Iterator[Misfit]:
    closed = closed_fields(contract)
    for field, kind in payload.items():
        if closed is not None and field not in closed:
            message = f'"{field}" of "{name}" is not among the properties of {contract.schema_path}'
            yield Misfit(("emits", name), "event-payload", message, f"it lists {_listed(closed) or 'none'}")
        rule = _followed(_properties(schema).get(field, True), contract.schema)
        if not _OF_VALUES[kind] & _types(rule):
            message = f'"{field}" of "{name}" is {kind} here, and {contract.schema_path} wants {_listed(_types(rule))}'
            yield Misfit(("emits", name), "event-payload", message, _HINT)


def _properties(schema: Schema) -> Schema:
    found: Schema = schema.get("properties", {})
    return found


def _required(schema: Schema) -> list[str]:
    found = schema.get("required", [])
    return found if isinstance(found, list) else []  # draft 4 lets a property say of itself that it is required


def _followed(rule: Any, root: Any) -> Any:
    """What a rule that refers to another part of its schema means; as it is, where that leads nowhere that is plain."""
    for _ in range(_REFERENCES):
        reference = rule.get("$ref") if isinstance(rule, Mapping) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return rule
        rule = root
        for step in reference[2:].split("/"):
            rule = rule.get(step, True) if isinstance(rule, Mapping) else True
    return True


def _types(rule: Any) -> frozenset[str]:
    """The types that values under a rule can have; all of them, unless it says so itself."""
    if not isinstance(rule, Mapping):
        return frozenset() if rule is False else _ANY
    if "type" in rule:
        written = rule["type"]
        types = frozenset([written] if isinstance(written, str) else written)
    else:
        values = rule["enum"] if "enum" in rule else [rule["const"]] if "const" in rule else None
        types = _ANY if values is None else frozenset(_KINDS[type(value)] for value in values)
    return types | {"integer"} if "number" in types else types


def _listed(names: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(names if isinstance(names, tuple) else sorted(names)) or "nothing"
