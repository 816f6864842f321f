"""A cron line whose time a change of the clock skips or repeats."""

from collections.abc import Iterator
from functools import lru_cache

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.forecast import dst_notes
from chainwright.daemon.core.time_zones import UnknownZone
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import schedules
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class CronDst(Rule):
    """Says what will happen then; it is no mistake."""

    name = "cron-dst"
    severity = Severity.NOTE
    doc = "A change of the clock skips or repeats the time of a schedule."
    why = (
        "Where clocks change, an hour of the year is missing and another comes twice. What happens then is fixed, and "
        "said here so that nobody is surprised."
    )
    bad = """
        on: {schedule: [{cron: '30 3 * * *', timezone: Europe/Riga}]}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {schedule: [{cron: '30 5 * * *', timezone: Europe/Riga}]}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each change that matters."""
        for schedule in schedules(subject):
            for note in _notes(schedule.cron, schedule.timezone, schedule.chain_id):
                yield Finding(span=schedule.cron_span, message=note)


@lru_cache(maxsize=1_024)
def _notes(cron: str, timezone: str, chain_id: str) -> tuple[str, ...]:
    try:
        return dst_notes(parse_cron(cron, chain_id).text, timezone)
    except (CronError, UnknownZone):
        return ()
