"""A schedule whose runs may start later than its next due time."""

from collections.abc import Iterator

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.schedule import shortest_gap_s
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import schedules
from chainwright.daemon.lint.subject import Subject


class CronJitter(Rule):
    """Runs start in the order of their due times, so a longer one would hold the next back."""

    name = "cron-jitter"
    doc = "The jitter of a schedule is longer than the time between two of its due times."
    why = "A run would start after the next one is due, in another order than they were meant."
    bad = """
        on: {schedule: [{cron: '@hourly', jitter: 2h}]}
        agents: {a: {run: ./a.sh}}
    """
    good = """
        on: {schedule: [{cron: '@hourly', jitter: 20m}]}
        agents: {a: {run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such schedule."""
        for written in schedules(subject):
            declared = {one.written or one.cron: one for one in subject.chain.schedules}.get(written.cron)
            gap = _gap(written.cron, written.chain_id) if declared and declared.jitter_s else None
            if declared and gap is not None and declared.jitter_s > gap:
                yield Finding(
                    span=subject.value("on", "schedule", written.index, "jitter"),
                    message=f'a jitter of {declared.jitter_s:.0f}s is longer than the {gap:.0f}s between two times of "{written.cron}"',
                    hint="make it shorter, or start less often",
                )


def _gap(cron: str, chain_id: str) -> float | None:
    try:
        return shortest_gap_s(parse_cron(cron, chain_id).text)
    except CronError:
        return None
