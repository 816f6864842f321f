"""Schedules, compared: what begins to fire, what stops, and when the next runs are due."""

from collections.abc import Iterator
from typing import Final, Literal

from chainwright.daemon.core.cron_line import CronError
from chainwright.daemon.core.forecast import dst_notes, forecast
from chainwright.daemon.core.graph import Chain, Schedule
from chainwright.daemon.core.plan.fields import options_of
from chainwright.daemon.core.plan.report import ScheduleChange
from chainwright.daemon.core.time_zones import UnknownZone

FIRES: Final = 5
"""Due times that are shown of each schedule."""


def changed_schedules(before: Chain | None, after: Chain | None, now: float) -> tuple[ScheduleChange, ...]:
    """Nothing where all are as they were; else every one, so that a reader sees what is left."""
    old, new = _by_line(before), _by_line(after)
    if old.keys() == new.keys():
        return ()
    return tuple(_changes(old, new, now))


_Line = tuple[str, str, str]
"""Cron line, zone, and what else a schedule says. Its identity holds that of its chain too, which a renamed one has lost."""


def _by_line(chain: Chain | None) -> dict[_Line, Schedule]:
    return {_line(one): one for one in chain.schedules} if chain else {}


def _line(schedule: Schedule) -> _Line:
    return schedule.cron, schedule.timezone, options_of(schedule, "id", "cron", "timezone")


def _changes(old: dict[_Line, Schedule], new: dict[_Line, Schedule], now: float) -> Iterator[ScheduleChange]:
    for line in new:
        yield _fired(line, "kept" if line in old else "added", now)
    for cron, timezone, options in old:
        if (cron, timezone, options) not in new:
            yield ScheduleChange(kind="removed", cron=cron, timezone=timezone, options=options, next=(), notes=())


def _fired(line: _Line, kind: Literal["added", "kept"], now: float) -> ScheduleChange:
    """Of a line that cannot be read no times: the diagnostics say why."""
    cron, timezone, options = line
    try:
        times = forecast(cron, timezone, now, FIRES).fires
        notes = dst_notes(cron, timezone, now)
    except (CronError, UnknownZone):
        times, notes = (), ()
    return ScheduleChange(kind=kind, cron=cron, timezone=timezone, options=options, next=times, notes=notes)
