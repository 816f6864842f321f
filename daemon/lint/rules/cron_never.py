"""A cron line that names no day that exists."""

from collections.abc import Iterator

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.schedule import never_fires
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import schedules
from chainwright.daemon.lint.subject import Subject


class CronNever(Rule):
    """``0 0 30 2 *`` and its like."""

    name = "cron-never"
    doc = "A cron line never fires."
    why = "No day of any year fits, so the chain would never start by itself."
    bad = """
        on: {schedule: [{cron: '0 0 30 2 *'}]}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {schedule: [{cron: '0 0 28 2 *'}]}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such line."""
        for schedule in schedules(subject):
            if _never(schedule.cron, schedule.chain_id):
                yield Finding(span=schedule.cron_span, message=f'"{schedule.cron}" never fires: there is no such day')


def _never(cron: str, chain_id: str) -> bool:
    try:
        return never_fires(parse_cron(cron, chain_id).text)
    except CronError as error:
        return error.never
