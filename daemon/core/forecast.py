"""The next due times of a cron line as people read them: in its zone, with what changes of the clock do to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from chainwright.daemon.core.cron_line import Cron, parse_cron
from chainwright.daemon.core.schedule import SOME_TIME, next_fires, previous_fires, walls
from chainwright.daemon.core.time_zones import ClockChange, clock_changes, zone

_DAY_S: Final = 86_400.0
_YEAR_S: Final = 366 * _DAY_S
_MOST_S: Final = 5 * _YEAR_S
"""How far ahead changes of the clock are looked for: a leap day's line is not asked about those of a century."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueTime:
    """One due time. ``local`` is what the clock of the zone shows then, ISO 8601 with its offset."""

    at: float
    local: str
    note: str = ""
    """What a change of the clock has to do with it; empty for most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Due times in their order, and the changes of the clock that matter to the line up to the last of them, a sentence each."""

    fires: tuple[DueTime, ...]
    notes: tuple[str, ...] = ()


def forecast(cron: str, timezone: str, after: float, n: int = 5) -> Forecast:
    """The next ``n`` due times later than ``after`` (seconds since the epoch), fewer when the line stops firing.

    Pure: the same answer for the same arguments. Raises :class:`~.cron_line.CronError` for a line, and
    :class:`~.time_zones.UnknownZone` for a zone that cannot be read. H takes its values from nothing: work it out first.
    """
    due = next_fires(cron, timezone, after, n)
    return _told(parse_cron(cron), timezone, due, after, min(max(due, default=after) + _DAY_S, after + _MOST_S))


def look_back(cron: str, timezone: str, before: float, n: int = 5) -> Forecast:
    """The last ``n`` due times earlier than ``before``, newest first; otherwise as :func:`forecast`."""
    due = previous_fires(cron, timezone, before, n)
    return _told(parse_cron(cron), timezone, due, max(min(due, default=before) - _DAY_S, before - _MOST_S), before)


def dst_notes(cron: str, timezone: str, after: float = SOME_TIME) -> tuple[str, ...]:
    """What a change of the clock in the year after ``after`` does to the line, a sentence each; empty for most lines."""
    line, place = parse_cron(cron), zone(timezone)
    changes = clock_changes(place, after, after + _YEAR_S)
    return tuple(dict.fromkeys(note for change in changes for note in _note(line, place, timezone, change)))


def _told(line: Cron, timezone: str, due: list[float], begin: float, end: float) -> Forecast:
    """Due times, with the changes of the clock between two moments of which the last may lie a little beyond them."""
    place = zone(timezone)
    told = [
        (change, note) for change in clock_changes(place, begin, end) for note in _note(line, place, timezone, change)
    ]
    return Forecast(
        fires=tuple(_due_time(moment, place, told) for moment in due),
        notes=tuple(
            f"{_day(change, place)}: {note}" for change, note in told if change.at.timestamp() <= max(due, default=end)
        ),
    )


def _due_time(moment: float, place: tzinfo, told: list[tuple[ClockChange, str]]) -> DueTime:
    near = (note for change, note in told if abs(moment - change.at.timestamp()) <= abs(change.by).total_seconds())
    return DueTime(at=moment, local=_local(moment, place), note=next(near, ""))


def _local(moment: float, place: tzinfo) -> str:
    return datetime.fromtimestamp(moment, place).isoformat(timespec="seconds")


def _day(change: ClockChange, place: tzinfo) -> str:
    return f"{change.at.astimezone(place):%Y-%m-%d}"


def _note(line: Cron, place: tzinfo, timezone: str, change: ClockChange) -> Iterator[str]:
    """What happens to the first time of the line that the change skips or repeats, if there is one that anybody would miss."""
    if line.is_hourly:
        return
    after = change.at.astimezone(place).replace(tzinfo=None)
    begins, ends = sorted((after - change.by, after))
    time = next(walls(line, begins - timedelta(seconds=1)), ends)
    if time >= ends:
        return
    if change.by > timedelta():
        then = "does not run" if line.follows_the_clock else f"runs once, at {ends:%H:%M}"
        yield f"when clocks go forward, {time:%H:%M} does not exist in {timezone}: it {then}"
    else:
        then = "runs both times" if line.follows_the_clock else "runs once, the first time"
        yield f"when clocks go back, {time:%H:%M} comes twice in {timezone}: it {then}"
