"""A cron line that fires more often than a chain of agents is likely meant to."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.schedule import shortest_gap_s
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import schedules
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity

_OFTEN_S: Final = 300.0
"""What GitHub allows at most, and so what people are used to."""


class CronTooOften(Rule):
    """``* * * * *`` is most often a mistake for ``0 * * * *``."""

    name = "cron-too-often"
    severity = Severity.WARNING
    doc = "A cron line fires more often than every five minutes."
    why = (
        "Agents take minutes and cost money; a chain that starts every few minutes is mostly a slip of the first field."
    )
    bad = """
        on: {schedule: [{cron: '* 7 * * *'}]}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {schedule: [{cron: '0 7 * * *'}]}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such line."""
        for schedule in schedules(subject):
            gap = _gap(schedule.cron, schedule.chain_id)
            if gap is not None and gap < _OFTEN_S:
                message = f'"{schedule.cron}" fires every {_spoken(gap)}'
                yield Finding(span=schedule.cron_span, message=message, hint="0 * * * * is every hour")


@lru_cache(maxsize=1_024)
def _gap(cron: str, chain_id: str) -> float | None:
    if cron.split(" ", 1)[0].isdigit():  # one minute of an hour; looking at a hundred due times takes milliseconds
        return None
    try:
        return shortest_gap_s(parse_cron(cron, chain_id).text)
    except CronError:
        return None


def _spoken(gap_s: float) -> str:
    if gap_s < 60:
        return f"{gap_s:.0f} seconds" if gap_s > 1 else "second"
    return f"{gap_s / 60:.0f} minutes" if gap_s > 60 else "minute"
