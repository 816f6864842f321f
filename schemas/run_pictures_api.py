"""What the API says a run looks like: its graph, and its line of time."""

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)


class GraphNode(_Shape):
    """An agent of the run."""

    agent: str
    started_by: str = Field(description="what starts it, in words")
    state: str
    outcome: str | None
    turns: int
    attention: bool = Field(description="whether it waits for a person at its terminal")


class GraphArrow(_Shape):
    """By what one agent starts another: an event, or null where the other needs it."""

    source: str = Field(alias="from")
    to: str
    event: str | None
    travelled: int = Field(description="how often it has, so far")


class RunGraph(_Shape):
    """A run as nodes and arrows, in the order of the chain's file."""

    run_id: str
    nodes: list[GraphNode]
    arrows: list[GraphArrow]


class Wait(_Shape):
    """A turn in the queue; ``until`` is null while it is."""

    turn: int
    since: float = Field(alias="from")
    until: float | None


class Bar(_Shape):
    """An attempt; ``id`` is that of its session, ``until`` is null while it goes on."""

    id: str
    turn: int
    attempt: int
    leg: str | None
    state: str
    outcome: str | None
    since: float = Field(alias="from")
    until: float | None


class Mark(_Shape):
    """An event that was emitted."""

    at: float
    name: str
    number: int


class Lane(_Shape):
    """The time of one agent."""

    agent: str
    waits: list[Wait]
    attempts: list[Bar]
    events: list[Mark]


class RunTimeline(_Shape):
    """A run as lanes of time; ``until`` is null while it goes on."""

    run_id: str
    since: float = Field(alias="from")
    until: float | None
    lanes: list[Lane]
