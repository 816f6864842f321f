"""Holds values against JSON Schemas that the author of a chain wrote.

Values come from agents and schemas from authors, so neither may stop the daemon: patterns run on RE2, nothing is fetched, and a check
ends after a bounded number of steps. ``format`` says what people should write, as in the standard, and refuses nothing. The drafts 4 to
2020-12 are known; a schema that names none is of 2020-12.
"""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from typing import Any, Final

from jsonschema import (
    Draft3Validator,
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
    ValidationError,
)
from jsonschema.validators import extend, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from chainwright.daemon.core.expressions.patterns import is_found
from chainwright.daemon.core.value_types import shown

MAX_STEPS: Final = 50_000
"""Rules that are applied to parts of one value; it takes a fraction of a second."""
MAX_TOLD: Final = 5
"""Rules that one message names."""

DIALECT: Final = "$schema"

Schema = Mapping[str, Any]
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]

_steps: ContextVar[int] = ContextVar("steps")


class _Endless(Exception):
    """The check has taken all its steps."""


def misfits(schema: Schema, value: Any) -> tuple[str, ...]:
    """A sentence for each place of the value that breaks a rule: ``items[0].id: … (rule properties/…/type)``; the first few.

    ``schema`` has been found well formed. A check that does not come to an end is a misfit too.
    """
    bare = {
        key: rule for key, rule in schema.items() if key != DIALECT
    }  # or jsonschema goes back to a class of its own
    checker = _BOUNDED[dialect(schema)](bare, registry=Registry())
    started = _steps.set(0)
    try:
        return tuple(_sentence(error) for error in islice(checker.iter_errors(value), MAX_TOLD))
    except _Endless:
        return (f"the value takes more than {MAX_STEPS:,} steps to check",)
    except RecursionError:
        return ("the schema refers to itself without an end",)
    except OverflowError:  # jsonschema divides: an integer of 400 digits is none that it can make a float of
        return ("a number in it is too large to check",)
    except Unresolvable as error:
        return (f"the schema refers to {error.ref}, which it does not have",)
    finally:
        _steps.reset(started)


def dialect(schema: Schema) -> Any:
    """The class of jsonschema for the draft that a schema names; KeyError for one that is not known."""
    if not isinstance(schema.get(DIALECT, ""), str):
        raise KeyError(schema[DIALECT])
    found = validator_for(schema, default=Draft3Validator if DIALECT in schema else Draft202012Validator)
    if found not in _BOUNDED:
        raise KeyError(schema[DIALECT])
    return found


def _sentence(error: ValidationError) -> str:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
    rule = "/".join(str(step) for step in error.absolute_schema_path)
    said = _SAID.get(str(error.validator), _as_told)(error)
    return f"{place or 'the whole'}: {said} (rule {rule})"


def _as_told(error: ValidationError) -> str:
    return error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]}…"


def _of_type(error: ValidationError) -> str:
    kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    return f"{' or '.join(map(str, kinds))} is expected, this is {shown(error.instance)}"


def _of_enum(error: ValidationError) -> str:
    options: Any = error.validator_value
    return f"{shown(error.instance)} is none of {', '.join(shown(one) for one in options)}"


_LONGEST: Final = 200
_SAID: Final[dict[str, Callable[[ValidationError], str]]] = {
    "type": _of_type,
    "enum": _of_enum,
    "const": lambda error: f"{shown(error.validator_value)} is expected, this is {shown(error.instance)}",
    "pattern": lambda error: f"{shown(error.instance)} does not match {error.validator_value}",
}


# keywords that jsonschema would do with Python's expressions, or in the square of the time


def _pattern(checker: Any, pattern: str, value: Any, schema: Schema) -> Iterator[ValidationError]:
    if isinstance(value, str) and not is_found(pattern, value):
        yield ValidationError("")


def _pattern_properties(checker: Any, rules: Schema, value: Any, schema: Schema) -> Iterator[ValidationError]:
    for pattern, rule in rules.items() if isinstance(value, dict) else ():
        for name in value:
            if is_found(pattern, name):
                yield from checker.descend(value[name], rule, path=name, schema_path=pattern)


def _additional_properties(checker: Any, rule: Any, value: Any, schema: Schema) -> Iterator[ValidationError]:
    for name in _additional(value, schema) if isinstance(value, dict) else ():
        if rule is False:
            yield ValidationError(f'"{name}" is not among the properties')
        else:
            yield from checker.descend(value[name], rule, path=name)


def _additional(value: Mapping[str, Any], schema: Schema) -> Iterator[str]:
    patterns = schema.get("patternProperties", ())
    for name in value:
        if name not in schema.get("properties", ()) and not any(is_found(pattern, name) for pattern in patterns):
            yield name


def _unique_items(checker: Any, wanted: bool, value: Any, schema: Schema) -> Iterator[ValidationError]:
    if wanted and isinstance(value, list) and len({_identity(item) for item in value}) < len(value):
        yield ValidationError("its items are not all different")


def _identity(value: Any) -> Any:
    """Equal for what JSON Schema calls equal: 1 is 1.0 and not true, and the order of keys is nothing."""
    if isinstance(value, dict):
        return "{}", frozenset((key, _identity(item)) for key, item in value.items())
    if isinstance(value, list):
        return "[]", tuple(_identity(item) for item in value)
    return isinstance(value, bool), value


_OURS: Final[dict[str, Keyword]] = {
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "uniqueItems": _unique_items,
}


def _counted(keyword: Keyword) -> Keyword:
    def apply(checker: Any, rule: Any, value: Any, schema: Any) -> Iterator[ValidationError] | None:
        taken = _steps.get() + 1
        if taken > MAX_STEPS:
            raise _Endless
        _steps.set(taken)
        return keyword(checker, rule, value, schema)

    return apply


def _bounded(known: Any) -> Any:
    keywords = {name: _counted(keyword) for name, keyword in {**known.VALIDATORS, **_OURS}.items()}
    return extend(known, validators=keywords)  # type: ignore[no-untyped-call]  # types-jsonschema leaves it untyped


_BOUNDED: Final[dict[Any, Any]] = {
    known: _bounded(known)
    for known in (Draft4Validator, Draft6Validator, Draft7Validator, Draft201909Validator, Draft202012Validator)
}
