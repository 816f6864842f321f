r"""Filters of branches, tags and paths, as GitHub reads them: which names a list of patterns lets start a run.

``*`` stands for characters other than ``/``, ``**`` for any; ``?`` and ``+`` repeat the character before them, at most once and at least
once; ``[…]`` is one of the letters, digits and ranges in it; ``\`` takes the next character as it is; ``!`` in front takes names out
again. The patterns run on RE2, and so in a time that grows with the name alone. Where the names come from is the callers' part.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from chainwright.daemon.core.expressions.patterns import is_found, pattern_problem

MAX_PATTERN: Final = 200
"""Characters of a pattern."""

_WHOLE_SEGMENTS: Final = "(.+/)?"
_RANGES: Final = (("A", "z"), ("0", "9"))


class FilterError(ValueError):
    """A pattern that cannot be read; ``offset`` is where, in characters from 0."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of a filter."""

    text: str
    takes_out: bool
    """Whether it begins with ``!``."""
    expression: str
    """What it says as a regular expression over the whole name."""

    def matches(self, name: str) -> bool:
        """Whether it speaks of the name; ``!`` does not count here."""
        return is_found(self.expression, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a filter says of one name, and by which pattern; None where no pattern spoke of it."""

    name: str
    is_included: bool
    by: str | None = None


@lru_cache(maxsize=1_024)
def pattern(text: str) -> Pattern:
    """The pattern, read; FilterError with the place where it cannot be."""
    if len(text) > MAX_PATTERN:
        raise FilterError(f"a pattern has at most {MAX_PATTERN} characters", MAX_PATTERN)
    takes_out = text.startswith("!")
    expression = f"(?s)^{''.join(_pieces(text, int(takes_out)))}$"
    if pattern_problem(expression):
        raise FilterError("a repetition (? or +) follows a character, not another repetition", _repetition(text))
    return Pattern(text, takes_out, expression)


def included(patterns: Sequence[str], names: Iterable[str]) -> list[Decision]:
    """What ``branches``, ``tags`` or ``paths`` say of each name: the last pattern that matches decides; none means no."""
    return [_last_word(patterns, name) for name in names]


def ignored(patterns: Sequence[str], names: Iterable[str]) -> list[Decision]:
    """What ``…-ignore`` says of each name, ``is_included`` where it is not ignored: one pattern that holds is enough.

    A pattern with ``!`` holds for every name that it does not match, as in GitHub's own filters of this kind.
    """
    return [_any_word(patterns, name) for name in names]


def lets_start(patterns: Sequence[str], ignore: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a change of these names starts a run: one of them is included, and one is not ignored. An empty filter lets all pass."""
    return _passes(patterns, names, included) and _passes(ignore, names, ignored)


def _passes(patterns: Sequence[str], names: Sequence[str], decide: Callable[..., list[Decision]]) -> bool:
    return not patterns or any(decision.is_included for decision in decide(patterns, names))


def _last_word(patterns: Sequence[str], name: str) -> Decision:
    spoke = [one for one in map(pattern, patterns) if one.matches(name)]
    return Decision(
        name=name, is_included=bool(spoke) and not spoke[-1].takes_out, by=spoke[-1].text if spoke else None
    )


def _any_word(patterns: Sequence[str], name: str) -> Decision:
    holds = next((one for one in map(pattern, patterns) if one.matches(name) is not one.takes_out), None)
    return Decision(name=name, is_included=holds is None, by=holds.text if holds else None)


def _pieces(text: str, at: int) -> Iterable[str]:
    """Regular expressions, one for each thing that the pattern says."""
    first = at
    while at < len(text):
        piece, at = _READERS.get(text[at], _literal)(text, at, at == first)
        yield piece


def _literal(text: str, at: int, _: bool) -> tuple[str, int]:
    return re.escape(text[at]), at + 1


def _stars(text: str, at: int, _: bool) -> tuple[str, int]:
    if text.startswith("**/", at):
        return _WHOLE_SEGMENTS, at + 3
    if text.startswith("**", at):
        return ".*", at + 2
    return "[^/]*", at + 1


def _repeated(text: str, at: int, is_first: bool) -> tuple[str, int]:
    return (re.escape(text[at]) if is_first else text[at]), at + 1


def _escaped(text: str, at: int, _: bool) -> tuple[str, int]:
    if at + 1 == len(text):
        raise FilterError("nothing follows the \\", at)
    return re.escape(text[at + 1]), at + 2


def _class(text: str, at: int, _: bool) -> tuple[str, int]:
    end = text.find("]", at + 1)
    if end < 0:
        raise FilterError("the [ is never closed by a ]", at)
    if end == at + 1:
        raise FilterError("there is nothing between [ and ]", at)
    return f"[{''.join(_members(text, at + 1, end))}]", end + 1


def _members(text: str, at: int, end: int) -> Iterable[str]:
    start = at
    while at < end:
        if text[at] != "-":
            if not _is_of_a_range(text[at], text[at]):
                raise FilterError("between [ and ] stand letters, digits and ranges of them", at)
            yield re.escape(text[at])
            at += 1
        elif start < at < end - 1 and _is_of_a_range(text[at - 1], text[at + 1]):
            yield "-" + re.escape(text[at + 1])
            at += 2
        else:
            raise FilterError("a range goes from a letter or digit to a later one, such as a-z or 0-9", at)


def _is_of_a_range(first: str, last: str) -> bool:
    return any(low <= first <= last <= high for low, high in _RANGES)


def _repetition(text: str) -> int:
    """Where the second of two repetitions stands, as near as can be said."""
    found = re.search(r"(?:[?+*]|\*\*/)[?+]{1,}", text)
    return found.end() - 1 if found else 0


_READERS: Final[dict[str, Callable[[str, int, bool], tuple[str, int]]]] = {
    "*": _stars,
    "?": _repeated,
    "+": _repeated,
    "[": _class,
    "\\": _escaped,
}
