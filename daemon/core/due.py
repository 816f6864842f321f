"""What becomes of due times: which start a run, which have passed, and why. Pure; ``daemon.triggers.cron`` asks, at its own times.

A due time is a schedule's moment by its cron line; it starts a while later where the schedule has ``jitter``. Each is answered once, in
the order of due times, by :func:`verdicts`; whoever carries them out records each in that order, so that a death in between leaves the
rest to be asked about again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.core.time_zones import stamp

GRACE_S: Final = 60.0
"""A due time noticed later than this has passed."""

MOST_MADE_UP: Final = 100
"""Runs that ``missed: all`` starts at once, of the newest due times."""

NOT_RUNNING: Final = "the daemon was not running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Somebody keeps the schedules of a chain from starting runs; for good, when ``until`` is None."""

    actor: str
    at: float
    until: float | None = None

    def covers(self, moment: float) -> bool:
        """Whether nothing is to start at this moment."""
        return self.at <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A run is to start. ``made_up`` says that its time has passed and ``missed`` asks for it all the same."""

    due: float
    made_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """No run is to start, for this reason."""

    due: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A look at what is due: at what time, until when nobody looked, and who keeps the schedule from starting runs."""

    now: float
    away_until: float = 0.0
    pause: Pause | None = None


def starts_at(schedule: Schedule, due: float) -> float:
    """When a due time starts its run: ``jitter`` delays it by a share that is always the same for this schedule and due time.

    So a daemon that was restarted in between keeps to it, and many schedules of one minute come apart.
    """
    digest = hashlib.sha256(f"{schedule.id}\0{due:.0f}".encode()).digest()
    return due + schedule.jitter_s * int.from_bytes(digest[:8]) / 2**64


def verdicts(schedule: Schedule, dues: Sequence[float], look: Look) -> list[Fire | Miss]:
    """One answer for each of these due times, oldest first, all of which have started by now."""
    passed = [due for due in dues if _why_passed(schedule, due, look) and not _why_paused(schedule, due, look)]
    made_up = frozenset(passed[-_made_up_at_most(schedule) :] if _made_up_at_most(schedule) else ())
    return [_verdict(schedule, due, look, made_up) for due in dues]


def _verdict(schedule: Schedule, due: float, look: Look, made_up: frozenset[float]) -> Fire | Miss:
    if paused := _why_paused(schedule, due, look):
        return Miss(due=due, reason=paused)
    why = _why_passed(schedule, due, look)
    if not why or due in made_up:
        return Fire(due=due, made_up=bool(why))
    if not made_up:
        return Miss(due=due, reason=why)
    return Miss(due=due, reason=f"{why}; made up for by {_told(schedule, made_up)}")


def _made_up_at_most(schedule: Schedule) -> int:
    return {"skip": 0, "once": 1, "all": MOST_MADE_UP}[schedule.missed]


def _told(schedule: Schedule, made_up: frozenset[float]) -> str:
    first = stamp(min(made_up))
    return f"that of {first}" if schedule.missed == "once" else f"the newest {len(made_up)}, from {first} on"


def _why_paused(schedule: Schedule, due: float, look: Look) -> str:
    is_paused = look.pause is not None and look.pause.covers(starts_at(schedule, due))
    return f"paused by {look.pause.actor}" if look.pause and is_paused else ""


def _why_passed(schedule: Schedule, due: float, look: Look) -> str:
    """Why a due time cannot start in time; empty when it can."""
    starts = starts_at(schedule, due)
    if starts <= look.away_until:
        return NOT_RUNNING
    if look.now - starts > GRACE_S:
        return (
            f"noticed {look.now - starts:.0f} s late: the machine slept, its clock was set, or it could not be recorded"
        )
    return ""
