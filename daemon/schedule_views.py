"""Schedules in the shapes of ``schemas.schedules``."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chainwright.daemon.core.cron_line import parse_cron
from chainwright.daemon.core.due import Pause
from chainwright.daemon.core.forecast import forecast
from chainwright.daemon.core.graph import Chain, Schedule
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.store.port import Fire


def detail(
    chain: Chain, schedule: Schedule, now: float, *, running: str | None, last: Fire | None, pause: Pause | None
) -> dict[str, Any]:
    """A ScheduleDetail."""
    coming = forecast(schedule.cron, schedule.timezone, now)
    return {
        "id": schedule.id,
        "chain": chain.id,
        "cron": schedule.written or schedule.cron,
        "words": parse_cron(schedule.cron).words,
        "timezone": schedule.timezone,
        "inputs": schedule.inputs,
        "missed": schedule.missed,
        "overlap": schedule.overlap,
        "jitter_s": schedule.jitter_s,
        "next": [fire.at for fire in coming.fires],
        "notes": list(coming.notes),
        "running": running,
        "last": fire_view(last) if last else None,
        "paused": asdict(pause) if pause else None,
    }


def fire_view(fire: Fire) -> dict[str, Any]:
    """A FireView."""
    return {"due": fire.due, "run_id": fire.run_id, "outcome": fire.outcome, "missed": fire.missed}


def chosen(chain: Chain, beginning: str) -> Schedule:
    """The schedule of a chain that is meant. Refused when it has none, or several that fit and differ in their inputs."""
    if not chain.schedules:
        raise Refusal(
            Code.CONFLICT, f'chain "{chain.id}" has no schedule', f"start it with: chainwright run {chain.id}"
        )
    fitting = [one for one in chain.schedules if one.id.startswith(beginning)]
    if not fitting:
        raise Refusal(Code.NOT_FOUND, f'chain "{chain.id}" has no schedule {beginning}', _listed(chain.schedules))
    if any(one.inputs != fitting[0].inputs for one in fitting):
        raise Refusal(Code.AMBIGUOUS, f'chain "{chain.id}" has several schedules', _listed(fitting))
    return fitting[0]


def _listed(schedules: Sequence[Schedule]) -> str:
    return "name one: " + ", ".join(f"{one.id[:8]} ({one.written or one.cron})" for one in schedules)
