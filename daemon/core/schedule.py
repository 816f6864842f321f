"""Schedules as pure maths: Debian cron in a time zone. Times are arguments and results, in seconds since the epoch.

cronsim knows the rules: a fixed time in a skipped hour runs once right after it, in a repeated hour once, and a line with a wildcard
minute or hour follows the clock. Around it stand the aliases, bounds, messages for authors, and what the lint asks. Who waits for a
due time, and what became of it, is the business of ``daemon.triggers.cron``.

The one thing read from outside is the zone database, which Python keeps once read.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from itertools import islice, pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

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

_SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)  # questions about a line in general are answered from here on
_GAPS_LOOKED_AT: Final = 100
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*)*", re.ASCII)
_NOT_ZONES: Final = re.compile(
    r"(posix|right)/.*|posixrules|localtime|Factory"
)  # files of the database that name no place
_FIELDS: Final = {
    "Bad second": "the second",
    "Bad minute": "the minute",
    "Bad hour": "the hour",
    "Bad day-of-month": "the day of the month",
    "Bad month": "the month",
    "Bad day-of-week": "the day of the week",
    "Wrong number of fields": "minute, hour, day of month, month and day of week are expected",
}


class CronError(Exception):
    """A cron line that cannot be in force; the text is for its author.

    ``never`` is true when it can be read but names no day that exists.
    """

    def __init__(self, message: str, *, never: bool = False) -> None:
        super().__init__(message)
        self.never = never


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A cron line that can be read: alias spelled out, blanks and letter case made equal."""

    text: str

    @property
    def fields(self) -> list[str]:
        """Minute, hour, day of month, month, day of week; with a second before them where there are six."""
        return self.text.split()

    @property
    def follows_the_clock(self) -> bool:
        """Whether every hour is meant, so that a change of the clock surprises nobody."""
        return self.fields[-4].startswith("*")


@lru_cache(maxsize=1_024)
def parse_cron(text: str) -> Cron:
    """The line, if it can be read; raises :class:`CronError`. Six fields begin with the second."""
    if len(text) > MAX_CRON:
        raise CronError(f"longer than {MAX_CRON} characters")
    plain = _spelled_out(text)
    try:
        CronSim(plain, _SOME_TIME)
    except CronSimError as error:
        raise _explained(plain, str(error)) from None
    return Cron(text=plain)


def is_timezone(name: str) -> bool:
    """Whether this is a name of the IANA database, ``Europe/Riga``."""
    try:
        _zone(name)
    except CronError:
        return False
    return True


def next_fires(cron: str, timezone: str, after: float, n: int) -> list[float]:
    """The next ``n`` due times later than ``after``, fewer when the line stops firing.

    Raises :class:`CronError` for a line or zone that cannot be read.
    """
    return list(islice(fires(cron, timezone, after), n))


def previous_fires(cron: str, timezone: str, before: float, n: int) -> list[float]:
    """The last ``n`` due times earlier than ``before``, newest first. Raises :class:`CronError`."""
    return list(islice(_moments(cron, timezone, before, backwards=True), n))


def fires(cron: str, timezone: str, after: float) -> Iterator[float]:
    """Every due time later than ``after``, one by one and possibly without end. Raises :class:`CronError`."""
    return _moments(cron, timezone, after, backwards=False)


def never_fires(cron: str) -> bool:
    """Whether the line names no day within half a century. Raises :class:`CronError` for one that cannot be read."""
    return not next_fires(cron, "UTC", _SOME_TIME.timestamp(), 1)


def shortest_gap_s(cron: str) -> float | None:
    """The shortest time between two of a hundred due times in a row; None for a line that fires less than twice."""
    times = next_fires(cron, "UTC", _SOME_TIME.timestamp(), _GAPS_LOOKED_AT)
    return min((later - earlier for earlier, later in pairwise(times)), default=None)


def dst_notes(cron: str, timezone: str, after: float = _SOME_TIME.timestamp()) -> tuple[str, ...]:
    """What a change of the clock in the year after ``after`` does to the line, a sentence each; empty for most lines."""
    line, zone = parse_cron(cron), _zone(timezone)
    if line.follows_the_clock:
        return ()
    return tuple(
        dict.fromkeys(note for change in _changes(zone, after) for note in _note(line, zone, timezone, change))
    )


