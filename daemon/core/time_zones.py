"""Time zones by their name in the IANA database, and when their clocks change.

The one thing that the core reads from outside: the zone database, which Python keeps once read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*)*", re.ASCII)
_NO_PLACES: Final = re.compile(r"(posix|right)/.*|posixrules|localtime|Factory")  # files of the database
_DAY: Final = timedelta(days=1)


class UnknownZone(Exception):
    """A name that stands for no time zone; the text is for whoever wrote it."""


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """The time zone of this name, ``Europe/Riga``. Raises :class:`UnknownZone`."""
    if name == "UTC":  # known without a zone database
        return UTC
    if _NAME.fullmatch(name) and not _NO_PLACES.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # not there; not a zone file; a folder of the database
            pass
    raise UnknownZone(f'"{name}" is not a time zone of the IANA database')


def is_timezone(name: str) -> bool:
    """Whether this is the name of a time zone."""
    try:
        zone(name)
    except UnknownZone:
        return False
    return True


def stamp(moment: float) -> str:
    """Seconds since the epoch as people read them, ``2026-03-29T01:00:00Z``."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """The clocks of a zone are put forward (``by`` > 0) or back at ``at``, in UTC."""

    at: datetime
    by: timedelta


def clock_changes(place: tzinfo, after: float, until: float) -> Iterator[ClockChange]:
    """The changes of the clock between two moments, in order. Two within a day that undo each other are none."""
    day = datetime.fromtimestamp(after, UTC).replace(microsecond=0)
    while place is not UTC and day.timestamp() < until:
        following = day + _DAY
        if offset(place, following) != offset(place, day):
            at = _first_with_offset_of(place, day, following)
            if at.timestamp() <= until:
                yield ClockChange(at=at, by=offset(place, following) - offset(place, day))
        day = following


def offset(place: tzinfo, moment: datetime) -> timedelta:
    """How far the clocks of a zone are ahead of UTC at a moment."""
    return moment.astimezone(place).utcoffset() or timedelta()


def _first_with_offset_of(place: tzinfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if offset(place, middle) == offset(place, after):
            after = middle
        else:
            before = middle
    return after
