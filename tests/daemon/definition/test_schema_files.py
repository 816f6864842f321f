"""A file is a schema that can be used, or is refused with the reason."""

import json

import pytest

from chainwright.daemon.definition.named_files import Unusable, of_mapping
from chainwright.daemon.definition.schema_files import SchemaFiles

GOOD = [
    {},
    {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {"type": "string"}}},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$anchor": "b"}, "c": {"$ref": "#b"}}},
    {"properties": {"$ref": {"type": "string"}, "$id": True, "pattern": {"pattern": "^a"}}},
    {"enum": [{"$ref": "elsewhere.json"}], "$id": "https://example.org/x"},
    {"properties": {"children": {"items": {"$ref": "#"}}}},
]
BAD = {
    '{"type": ': "x.json:1:10: ",
    "[]": "x.json is no JSON Schema: it has to be an object",
    "": "x.json is no JSON Schema: it has to be an object",
    '{"a": 1, "a": 2}': 'x.json:1:10: "a" is given twice',
    '{"type": "text"}': "#/type: 'text' is not valid under any of the given schemas",
    '{"properties": {"a": {"minimum": "1"}}}': "#/properties/a/minimum: '1' is not of type 'number'",
    '{"$schema": "https://example.org/mine"}': "$schema names 'https://example.org/mine', which is not known",
    '{"$schema": []}': "$schema names [], which is not known",
    '{"$ref": "other.json"}': "#: other.json leads to no schema of this file, and others are not read",
    '{"items": {"$ref": "#/$defs/a"}}': "#/items: #/$defs/a leads to no schema of this file",
    '{"title": "x", "not": {"$ref": "#/title"}}': "#/not: #/title leads to no schema of this file",
    '{"$ref": "#/ours", "ours": {"patternProperties": null}}': "#: #/ours leads to no schema: #/patternProperties: None",
    '{"pattern": "(?<=a)b"}': "#: the pattern cannot be read: ",
    '{"patternProperties": {"(a": {}}}': "#/patternProperties: '(a' is not a 'regex'",
    '{"not": {"$id": "b"}}': "#/not: only the whole file has a $schema and an $id",
    '{"unevaluatedProperties": false, "allOf": [{"patternProperties": {"a": {}}}]}': "do not go together here",
}


def schema_of(text: str) -> object:
    return SchemaFiles(of_mapping({"x.json": text.encode()})).schema("x.json")


@pytest.mark.parametrize("schema", GOOD, ids=json.dumps)
def test_a_schema_is_taken_as_it_is_written(schema: object) -> None:
    assert schema_of(json.dumps(schema)) == schema


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_schema_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(Unusable) as told:
        schema_of(text)

    assert BAD[text] in str(told.value)


def test_a_schema_that_cannot_be_used_is_not_known() -> None:
    assert SchemaFiles(of_mapping({"x.json": b"[]"})).known("x.json") is None
