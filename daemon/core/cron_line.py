"""Cron lines as they are written: what can be read, with a message for the author of what cannot.

cronsim reads the fields. Around it stand the aliases, bounds, and ``H``, which it does not know. When a line is due is the business of
``core.schedule``.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cronsim import CronSim, CronSimError

ALIASES: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
MAX_CRON: Final = 200
"""Characters of a cron line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """``least`` to ``most`` is what may be written, ``hashed_up_to`` where a bare H ends."""

    name: str
    spoken: str
    least: int
    most: int
    hashed_up_to: int


_FIELDS: Final = (
    _Field(name="second", spoken="the second", least=0, most=59, hashed_up_to=59),
    _Field(name="minute", spoken="the minute", least=0, most=59, hashed_up_to=59),
    _Field(name="hour", spoken="the hour", least=0, most=23, hashed_up_to=23),
    _Field(name="day-of-month", spoken="the day of the month", least=1, most=31, hashed_up_to=28),  # in every month
    _Field(name="month", spoken="the month", least=1, most=12, hashed_up_to=12),
    _Field(name="day-of-week", spoken="the day of the week", least=0, most=7, hashed_up_to=6),  # Sunday once
)
_HASHED: Final = re.compile(r"H(?:\((\d{1,2})-(\d{1,2})\))?(?:/(\d{1,2}))?", re.ASCII)
_SOME_TIME: Final = datetime(2026, 1, 1)


class CronError(Exception):
    """A cron line that cannot be in force; the text is for its author.

    ``never`` is true when it can be read but names no day that exists.
    """

    def __init__(self, message: str, *, never: bool = False) -> None:
        super().__init__(message)
        self.never = never


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A cron line that can be read: alias spelled out, H worked out, blanks and letter case made equal."""

    text: str

    @property
    def fields(self) -> list[str]:
        """Minute, hour, day of month, month, day of week; with a second before them where there are six."""
        return self.text.split()

    @property
    def follows_the_clock(self) -> bool:
        """Whether a change of the clock skips and repeats its times, as it does those of a line with a wildcard minute or hour.

        A line of fixed times makes up for what is skipped and does not repeat. Six fields are no cron of Debian's, and follow.
        """
        minute, hour = self.fields[-5:-3]
        return minute.startswith("*") or hour.startswith("*") or len(self.fields) == len(_FIELDS)

    @property
    def words(self) -> str:
        """What the line means, in English: ``At 07:00 on Monday``."""
        day, weekday = self.fields[-3], self.fields[-1]
        either = "" if day.startswith("*") or weekday.startswith("*") else " (either is enough)"
        return CronSim(self.text, _SOME_TIME).explain() + either

    @property
    def is_hourly(self) -> bool:
        """Whether every hour is meant, so that a change of the clock surprises nobody."""
        return len(CronSim(self.text, _SOME_TIME).hours) == 24


@lru_cache(maxsize=1_024)
def parse_cron(text: str, key: str = "") -> Cron:
    """The line, if it can be read; raises :class:`CronError`. Six fields begin with the second.

    ``key``, a chain's id, is what H takes its values from: the same for the same key, whatever else the line says.
    """
    plain = _with_hashes(_spelled_out(_bounded(text)), key)
    try:
        CronSim(_bounded(plain), _SOME_TIME)
    except CronSimError as error:
        raise _explained(plain, str(error)) from None
    return Cron(text=plain)


def _bounded(text: str) -> str:
    if len(text) > MAX_CRON:
        raise CronError(f"longer than {MAX_CRON} characters")
    return text


def _spelled_out(text: str) -> str:
    word = text.strip().lower()
    if not word.startswith("@"):
        return " ".join(text.upper().split())
    if word not in ALIASES:
        raise CronError(f"{word} is not known; the aliases are {', '.join(ALIASES)}")
    return ALIASES[word]


def _with_hashes(plain: str, key: str) -> str:
    written = plain.split()
    if len(written) not in (len(_FIELDS) - 1, len(_FIELDS)):  # told by cronsim's error
        return plain
    return " ".join(
        ",".join(_worked_out(term, field, key) for term in text.split(","))
        for field, text in zip(_FIELDS[-len(written) :], written, strict=True)
    )


def _worked_out(term: str, field: _Field, key: str) -> str:
    """A term of a field, in which H has become the values that it stands for under this key."""
    if not term.startswith("H"):
        return term
    found = _HASHED.fullmatch(term)
    if found is None:
        raise CronError(f'{field.spoken} cannot be "{term}"; with H it is H, H(0-29), H/15 or H(0-29)/10')
    least, most = int(found[1] or field.least), int(found[2] or field.hashed_up_to)
    if not field.least <= least <= most <= field.most:
        raise CronError(f'{field.spoken} cannot be "{term}": it lies between {field.least} and {field.most}')
    step = int(found[3]) if found[3] else None
    return _spread(least, most, step, f"{key}\0{field.name}", term)


def _spread(least: int, most: int, step: int | None, salt: str, term: str) -> str:
    if step == 0:
        raise CronError(f'"{term}" has a step of 0')
    size = most - least + 1
    first = least + int.from_bytes(hashlib.sha256(salt.encode()).digest()[:8]) % min(step or size, size)
    values = range(first, most + 1, step) if step else [first]
    return str(first) if len(values) == 1 else f"{first}-{most}/{step}"


def _explained(plain: str, message: str) -> CronError:
    """cronsim's message in our words, with the field as it is written."""
    fields = plain.split()
    names = [f"Bad {field.name}" for field in _FIELDS]
    if message not in names:
        return CronError(f"minute, hour, day of month, month and day of week are expected; there {_count(fields)}")
    if message == "Bad day-of-month" and _is_readable([*fields[:-2], "*", fields[-1]]):
        return CronError(f"it never fires: month {fields[-2]} has no day {fields[-3]}", never=True)
    place = names.index(message)
    return CronError(f'{_FIELDS[place].spoken} cannot be "{fields[place - len(_FIELDS)]}"')


def _count(fields: list[str]) -> str:
    return f"are {len(fields)} fields" if len(fields) != 1 else "is 1 field"


def _is_readable(fields: list[str]) -> bool:
    try:
        CronSim(" ".join(fields), _SOME_TIME)
    except CronSimError:
        return False
    return True
