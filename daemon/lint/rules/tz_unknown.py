"""A time zone that does not exist."""

from collections.abc import Iterator
from zoneinfo import available_timezones

from chainwright.daemon.core.time_zones import is_timezone
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import schedules
from chainwright.daemon.lint.subject import Subject


class TzUnknown(Rule):
    """Names are those of the IANA database; abbreviations such as ``CEST`` are none."""

    name = "tz-unknown"
    doc = "A schedule names a time zone that does not exist."
    why = (
        "Names come from the IANA database; abbreviations such as CEST are not among them, because they do not say "
        "when clocks change."
    )
    bad = """
        on: {schedule: [{cron: '0 7 * * 1', timezone: Europe/Rga}]}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {schedule: [{cron: '0 7 * * 1', timezone: Europe/Riga}]}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such schedule."""
        for schedule in schedules(subject):
            if not is_timezone(schedule.timezone):
                yield Finding(
                    span=schedule.timezone_span,
                    message=f'there is no time zone "{schedule.timezone}"',
                    hint=near(schedule.timezone, available_timezones()) or "a name such as Europe/Riga, or UTC",
                )
