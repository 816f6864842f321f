"""What the API shows of the whole: the start page, events of all runs, settings with their origins."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chainwright.schemas.api import EventView
from chainwright.schemas.pages import PageQuery
from chainwright.schemas.schedules import LATEST


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DueTime(_Shape):
    """When a schedule starts a run."""

    schedule: str
    chain: str
    at: float


class Overview(_Shape):
    """How things stand."""

    runs: dict[str, int] = Field(description="runs that have not ended, by state")
    waiting: int = Field(description="things that wait for people")
    ended: dict[str, int] = Field(description="runs that ended in the last 24 hours, by outcome")
    next: list[DueTime] = Field(description="the next due times of schedules, at most ten")


class RunEventView(EventView):
    """An event and the run that it is of."""

    run_id: str
    chain: str


class EventsPage(_Shape):
    """Events of the newest runs first, each run's last event first."""

    items: list[RunEventView]
    next: str | None


class EventsQuery(_Shape):
    """Which events; ``cursor`` is the ``next`` of the page before. A page may hold fewer than ``limit`` where more follow."""

    name: str | None = Field(default=None, max_length=100)
    unmatched: bool = Field(default=False, description="only those that were routed and that no agent took")
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=100, pattern=r"^[0-9A-Za-z-]+:[0-9]{1,15}$")


class CalendarQuery(_Shape):
    """Which time, a year at most. ``until`` itself is not in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    since: float = Field(alias="from", ge=0, le=LATEST, allow_inf_nan=False)
    until: float = Field(ge=0, le=LATEST, allow_inf_nan=False)


class Calendar(_Shape):
    """Due times in their order; ``is_whole`` is false where there are more than are shown."""

    items: list[DueTime]
    is_whole: bool


class SettingView(_Shape):
    """A setting in force, and who set it; passwords in addresses are left out."""

    name: str
    value: Any
    origin: str = Field(description="a file, a variable, flag, or default")


class ChainSource(_Shape):
    """The file of a chain as it is at a commit."""

    chain: str
    path: str
    commit: str
    text: str


class ChainVersion(_Shape):
    """A commit that changed the file of a chain."""

    commit: str
    at: float
    author: str
    message: str
    in_force: bool


class VersionsQuery(PageQuery):
    """Which of them, of the newest thousand."""

    limit: int = Field(default=50, ge=1, le=500)


class JournalQuery(PageQuery):
    """Which part: entries after a number, at most so many; all of it by default."""

    after: int = Field(default=0, ge=0, le=2**53)
    limit: int | None = Field(default=None, ge=1, le=10_000)


Waiting = Literal["approval", "limit", "waiting_input"]
