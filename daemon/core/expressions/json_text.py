"""``toJSON`` and ``fromJSON``: values to text and back, as deep and as large as the budget allows.

Numbers are written as everywhere in the language (``1E-05``), which Python's own writer cannot be told; where fifteen digits would
lose some, all are written.
"""

import json
import math
from typing import Final, NoReturn

from chainwright.daemon.core.expressions.budget import Budget
from chainwright.daemon.core.expressions.errors import Fault
from chainwright.daemon.core.expressions.values import Json, kind_of, shortest, to_text

MAX_DEPTH: Final = 100
_MAX_DIGITS: Final = 300
"""Of a whole number; JavaScript, whose JSON this is, knows none that is longer."""


def written(budget: Budget, value: Json) -> str:
    """The value as JSON, indented by two; what JSON has no number for is null, as on GitHub."""
    text = _text(_plain(budget, value, 0), "\n")
    budget.hold(len(text))
    return text


def _text(value: Json, line: str) -> str:
    """JSON of a plain value; ``line`` is a line's end and the indentation of the next."""
    inner = line + "  "
    match value:
        case dict() if value:
            pairs = (f"{_quoted(key)}: {_text(item, inner)}" for key, item in value.items())
            return "{" + inner + f",{inner}".join(pairs) + line + "}"
        case list() if value:
            return "[" + inner + f",{inner}".join(_text(item, inner) for item in value) + line + "]"
        case float():
            short = to_text(value)
            return short if float(short) == value else repr(value)
        case _:
            return _quoted(value)


def _quoted(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def read(budget: Budget, text: str) -> Json:
    """What the text says; raises :class:`Fault` if it is no JSON."""
    budget.hold(len(text))
    if not text.strip():
        raise Fault("Error parsing JSON when evaluating fromJson: empty input")
    try:
        value = json.loads(text, parse_constant=_refuse, parse_int=_number, parse_float=_number)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        raise Fault(f"Error parsing JSON when evaluating fromJson: {error}") from None
    return _plain(budget, value, 0)


def _plain(budget: Budget, value: Json, depth: int) -> Json:
    """The value in containers of its own."""
    if depth > MAX_DEPTH:
        raise _too_deep()
    budget.step()
    match kind_of(value):
        case "object":
            return {str(key): _plain(budget, item, depth + 1) for key, item in value.items()}
        case "array":
            return [_plain(budget, item, depth + 1) for item in value]
        case "string":
            return str(value)
        case "number":
            return _finite(value)
        case _:
            return value


def _finite(value: float) -> int | float | None:
    if isinstance(value, int):
        return value if abs(value) < 10**_MAX_DIGITS else None
    return shortest(value) if math.isfinite(value) else None


def _number(text: str) -> int | float:
    return shortest(float(text))


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _too_deep() -> Fault:
    return Fault(f"JSON is nested more than {MAX_DEPTH} levels deep")
