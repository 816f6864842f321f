"""What the API says of how a chain has done."""

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StatisticsQuery(_Shape):
    """Of how many of its last runs."""

    last: int = Field(default=200, ge=1, le=1_000)


class Spread(_Shape):
    """How long something took, in seconds: half of them at most the median, 95 in 100 at most ``p95_s``."""

    count: int
    median_s: float
    p95_s: float


class AgentStatistics(_Shape):
    """Attempts of an agent that have ended."""

    agent: str
    attempts: int
    failed: int = Field(description="that failed, timed out or were lost")
    took: Spread | None


class FailedRun(_Shape):
    """A run that did not do what it should, and why."""

    run_id: str
    number: int
    outcome: str
    reason: str | None
    detail: str
    ended_at: float


class ChainStatistics(_Shape):
    """How the last runs of a chain that have ended went. Shares and times leave out those that were cancelled."""

    chain: str
    outcomes: dict[str, int]
    success: float | None = Field(description="share of those that ended by themselves, 0 to 1; null without any")
    took: Spread | None = Field(description="of those that succeeded")
    waited: Spread | None = Field(description="from the call for a run to its start")
    agents: list[AgentStatistics] = Field(description="the slowest first")
    failures: list[FailedRun] = Field(description="the last five")
