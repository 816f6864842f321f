"""A cron line that cannot be read."""

from collections.abc import Iterator

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import schedules
from chainwright.daemon.lint.subject import Subject


class CronInvalid(Rule):
    """A line that can be read but never fires is ``cron-never``."""

    name = "cron-invalid"
    doc = "A cron line cannot be read."
    why = "The schedule could not be kept. Five fields are read, or one of the aliases such as `@daily`."
    bad = """
        on: {schedule: [{cron: '0 25 * * *'}]}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {schedule: [{cron: '0 22 * * *'}]}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such line."""
        for schedule in schedules(subject):
            try:
                parse_cron(schedule.cron, schedule.chain_id)
            except CronError as error:
                if not error.never:
                    yield Finding(
                        span=schedule.cron_span,
                        message=f'"{schedule.cron}" is no cron line: {error}',
                        hint="minute hour day-of-month month day-of-week, such as 0 7 * * 1",
                    )
