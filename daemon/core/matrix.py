"""The legs that a strategy gives: every combination of its values, less what is excluded, and what is included (semantics 22).

GitHub's rules. An excluded object takes away every combination that it fits, also one that says more. An included object is added to
each combination whose own values it does not contradict; one that fits none becomes a leg of its own, and included objects never
meet each other's legs. The first key varies slowest.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, Final

from chainwright.daemon.core.expressions import resolve, to_text
from chainwright.daemon.core.expressions.values import equals
from chainwright.daemon.core.graph import Strategy
from chainwright.daemon.core.value_types import shown

MAX_LEGS: Final = 256
MAX_COMBINATIONS: Final = 65_536
"""Before anything is excluded: what is only taken away again has to be looked at too."""

Combination = dict[str, Any]


class MatrixError(Exception):
    """A strategy gives no matrix; the message says what of it is wrong, for its author."""


def spread(strategy: Strategy, contexts: Mapping[str, Any]) -> list[Combination]:
    """The values of each leg, in order; empty when there is none. Raises :class:`MatrixError`, ``ExpressionError``."""
    values = resolve(strategy.matrix, contexts)
    if not isinstance(values, Mapping):
        raise MatrixError(f"matrix: an object of lists is expected, this is {shown(values)}")
    given = dict(values)
    include = [strategy.include, given.pop("include", ())]
    exclude = [strategy.exclude, given.pop("exclude", ())]
    return combined(
        {key: _list(f"matrix.{key}", value) for key, value in given.items()},
        include=[item for part in include for item in _objects("include", resolve(part, contexts))],
        exclude=[item for part in exclude for item in _objects("exclude", resolve(part, contexts))],
    )


def combined(
    values: Mapping[str, Sequence[Any]], *, include: Sequence[Combination] = (), exclude: Sequence[Combination] = ()
) -> list[Combination]:
    """The combinations of these values. Raises :class:`MatrixError` for more than :data:`MAX_LEGS`."""
    _check_keys(values, exclude)
    if prod(map(len, values.values())) > MAX_COMBINATIONS:
        raise MatrixError(f"the values make more than {MAX_COMBINATIONS:,} combinations")
    original = [one for one in _products(values) if not any(_fits(unwanted, one) for unwanted in exclude)]
    legs = [dict(one) for one in original]
    added = [dict(more) for more in include if not _added(more, original, legs)]
    if len(legs) + len(added) > MAX_LEGS:
        raise MatrixError(f"it gives {len(legs) + len(added)} legs, at most {MAX_LEGS} are allowed")
    return legs + added


def label(combination: Mapping[str, Any]) -> str:
    """A leg's values in a row, as GitHub shows them: ``ubuntu, 12``."""
    return ", ".join(to_text(leaf) for leaf in _leaves(combination))


def _products(values: Mapping[str, Sequence[Any]]) -> Iterator[Combination]:
    if values:
        yield from (dict(zip(values, picked, strict=True)) for picked in product(*values.values()))


def _check_keys(values: Mapping[str, Sequence[Any]], exclude: Sequence[Combination]) -> None:
    for unwanted in exclude:
        if strange := [key for key in unwanted if key not in values]:
            raise MatrixError(f'exclude: the matrix has no "{strange[0]}", it has {", ".join(values) or "nothing"}')


def _added(more: Combination, original: Sequence[Combination], legs: Sequence[Combination]) -> bool:
    """Whether some leg took it; what another included object has added is overwritten, the matrix's own values are not."""
    fitting = [
        index for index, one in enumerate(original) if _fits({key: more[key] for key in more if key in one}, one)
    ]
    for index in fitting:
        legs[index].update(more)
    return bool(fitting)


def _fits(part: Any, whole: Any) -> bool:
    """Whether a value says nothing else than another one; an object may say less."""
    if isinstance(part, Mapping) and isinstance(whole, Mapping):
        return all(key in whole and _fits(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(_fits, part, whole))
    return equals(part, whole)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _list(where: str, value: Any) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise MatrixError(f"{where}: a list is expected, this is {shown(value)}")
    return list(value)


def _objects(where: str, value: Any) -> list[Combination]:
    items = _list(where, value)
    for item in items:
        if not isinstance(item, Mapping):
            raise MatrixError(f"{where}: a list of objects is expected, this holds {shown(item)}")
    return items
