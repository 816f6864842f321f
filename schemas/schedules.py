"""Schedules as the API tells of them, and what can be asked of them. Times are seconds since the epoch, UTC."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chainwright.schemas.pages import PageQuery

LATEST = 253_370_764_800
"""The year 9999: a time that no calendar knows could not be shown."""


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PauseView(_Shape):
    """Who keeps the schedules of a chain from starting runs, since when, and until when; null until somebody resumes them."""

    actor: str
    at: float
    until: float | None


class FireView(_Shape):
    """What became of a due time: a run, or why there is none."""

    due: float
    run_id: str | None
    outcome: str | None = Field(description="of the run, once it has ended")
    missed: str


class FirePage(_Shape):
    """What became of due times, newest first; ``next`` is the cursor of the following page."""

    items: list[FireView]
    next: float | None


class ScheduleDetail(_Shape):
    """A schedule in force."""

    id: str
    chain: str
    cron: str = Field(description="as its author wrote it")
    words: str
    timezone: str
    inputs: dict[str, Any]
    missed: str
    overlap: str
    jitter_s: float
    next: list[float] = Field(description="the next five due times")
    notes: list[str] = Field(description="what changes of the clock do to them")
    running: str | None = Field(description="its newest run that has not ended")
    last: FireView | None
    paused: PauseView | None


class SchedulesQuery(PageQuery):
    """Of which chain; of all by default."""

    chain: str | None = None


class FiresQuery(_Shape):
    """Which of them, newest first; ``cursor`` is the ``next`` of the page before."""

    limit: int = Field(default=50, ge=1, le=1_000)
    cursor: float | None = Field(
        default=None, ge=0, le=LATEST, allow_inf_nan=False, description="a due time: those before it"
    )


class PauseSchedules(_Shape):
    """The schedules of a chain start no run; until somebody resumes them, without ``until``."""

    chain: str
    until: float | None = Field(default=None, ge=0, le=LATEST, allow_inf_nan=False)


class ResumeSchedules(_Shape):
    """The schedules of a chain start runs again."""

    chain: str


class RunSchedule(_Shape):
    """A run of a schedule now. ``schedule`` is the beginning of its id, needed where the chain has several."""

    chain: str
    schedule: str = ""
