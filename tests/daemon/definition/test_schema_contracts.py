"""What is certain before anything runs about an agent's payload and the schema of its event."""

from typing import Any

import pytest

from chainwright.daemon.core.graph import Emit, EventType
from chainwright.daemon.definition.schema_contracts import closed_fields, schema_misfits


def contract(schema: Any) -> EventType:
    return EventType(schema=schema, schema_path="x.json")


@pytest.mark.parametrize(
    ("schema", "payload", "said"),
    [
        ({"properties": {"a": {"type": "integer"}}}, {"a": "number"}, []),
        ({"properties": {"a": {"type": "number"}}}, {"a": "integer"}, []),
        ({"properties": {"a": {"type": ["string", "null"]}}}, {"a": "string"}, []),
        ({"properties": {"a": {"type": "array"}}}, {"a": "json"}, []),
        ({"properties": {"a": {"anyOf": [{"type": "null"}]}}}, {"a": "string"}, []),
        ({"required": ["b"]}, None, []),
        ({"additionalProperties": False, "patternProperties": {"^a": {}}}, {"a": "string"}, []),
        ({"$ref": "#"}, {"a": "string"}, []),
        ({"properties": {"a": {"const": 1}}}, {"a": "boolean"}, ['"a" of "e" is boolean here, and x.json wants integer, number']),
        ({"properties": {"a": False}}, {"a": "json"}, ['"a" of "e" is json here, and x.json wants nothing']),
        ({"properties": {"a": {"type": "string"}}}, {"a": "file"}, ['"a" of "e" is file here, and x.json wants string']),
        ({"$ref": "#/$defs/e", "$defs": {"e": {"required": ["b"]}}}, {}, ['"e" lacks "b", which x.json requires']),
        ({"additionalProperties": False}, {"a": "string"}, ['"a" of "e" is not among the properties of x.json']),
        ({"type": ["array", "null"]}, {"a": "string"}, ['"e" has fields here, and x.json wants array, null']),
    ],
)  # fmt: skip
def test_only_what_can_never_fit_is_told(schema: Any, payload: Any, said: list[str]) -> None:
    assert [one.message for one in schema_misfits(Emit(name="e", payload=payload), contract(schema))] == said


@pytest.mark.parametrize(
    ("schema", "fields"),
    [
        ({"properties": {"a": {}}, "additionalProperties": False}, ("a",)),
        ({"properties": {"a": {}}}, None),
        ({"additionalProperties": False, "anyOf": [{"properties": {"a": {}}}]}, None),
        (None, None),
    ],
)
def test_fields_are_known_where_the_schema_lets_no_others_be(schema: Any, fields: Any) -> None:
    assert closed_fields(contract(schema)) == fields
