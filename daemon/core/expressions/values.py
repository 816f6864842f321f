"""Values of expressions and GitHub's rules for turning one kind into another.

A value is what JSON knows: None, bool, int or float, str, list, dict. Numbers are compared and written as IEEE doubles. The rules
are those of GitHub's own evaluators (actions/runner and actions/languageservices), whose test cases hold them.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from chainwright.daemon.core.artifacts import of_value

Json = Any
"""None, bool, int, float, str, or lists and string-keyed maps of these."""

Kind = Literal["null", "boolean", "number", "string", "array", "object"]


class Filtered(list[Json]):
    """What ``.*`` gives: a list, but a property or position of it is that of each of its items."""


_KINDS: Final[dict[type, Kind]] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
    dict: "object",
    Filtered: "array",
}

_DECIMAL: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_BASED: Final = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+", re.ASCII)
_NOTHING: Final = object()
"""Found instead of a member: null may be one."""
_WORDS: Final = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}


def kind_of(value: Json) -> Kind:
    """What the value is; raises TypeError for something that JSON does not know."""
    known = _KINDS.get(type(value))
    if known is not None:
        return known
    if isinstance(value, str):  # an enumeration of ours
        return "string"
    if isinstance(value, Mapping):
        return "object"
    raise TypeError(f"{type(value).__name__} is not a value of an expression")


def is_truthy(value: Json) -> bool:
    """False for null, false, 0, NaN and the empty text; true for everything else, empty lists and objects included."""
    match kind_of(value):
        case "number":
            return not (value == 0 or math.isnan(to_number(value)))
        case "array" | "object":
            return True
        case _:
            return bool(value)


def parse_number(text: str) -> float:
    """The number that a text spells (decimal, ``0x``, ``0o``, ``Infinity``; blank is 0), else NaN."""
    text = text.strip()
    if text in _WORDS:
        return _WORDS[text]
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _BASED.fullmatch(text):
        return _from_integer(int(text, 0))
    return math.nan if text else 0.0


def shortest(number: float) -> int | float:
    """A whole number as int, if that is exact: it is written without ``.0`` where it ends up in JSON."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def to_number(value: Json) -> float:
    """The value as a number: null is 0, booleans are 0 and 1, lists and objects are NaN."""
    match kind_of(value):
        case "null":
            return 0.0
        case "boolean" | "number":
            return _from_integer(value) if isinstance(value, int) else float(value)
        case "string":
            return parse_number(value)
        case _:
            return math.nan


def to_text(value: Json) -> str:
    """The value as it stands in a text: null is empty, a file its reference, lists and other objects only say what they are."""
    match kind_of(value):
        case "null":
            return ""
        case "boolean":
            return "true" if value else "false"
        case "number":
            return _number_text(to_number(value))
        case "string":
            return str(value)
        case "array":
            return "Array"
        case _:
            artifact = of_value(value)
            return artifact.as_text() if artifact else "Object"


def _from_integer(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _number_text(number: float) -> str:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return format(number, ".15G") if number else "0"


def equals(left: Json, right: Json) -> bool:
    """``==``: texts without regard to case, other kinds as numbers, lists and objects only with themselves."""
    left, right, kind = _alike(left, right)
    match kind:
        case "array" | "object":
            return left is right
        case "string":
            return folded(left) == folded(right)
        case "number":
            return to_number(left) == to_number(right)
        case None:
            return False
        case _:
            return bool(left == right)


def is_less(left: Json, right: Json) -> bool:
    """``<``: numbers, texts (without regard to case) and booleans have an order, nothing else has."""
    left, right, kind = _alike(left, right)
    match kind:
        case "string":
            return _units(folded(left)) < _units(folded(right))
        case "number" | "boolean":
            return to_number(left) < to_number(right)
        case _:
            return False


def _alike(left: Json, right: Json) -> tuple[Json, Json, Kind | None]:
    """Both values in the kind that they are compared in; None when there is no such kind."""
    left_kind, right_kind = kind_of(left), kind_of(right)
    if left_kind == right_kind:
        return left, right, left_kind
    if "array" in (left_kind, right_kind) or "object" in (left_kind, right_kind):
        return left, right, None
    return to_number(left), to_number(right), "number"


def folded(text: str) -> str:
    """For comparison: each letter alone to upper case, so ``ß`` and ``ss`` stay different, as on GitHub.

    No other letter becomes one of ASCII: the dotless ``ı`` is not ``I``.
    """
    if text.isascii():
        return text.upper()
    return "".join(map(_upper, text))


def _units(text: str) -> bytes:
    """The UTF-16 of a text, by which texts are in order, as on GitHub."""
    return text.encode("utf-16-be", "surrogatepass")


def _upper(letter: str) -> str:
    upper = letter.upper()
    return upper if len(upper) == 1 and upper.isascii() is letter.isascii() else letter


def is_primitive(value: Json) -> bool:
    """Whether it is neither a list nor an object."""
    return kind_of(value) not in ("array", "object")


def items_of(value: Json) -> Sequence[Json]:
    """The items of a list or the values of an object; nothing else has any."""
    match kind_of(value):
        case "array":
            return list(value)
        case "object":
            return list(value.values())
        case _:
            return ()


def member(of: Json, key: Json) -> Json:
    """``of[key]`` by GitHub's rules: names without regard to case, list positions from 0; null where there is none."""
    found = _lookup(of, key)
    return None if found is _NOTHING else found


def members(of: Filtered, key: Json) -> Filtered:
    """``item[key]`` of every item that has it."""
    return Filtered(found for item in of if (found := _lookup(item, key)) is not _NOTHING)


def _lookup(of: Json, key: Json) -> Json:
    match kind_of(of):
        case "object":
            return _property(of, key)
        case "array":
            return _item(of, to_number(key))
        case _:
            return _NOTHING


def _property(of: Mapping[str, Json], key: Json) -> Json:
    if kind_of(key) in ("array", "object"):
        return _NOTHING
    name = to_text(key)
    if name in of:
        return of[name]
    wanted = folded(name)
    return next((value for other, value in of.items() if folded(other) == wanted), _NOTHING)


def _item(of: Sequence[Json], position: float) -> Json:
    if not 0 <= position < len(of):  # false for NaN and the infinities too
        return _NOTHING
    return of[int(position)]
