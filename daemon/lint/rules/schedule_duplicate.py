"""Two lines of a chain that are one schedule."""

from collections.abc import Iterator

from chainwright.daemon.core.cron_line import CronError
from chainwright.daemon.core.schedule import schedule_id
from chainwright.daemon.definition.nodes import Mapping, at, plain
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import WrittenSchedule, schedules
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Span


class ScheduleDuplicate(Rule):
    """Told by the identity of semantics 39: chain, cron, zone and inputs."""

    name = "schedule-duplicate"
    doc = "Two schedules of a chain have the same times, zone and inputs."
    why = "They are one schedule, which fires once; what the lines say apart from that (`missed`, `overlap`, `jitter`) cannot both hold."
    bad = """
        on: {schedule: [{cron: '0 0 * * *', missed: once}, {cron: '@daily'}]}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {schedule: [{cron: '@daily', missed: once}]}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each but the first."""
        seen: dict[str, Span] = {}
        for schedule in schedules(subject):
            identity = _identity(subject, schedule)
            first = seen.setdefault(identity, schedule.cron_span)
            if identity and first is not schedule.cron_span:
                message = f"this is the schedule of line {first.line}, column {first.column} again"
                yield Finding(span=schedule.cron_span, message=message, hint="leave one of them")


def _identity(subject: Subject, schedule: WrittenSchedule) -> str:
    """Empty for a line that cannot be read."""
    inputs = at(subject.root, "on", "schedule", schedule.index, "inputs")
    given = plain(inputs) if isinstance(inputs, Mapping) else {}
    try:
        return schedule_id(schedule.chain_id, schedule.cron, schedule.timezone, given)
    except CronError:
        return ""
