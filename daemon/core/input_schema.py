"""The JSON Schema (2020-12) of a chain's inputs: what a form, or a program that starts runs, can hold its values against.

The daemon's own check stays the one that counts: it alone knows whether a file has been sent, and reads ``pattern`` in RE2.
"""

from collections.abc import Mapping
from typing import Any, Final

from chainwright.daemon.core.graph import Chain, Input, ValueType

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"

_FILE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "name": {"type": "string"},
        "size": {"type": "integer", "minimum": 0},
    },
    "required": ["sha256", "name", "size"],
    "additionalProperties": False,
}
_TYPES: Final[Mapping[ValueType, dict[str, Any]]] = {
    "string": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "choice": {"type": "string"},
    "json": {},
    "file": _FILE,
}
_LEAST: Final = {"string": "minLength", "choice": "minLength", "number": "minimum", "integer": "minimum"}
_MOST: Final = {"string": "maxLength", "choice": "maxLength", "number": "maximum", "integer": "maximum"}


def input_schema(chain: Chain) -> dict[str, Any]:
    """Of an object with a property for each input. A null counts as not given, so everything that may be left out may be null."""
    needed = [one.name for one in chain.inputs if one.required and one.default is None]
    return {
        "$schema": DRAFT,
        "title": chain.name or chain.id,
        **({"description": chain.description} if chain.description else {}),
        "type": "object",
        "properties": {one.name: _property(one, is_needed=one.name in needed) for one in chain.inputs},
        "required": needed,
        "additionalProperties": False,
    }


def _property(one: Input, *, is_needed: bool) -> dict[str, Any]:
    value = _TYPES[one.type] | {name: bound for name, bound in _bounds(one).items() if bound is not None}
    told = {"description": one.description} if one.description else {}
    told |= {} if one.default is None else {"default": one.default}
    if is_needed or one.type == "json":
        return value | told
    return {"anyOf": [value, {"type": "null"}]} | told


def _bounds(one: Input) -> dict[str, Any]:
    found: dict[str, Any] = {"enum": list(one.options) or None, "pattern": one.pattern}
    if one.type in _LEAST:
        found |= {_LEAST[one.type]: _number(one.min), _MOST[one.type]: _number(one.max)}
    return found


def _number(bound: float | None) -> float | None:
    """As people wrote it: a length has to be an integer."""
    return int(bound) if bound is not None and float(bound).is_integer() else bound
