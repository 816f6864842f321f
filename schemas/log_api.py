"""What the API shows of a log, line by line."""

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AttemptQuery(_Shape):
    """Whose log: by default of the run's only or latest running agent and its latest attempt."""

    agent: str | None = Field(default=None, max_length=100)
    turn: int | None = Field(default=None, ge=1, le=2**53)
    attempt: int | None = Field(default=None, ge=1, le=2**53)
    leg: str | None = Field(default=None, max_length=100, description="number or name of a leg")


class LogLinesQuery(AttemptQuery):
    """Which lines: at most ``limit`` from number ``first`` on; without that the last ones."""

    first: int | None = Field(default=None, ge=1, le=2**53)
    limit: int = Field(default=500, ge=1, le=2_000)


class LogMatchesQuery(AttemptQuery):
    """What is sought, whatever its case and colours, and how many lines are told of."""

    text: str = Field(min_length=1, max_length=200)
    limit: int = Field(default=2_000, ge=1, le=10_000)


class LogLine(_Shape):
    """A line of the output as text. Its number, from 1, stays for ever; ``at`` is when it began, where that is known."""

    number: int
    at: float | None
    text: str = Field(description="the beginning of a very long one")


class LogLines(_Shape):
    """Lines in their order, fewer than were asked for where they are very long."""

    attempt_id: str
    lines: list[LogLine]
    total: int = Field(description="lines of the log so far, one that has not ended among them")
    size: int = Field(description="bytes of the log so far")
    is_growing: bool


class LogMatches(_Shape):
    """Numbers of the lines; ``is_whole`` is false where there are more, or the log was too long to look through all of it."""

    attempt_id: str
    numbers: list[int]
    is_whole: bool
