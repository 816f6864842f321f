"""Text of an expression → tokens, one at a time and by GitHub's rules.

Tokens are made as the parser asks for them: of two mistakes, the author is shown the first, whichever kind it is.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from chainwright.daemon.core.expressions.errors import ExpressionError
from chainwright.daemon.core.expressions.values import parse_number

TokenKind = Literal["constant", "name", "property", "symbol", "end"]

_SYMBOLS: Final = ("==", "!=", "<=", ">=", "&&", "||", "(", ")", "[", "]", ",", "*", "!", "<", ">")
_BOUNDARY: Final = re.compile(r"[()\[\],.!<>=&|\s]")
_NUMBER_BOUNDARY: Final = re.compile(r"[()\[\],!<>=&|\s]")  # a dot belongs to a number
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_TEXT: Final = re.compile(r"'((?:[^']|'')*)'")
_SPACE: Final = re.compile(r"\s*")
_WORDS: Final = {"null": None, "true": True, "false": False, "NaN": math.nan, "Infinity": math.inf}
_OPERAND_FOLLOWS: Final = frozenset({"", ",", "(", "[", "!", "==", "!=", "<", "<=", ">", ">=", "&&", "||"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A piece of the text as written, and, for a constant, its value. A symbol's text says which one it is."""

    kind: TokenKind
    text: str
    offset: int
    value: Any = None


def unexpected(token_text: str, offset: int, kind: Literal["lexing", "parsing"]) -> ExpressionError:
    """The error for something that cannot stand where it stands."""
    return ExpressionError(f"Unexpected symbol: '{token_text}'", kind, offset)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of the text, then one of kind ``end``; raises :class:`ExpressionError` on the first that is none."""
    offset, before = _after_space(text, 0), ""
    while offset < len(text):
        token = _token(text, offset, before)
        yield token
        before = token.text if token.kind == "symbol" else "operand"
        offset = _after_space(text, offset + len(token.text))
    yield Token(kind="end", text="", offset=len(text))


def _after_space(text: str, offset: int) -> int:
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def _token(text: str, offset: int, before: str) -> Token:
    first = text[offset]
    if first == "'":
        return _text(text, offset)
    if first == "." and before not in _OPERAND_FOLLOWS:
        return Token(kind="symbol", text=".", offset=offset)
    if first in ".+-0123456789":
        return _number(text, offset)
    for symbol in _SYMBOLS:
        if text.startswith(symbol, offset):
            return Token(kind="symbol", text=symbol, offset=offset)
    return _word(text, offset, before)


def _text(text: str, offset: int) -> Token:
    found = _TEXT.match(text, offset)
    if not found:
        raise unexpected(text[offset:], offset, "lexing")
    return Token(kind="constant", text=found[0], offset=offset, value=found[1].replace("''", "'"))


def _number(text: str, offset: int) -> Token:
    written = _until(_NUMBER_BOUNDARY, text, offset)
    number = parse_number(written)
    if math.isnan(number):
        raise unexpected(written, offset, "lexing")
    return Token(kind="constant", text=written, offset=offset, value=_plain(number))


def _plain(number: float) -> int | float:
    """A whole number as int: it is written without ``.0`` where it ends up in JSON."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _word(text: str, offset: int, before: str) -> Token:
    written = _until(_BOUNDARY, text, offset)
    if not _NAME.fullmatch(written):
        raise unexpected(written, offset, "lexing")
    if before == ".":
        return Token(kind="property", text=written, offset=offset)
    if written in _WORDS:
        return Token(kind="constant", text=written, offset=offset, value=_WORDS[written])
    return Token(kind="name", text=written, offset=offset)


def _until(boundary: re.Pattern[str], text: str, offset: int) -> str:
    """From ``offset`` to the next boundary, and at least one character."""
    found = boundary.search(text, offset + 1)
    return text[offset : found.start() if found else len(text)]
