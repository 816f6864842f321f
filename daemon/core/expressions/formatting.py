"""``format``: ``{0}`` is an argument, ``{{`` and ``}}`` are braces, and every other brace is a mistake."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from chainwright.daemon.core.expressions.budget import Budget
from chainwright.daemon.core.expressions.errors import Fault
from chainwright.daemon.core.expressions.values import Json, to_text

_PIECE: Final = re.compile(r"(?P<text>[^{}]+)|(?P<brace>\{\{|\}\})|\{(?P<number>[0-9]{1,9})\}|(?P<wrong>[{}])")


def formatted(budget: Budget, text: str, arguments: Sequence[Json]) -> str:
    """The text with the arguments in their places; raises :class:`Fault` for a mistake in it or when it gets too large."""
    return "".join(_pieces(budget, text, [to_text(argument) for argument in arguments]))


def _pieces(budget: Budget, text: str, arguments: list[str]) -> Iterator[str]:
    for found in _PIECE.finditer(text):
        piece = _piece(text, found, arguments)
        budget.step()
        budget.hold(len(piece))
        yield piece


def _piece(text: str, found: re.Match[str], arguments: list[str]) -> str:
    if found["text"]:
        return found["text"]
    if found["brace"]:
        return found["brace"][0]
    if found["wrong"]:
        raise Fault(f"The following format string is invalid: {text}")
    number = int(found["number"])
    if number >= len(arguments):
        raise Fault(f"The following format string references more arguments than were supplied: {text}")
    return arguments[number]
