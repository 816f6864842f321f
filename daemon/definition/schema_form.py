"""Whether a JSON Schema can be held against values, or would do harm or nothing when it is.

Refused are references that lead out of the file, patterns that RE2 does not know, and the few combinations that jsonschema would
evaluate with Python's own expressions.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from jsonschema import SchemaError
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import specification_with

from chainwright.daemon.core.expressions.patterns import pattern_problem
from chainwright.daemon.core.json_schema import DIALECT, dialect

Schema = dict[str, Any]

_OF_NAMES: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
"""Keywords whose value is a mapping of names to schemas."""
_OF_DATA: Final = ("enum", "const", "default", "examples")
"""Keywords in which nothing is a schema."""


def problems(schema: Schema) -> Iterator[str]:
    """What is wrong with it. The first matters: later checks rely on earlier ones."""
    yield from _misshapen(schema, dialect_of=schema)
    parts = list(_parts(schema))
    for where, part in parts:
        yield from (f"{where}: {problem}" for problem in _problems_of(part, schema, is_root=part is schema))
    if any("unevaluatedProperties" in part for _, part in parts) and any("patternProperties" in p for _, p in parts):
        yield "unevaluatedProperties and patternProperties do not go together here"


def _misshapen(schema: Schema | bool, dialect_of: Schema) -> Iterator[str]:
    try:
        dialect(dialect_of).check_schema(schema)
    except KeyError as unknown:
        yield f"$schema names {unknown}, which is not known"
    except SchemaError as error:
        yield f"{_pointer(error.absolute_path)}: {error.message[:200]}"
    except RecursionError:
        yield "it is nested too deep"


def _problems_of(part: Schema, root: Schema, *, is_root: bool) -> Iterator[str]:
    if not is_root and (DIALECT in part or "$id" in part):
        yield "only the whole file has a $schema and an $id"
    named = part.get("patternProperties")  # of any form below a keyword that is not JSON Schema's
    for pattern in (*_texts(part, "pattern"), *(named if isinstance(named, dict) else ())):
        if problem := pattern_problem(pattern):
            yield problem
    for reference in (*_texts(part, "$ref"), *_texts(part, "$dynamicRef")):
        target = _target(reference, root)
        if target is None:
            yield f"{reference} leads to no schema of this file, and others are not read"
        else:
            yield from (f"{reference} leads to no schema: {problem}" for problem in _misshapen(target, dialect_of=root))


def _texts(part: Schema, key: str) -> Iterator[str]:
    if isinstance(part.get(key), str):
        yield part[key]


def _target(reference: str, root: Schema) -> Schema | bool | None:
    """What it leads to, which may stand below a keyword that is not JSON Schema's, so that nobody has looked at its form."""
    if not reference.startswith("#"):
        return None
    named = root.get(DIALECT) or validator_for(root).META_SCHEMA[DIALECT]
    resource = specification_with(named).create_resource(root)
    try:
        found = Registry().resolver_with_root(resource).lookup(reference).contents
    except (Unresolvable, ValueError):  # an index of a list that is no number is a ValueError
        return None
    return found if isinstance(found, dict | bool) else None


def _parts(value: Any, where: str = "#") -> Iterator[tuple[str, Schema]]:
    """Every schema in a schema, itself first, with its place."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _parts(item, f"{where}/{index}")
    if not isinstance(value, dict):
        return
    yield where, value
    for key, below in value.items():
        if key in _OF_NAMES and isinstance(below, Mapping):
            for name, one in below.items():
                yield from _parts(one, f"{where}/{key}/{name}")
        elif key not in _OF_DATA:
            yield from _parts(below, f"{where}/{key}")


def _pointer(path: Iterable[str | int]) -> str:
    return "".join(("#", *(f"/{step}" for step in path)))
