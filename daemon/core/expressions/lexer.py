"""Text of an expression → tokens, by GitHub's rules. A text that is no token anywhere is told before any mistake of grammar."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from chainwright.daemon.core.expressions.errors import ExpressionError
from chainwright.daemon.core.expressions.values import parse_number, shortest

TokenKind = Literal["constant", "name", "property", "symbol", "end"]

_SYMBOLS: Final = ("==", "!=", "<=", ">=", "&&", "||", "(", ")", "[", "]", ",", "*", "!", "<", ">")
_BOUNDARY: Final = re.compile(r"[()\[\],.!<>=&|\s]")
_NUMBER_BOUNDARY: Final = re.compile(r"[()\[\],!<>=&|\s]")  # a dot belongs to a number
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TEXT: Final = re.compile(r"'((?:[^']|'')*)'")
_SPACE: Final = re.compile(r"\s*")
_WORDS: Final = {"null": None, "true": True, "false": False, "NaN": math.nan, "Infinity": math.inf}
_SIGNS: Final = ("+", "-")
NO_SUM: Final = "a number: expressions compare, they do not calculate"
"""What is expected where somebody tries to."""
PROPERTY: Final = "the name of a property, or *"
_MEANT: Final = {
    '"': "a text in single quotes, 'text'",
    "=": "==, which compares",
    "&": "&&, which means and",
    "|": "||, which means or",
    "/": NO_SUM,
    "%": NO_SUM,
    "$": "the expression alone: ${{ }} stands around all of it",
}
"""What a mistaken first character was probably meant to be."""
_PATH_GOES_ON: Final = frozenset({"name", "property", ")", "]", "*"})
"""After these a dot leads to a property; elsewhere a number begins with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of the text as written, and, for a constant, its value. A symbol's text says which one it is."""

    kind: TokenKind
    text: str
    offset: int
    value: Any = None


def unexpected(token_text: str, offset: int, kind: Literal["lexing", "parsing"], expected: str) -> ExpressionError:
    """The error for something that cannot stand where it stands."""
    return ExpressionError(f"Unexpected symbol: '{token_text}'", kind, offset, expected=expected)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of the text, then one of kind ``end``; raises :class:`ExpressionError` on the first that is none."""
    offset, before = _after_space(text, 0), ""
    while offset < len(text):
        token = _token(text, offset, before)
        yield token
        before = token.text if token.kind == "symbol" else token.kind
        offset = _after_space(text, offset + len(token.text))
    yield Token(kind="end", text="", offset=len(text))


def _after_space(text: str, offset: int) -> int:
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def _token(text: str, offset: int, before: str) -> Token:
    first = text[offset]
    if first == "'":
        return _text(text, offset)
    if first == "." and before in _PATH_GOES_ON:
        return Token(kind="symbol", text=".", offset=offset)
    if first in ".+-0123456789":
        return _number(text, offset, before)
    for symbol in _SYMBOLS:
        if text.startswith(symbol, offset):
            return Token(kind="symbol", text=symbol, offset=offset)
    return _word(text, offset, before)


def _text(text: str, offset: int) -> Token:
    found = _TEXT.match(text, offset)
    if not found:
        raise unexpected(text[offset:], offset, "lexing", "a closing '; within a text it is written twice")
    return Token(kind="constant", text=found[0], offset=offset, value=found[1].replace("''", "'"))


def _number(text: str, offset: int, before: str) -> Token:
    written = _until(_NUMBER_BOUNDARY, text, offset)
    number = parse_number(written)
    if math.isnan(number):
        raise unexpected(
            written, offset, "lexing", PROPERTY if before == "." else NO_SUM if written in _SIGNS else "a number"
        )
    return Token(kind="constant", text=written, offset=offset, value=shortest(number))


def _word(text: str, offset: int, before: str) -> Token:
    written = _until(_BOUNDARY, text, offset)
    if not _NAME.fullmatch(written):
        raise unexpected(written, offset, "lexing", _MEANT.get(written[0], "a name of letters, digits, _ and -"))
    if before == ".":
        return Token(kind="property", text=written, offset=offset)
    if written in _WORDS:
        return Token(kind="constant", text=written, offset=offset, value=_WORDS[written])
    return Token(kind="name", text=written, offset=offset)


def _until(boundary: re.Pattern[str], text: str, offset: int) -> str:
    """From ``offset`` to the next boundary, and at least one character."""
    found = boundary.search(text, offset + 1)
    return text[offset : found.start() if found else len(text)]
