"""What a change would cost, from what runs of the same chains took: their duration, and how often schedules start them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from statistics import median
from typing import Final

from chainwright.daemon.core.cron_line import CronError
from chainwright.daemon.core.graph import Chain, Schedule
from chainwright.daemon.core.plan.report import Estimate
from chainwright.daemon.core.schedule import fires
from chainwright.daemon.core.time_zones import UnknownZone

MOST_WEEKLY: Final = 1_000
"""Due times of a week that are counted of each schedule; one that fires oftener counts as this."""

_WEEK_S: Final = 7 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The newest runs of a chain that succeeded: how long each took, in seconds."""

    durations_s: tuple[float, ...] = ()


def estimated(
    changed: Sequence[tuple[Chain | None, Chain | None]], history: Mapping[str, History], now: float
) -> tuple[Estimate, ...]:
    """An estimate for each chain that changes and has either run before or changes how often it starts by itself."""
    return tuple(_estimates(changed, history, now))


def _estimates(
    changed: Sequence[tuple[Chain | None, Chain | None]], history: Mapping[str, History], now: float
) -> Iterator[Estimate]:
    for before, after in changed:
        chain = after or before
        assert chain is not None
        past = history.get(before.id if before else chain.id, History())
        weekly = (_weekly(before, now), _weekly(after, now))
        if past.durations_s or weekly[0] != weekly[1]:
            yield Estimate(
                chain=chain.id,
                runs=len(past.durations_s),
                median_s=median(past.durations_s) if past.durations_s else None,
                weekly_before=weekly[0],
                weekly_after=weekly[1],
            )


def _weekly(chain: Chain | None, now: float) -> int:
    """How often its schedules start it in the week after ``now``."""
    return sum(_count(one, now) for one in chain.schedules) if chain else 0


def _count(schedule: Schedule, now: float) -> int:
    try:
        due = takewhile(lambda at: at <= now + _WEEK_S, fires(schedule.cron, schedule.timezone, now))
        return sum(1 for _ in islice(due, MOST_WEEKLY))
    except (CronError, UnknownZone):  # the diagnostics say why
        return 0
