"""The schedules of a chain with their places, for the cron rules."""

from collections.abc import Iterator
from dataclasses import dataclass

from chainwright.daemon.definition.nodes import Scalar, Sequence, at
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Span
from chainwright.schemas.triggers import MAX_SCHEDULES


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenSchedule:
    """A cron line and its zone as they are written, and the id of their chain, from which H is worked out."""

    index: int
    chain_id: str
    cron: str
    cron_span: Span
    timezone: str
    timezone_span: Span


def schedules(subject: Subject) -> Iterator[WrittenSchedule]:
    """Every schedule whose cron line is a text; an absent or unreadable zone is UTC."""
    written = at(subject.root, "on", "schedule")
    for index, item in enumerate(written.items[:MAX_SCHEDULES] if isinstance(written, Sequence) else ()):
        cron, timezone = at(item, "cron"), at(item, "timezone")
        if isinstance(cron, Scalar) and isinstance(cron.value, str):
            is_text = isinstance(timezone, Scalar) and isinstance(timezone.value, str)
            zone = timezone if isinstance(timezone, Scalar) and is_text else Scalar("UTC", cron.place)
            yield WrittenSchedule(
                index=index,
                chain_id=subject.chain.id,
                cron=cron.value,
                cron_span=cron.span,
                timezone=str(zone.value),
                timezone_span=zone.span,
            )
