"""The types that values of a chain are declared to have, and the way from a text to each of them.

Strict on purpose: a value either is of its type or is refused with what it is instead. Only texts that had to be texts (a command
line, a line of an output file) are converted.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from chainwright.daemon.core.artifacts import of_value
from chainwright.daemon.core.graph import ValueType

MAX_TEXT: Final = 1 << 20
"""Characters of one text that may be converted; longer ones are refused."""

_EXPECTED: Final[dict[ValueType, str]] = {
    "string": "a text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "choice": "a text",
    "json": "JSON",
    "file": "a file",
}
_CALLED: Final[dict[type, str]] = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a text",
    list: "a list",
    tuple: "a list",
    dict: "an object",
}
_INTEGER: Final = re.compile(r"[+-]?\d{1,300}", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?(\d{1,300}(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_SHOWN: Final = 40


class Misfit(Exception):
    """A value is not of the type that was declared; the text completes "…: " and quotes the value."""


def checked(value: Any, declared: ValueType) -> Any:
    """The value, if it is of the type (``3.0`` as an integer becomes 3); raises :class:`Misfit`."""
    return _CHECKS[declared](value)


def converted(value: Any, declared: ValueType) -> Any:
    """As :func:`checked`, after turning a text into the type; raises :class:`Misfit`."""
    if isinstance(value, str):
        value = from_text(value, declared)
    return checked(value, declared)


def from_text(text: str, declared: ValueType) -> Any:
    """What the text spells in this type; raises :class:`Misfit`."""
    if len(text) > MAX_TEXT:
        raise Misfit(f"the text is longer than {MAX_TEXT} characters")
    return _FROM_TEXT[declared](text)


def shown(value: Any) -> str:
    """The value as JSON, cut short, for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _misfit(value: Any, declared: ValueType) -> NoReturn:
    called = _CALLED.get(type(value), type(value).__name__)
    what = called if isinstance(value, (list, tuple, dict)) or value is None else f"{called}, {shown(value)}"
    raise Misfit(f"{_EXPECTED[declared]} is expected, this is {what}")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _misfit(value, "string")


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else _misfit(value, "boolean")


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _misfit(value, "number")
    if isinstance(value, float) and not math.isfinite(value):
        raise Misfit("a number is expected that JSON can write, this is infinite or none")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _misfit(value, "integer")
    if isinstance(value, float) and not value.is_integer():
        _misfit(value, "integer")
    return int(value)


def _json(value: Any) -> Any:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise Misfit("this cannot be written as JSON") from None
    return value


def _file(value: Any) -> Any:
    """A reference to an artifact; the path of a file became one where the file is."""
    return _misfit(value, "file") if of_value(value) is None else value


def _file_from_text(text: str) -> NoReturn:
    raise Misfit(f"a file is expected, this is the text {shown(text)}")


_CHECKS: Final[Mapping[ValueType, Callable[[Any], Any]]] = {
    "string": _text,
    "number": _number,
    "integer": _integer,
    "boolean": _boolean,
    "choice": _text,
    "json": _json,
    "file": _file,
}


def _integer_from_text(text: str) -> int:
    return int(text) if _INTEGER.fullmatch(text.strip()) else _misfit(text, "integer")


def _number_from_text(text: str) -> int | float:
    text = text.strip()
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else _misfit(text, "number")


def _boolean_from_text(text: str) -> bool:
    words = {"true": True, "false": False}
    return words[text.strip()] if text.strip() in words else _misfit(text, "boolean")


def _json_from_text(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_json_number)
    except ValueError as error:
        raise Misfit(f"JSON is expected: {error}") from None
    except RecursionError:
        raise Misfit("JSON is expected that is nested less deeply") from None


def _no_json_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


_FROM_TEXT: Final[Mapping[ValueType, Callable[[str], Any]]] = {
    "string": str,
    "number": _number_from_text,
    "integer": _integer_from_text,
    "boolean": _boolean_from_text,
    "choice": str,
    "json": _json_from_text,
    "file": _file_from_text,
}
