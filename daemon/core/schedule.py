"""Schedules as pure maths: Debian cron in a time zone. Times are arguments and results, in seconds since the epoch.

A fixed time in a skipped hour is due once right after it, in a repeated hour once; a line with a wildcard minute or hour follows the
clock. cronsim finds the times that a wall clock without changes would show, and what a change does to them is decided here: cronsim
walks real hours from one to the next, so it loses times where clocks change by half an hour (Australia/Lord_Howe).

What lines can be read is told by ``core.cron_line``, what a change of the clock does in sentences by ``core.forecast``; who waits for a
due time, and what became of it, is the business of ``daemon.triggers.cron``.
"""

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, tzinfo
from itertools import islice, pairwise, takewhile
from typing import Any, Final

from cronsim import CronSim

from chainwright.daemon.core.cron_line import Cron, parse_cron
from chainwright.daemon.core.time_zones import offset, zone

SOME_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
"""Questions about a line in general are answered from here on."""
_GAPS_LOOKED_AT: Final = 100
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


def next_fires(cron: str, timezone: str, after: float, n: int) -> list[float]:
    """The next ``n`` due times later than ``after``, fewer when the line stops firing.

    Raises :class:`CronError` for a line, :class:`UnknownZone` for a zone that cannot be read.
    """
    return list(islice(fires(cron, timezone, after), n))


def previous_fires(cron: str, timezone: str, before: float, n: int) -> list[float]:
    """The last ``n`` due times earlier than ``before``, newest first. Raises as :func:`next_fires`."""
    moments = _moments(parse_cron(cron), zone(timezone), before, direction=-1)
    return list(islice((moment for moment in moments if moment < before), n))


def fires(cron: str, timezone: str, after: float) -> Iterator[float]:
    """Every due time later than ``after``, one by one and possibly without end. Raises as :func:`next_fires`."""
    moments = _moments(parse_cron(cron), zone(timezone), after, direction=1)
    return (moment for moment in moments if moment > after)


def never_fires(cron: str) -> bool:
    """Whether the line names no day within half a century. Raises :class:`CronError` for one that cannot be read."""
    return not next_fires(cron, "UTC", SOME_TIME, 1)


def shortest_gap_s(cron: str) -> float | None:
    """The shortest time between two of a hundred due times in a row; None for a line that fires less than twice."""
    times = next_fires(cron, "UTC", SOME_TIME, _GAPS_LOOKED_AT)
    return min((later - earlier for earlier, later in pairwise(times)), default=None)


def schedule_id(chain_id: str, cron: str, timezone: str, inputs: Mapping[str, Any]) -> str:
    """The identity of a schedule: equal for equal parts wherever they stand, and for another spelling of the line."""
    parts = [chain_id, parse_cron(cron, chain_id).text, timezone, inputs]
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


def walls(line: Cron, start: datetime, direction: int = 1) -> Iterator[datetime]:
    """The times of a line that a clock without changes shows after ``start``, or before it: without zone, in the years 2 to 9998.

    The first and the last year of the calendar are left out: a time of theirs may have no equal in UTC.
    """
    try:
        yield from takewhile(
            lambda wall: MINYEAR < wall.year < MAXYEAR, CronSim(line.text, start, reverse=direction < 0)
        )
    except OverflowError:
        return


def _moments(line: Cron, place: tzinfo, start: float, *, direction: int) -> Iterator[float]:
    """The due times from about ``start`` on, in order; a few on its other side may come first."""
    shown = walls(line, _wall(place, start, direction), direction)
    return _each_showing(shown, place, direction) if line.follows_the_clock else _one_each(shown, place)


def _wall(place: tzinfo, start: float, direction: int) -> datetime:
    """What the clock shows at ``start``, moved to the other side by as much as it is about to show again."""
    here = datetime.fromtimestamp(start, UTC)
    there = here + direction * _DAY
    again = direction * (offset(place, here) - offset(place, there))
    return here.astimezone(place).replace(tzinfo=None) - direction * max(again, timedelta())


def _each_showing(shown: Iterator[datetime], place: tzinfo, direction: int) -> Iterator[float]:
    """Every moment at which the clock shows one of these times: none in a gap, two in a repeated hour, those in their order."""
    held: deque[float] = deque()
    for wall in shown:
        moments = sorted(_showings(wall, place), reverse=direction < 0)
        while held and moments and (held[0] - moments[0]) * direction <= 0:
            yield held.popleft()
        yield from moments[:1]
        held.extend(moments[1:])
    yield from held


def _showings(wall: datetime, place: tzinfo) -> set[float]:
    return {moment.timestamp() for fold in (0, 1) if _exists(moment := wall.replace(tzinfo=place, fold=fold))}


def _one_each(shown: Iterator[datetime], place: tzinfo) -> Iterator[float]:
    """The first moment at which the clock shows each of these times, or has passed it; several in one gap are one."""
    last = None
    for wall in shown:
        moment = wall.replace(tzinfo=place)
        while not _exists(moment):
            moment += _MINUTE  # of the wall's time, as arithmetic within a zone is
        if moment.timestamp() != last:
            last = moment.timestamp()
            yield last


def _exists(moment: datetime) -> bool:
    """Whether the clock ever shows it: the way to UTC and back leads elsewhere from a time that is skipped."""
    back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return back.replace(tzinfo=None) == moment.replace(tzinfo=None)
