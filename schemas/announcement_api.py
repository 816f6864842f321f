"""What the API says of chains that are told something: events sent to them, and what runs tell others."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from chainwright.schemas.fields import EventName


class AnnounceEvent(BaseModel):
    """An event for every chain that starts with it; the same ``key`` is taken once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: EventName
    data: Any = None
    key: str | None = Field(default=None, min_length=1, max_length=200)
    environment: str | None = Field(default=None, min_length=1, max_length=48)


class AnnouncementView(BaseModel):
    """Something that a chain was told, and what became of it."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(description="event: an event; chain: the end of a run")
    name: str = Field(description="of the event; <chain>.<outcome> for the end of a run")
    chain: str = Field(description="the chain that listens")
    at: float
    fate: str | None = Field(description="started, filtered, unfit or refused; null while it has yet to be told")
    told_at: float | None
    run_id: str | None = Field(description="the run that it became")
    reason: str