def schedule_id(chain_id: str, cron: str, timezone: str, inputs: Mapping[str, Any]) -> str:
    """The identity of a schedule: equal for equal parts wherever they stand, and for another spelling of the line."""
    parts = [chain_id, parse_cron(cron).text, timezone, inputs]
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def local_time(at: float, timezone: str) -> str:
    """A due time as the clocks of its zone show it: ``Mon 2026-03-30 07:00 EEST (+0300)``. Raises :class:`CronError`."""
    return f"{datetime.fromtimestamp(at, _zone(timezone)):%a %Y-%m-%d %H:%M %Z (%z)}"


def _spelled_out(text: str) -> str:
    word = text.strip().lower()
    if not word.startswith("@"):
        return " ".join(text.upper().split())
    if word not in ALIASES:
        raise CronError(f"{word} is not known; the aliases are {', '.join(ALIASES)}")
    return ALIASES[word]


def _explained(plain: str, message: str) -> CronError:
    """cronsim's message in our words, with the field as it is written."""
    fields = plain.split()
    if "H" in re.split(r"[ /,(]", plain):
        return CronError("H is not supported yet")
    if message not in _FIELDS or message.startswith("Wrong"):
        return CronError(f"{_FIELDS.get(message, message)}; there are {len(fields)} fields")
    if message == "Bad day-of-month" and _is_readable(_with_any_month(fields)):
        return CronError(f"it never fires: month {fields[-2]} has no day {fields[-3]}", never=True)
    place = ["Bad second", "Bad minute", "Bad hour", "Bad day-of-month", "Bad month", "Bad day-of-week"].index(message)
    return CronError(f'{_FIELDS[message]} cannot be "{fields[place - 6]}"')


def _with_any_month(fields: list[str]) -> str:
    return " ".join([*fields[:-2], "*", fields[-1]])


def _is_readable(plain: str) -> bool:
    try:
        CronSim(plain, _SOME_TIME)
    except CronSimError:
        return False
    return True


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    if name == "UTC":  # known without a zone database
        return UTC
    if _ZONE.fullmatch(name) and not _NOT_ZONES.fullmatch(name):
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # not there; not a zone file; a folder of the database
            pass
    raise CronError(f'"{name}" is not a time zone of the IANA database')


def _moments(cron: str, timezone: str, start: float, *, backwards: bool) -> Iterator[float]:
    moment = datetime.fromtimestamp(start, _zone(timezone))
    return (due.timestamp() for due in CronSim(parse_cron(cron).text, moment, reverse=backwards))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """The clock is put forward (``by`` > 0) or back at ``at``."""

    at: datetime
    by: timedelta


def _changes(zone: tzinfo, after: float) -> Iterator[_Change]:
    """The changes of the clock in the year after ``after``, to the minute."""
    day = datetime.fromtimestamp(after, UTC).replace(microsecond=0, second=0)
    for _ in range(366):
        following = day + timedelta(days=1)
        if _offset(zone, following) != _offset(zone, day):
            at = _first_with_offset_of(zone, day, following)
            yield _Change(at=at, by=_offset(zone, following) - _offset(zone, day))
        day = following


def _offset(zone: tzinfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _first_with_offset_of(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        if _offset(zone, middle) == _offset(zone, after):
            after = middle
        else:
            before = middle
    return after.replace(second=0, microsecond=0)


def _note(line: Cron, zone: tzinfo, timezone: str, change: _Change) -> Iterator[str]:
    """What happens to the first time of the line that the change skips or repeats, if there is one."""
    wall_after = change.at.astimezone(zone).replace(tzinfo=None)
    begins, ends = sorted((wall_after - change.by, wall_after))
    time = next(CronSim(line.text, begins - timedelta(seconds=1)), None)
    if time is None or time >= ends:
        return
    is_fixed = not line.fields[-5].startswith("*") and len(line.fields) == 5
    if change.by > timedelta():
        then = f"runs once, at {ends:%H:%M}" if is_fixed else "does not run"
        yield f"when clocks go forward, {time:%H:%M} does not exist in {timezone}: it {then}"
    else:
        then = "runs once, the first time" if is_fixed else "runs both times"
        yield f"when clocks go back, {time:%H:%M} comes twice in {timezone}: it {then}"
