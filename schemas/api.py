"""What the HTTP API answers with: stable, versioned by the path ``/api/v1``.

Times are seconds since the epoch, UTC. An outcome is null until the thing has ended.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AttemptView(_Answer):
    """One try of a turn."""

    id: str
    attempt: int
    leg: str | None
    state: str
    outcome: str | None
    reason: str | None
    detail: str
    exit_code: int | None
    signal: int | None
    started_at: float | None
    ended_at: float | None
    host: str | None
    size: int | None = Field(description="bytes of terminal output, once it has ended")


class TurnView(_Answer):
    """One start of an agent."""

    turn: int
    state: str
    outcome: str | None
    reason: str | None
    detail: str
    outputs: dict[str, Any]
    events: list[int] = Field(description="numbers of the events that it consumed")
    attempts: list[AttemptView]


class AgentView(_Answer):
    """An agent of a run. Its state and outcome are those of its last turn that was not skipped."""

    state: str
    outcome: str | None
    reason: str | None
    detail: str
    turns: list[TurnView]


class RunSummary(_Answer):
    """A run, as a list shows it."""

    id: str
    number: int
    organization: str
    repository: str
    environment: str
    chain: str
    commit: str
    trigger: dict[str, Any]
    state: str
    outcome: str | None
    reason: str | None
    detail: str
    created_at: float
    started_at: float | None
    ended_at: float | None
    retry_of: str | None


class RunDetail(RunSummary):
    """A run with everything in it."""

    inputs: dict[str, Any]
    outputs: dict[str, Any]
    agents: dict[str, AgentView]


class EventView(_Answer):
    """An event of a run and what became of it."""

    number: int
    name: str
    agent: str | None = Field(description="null when a person or program injected it")
    attempt_id: str | None
    at: float
    data: Any
    fate: str = Field(description="staged, routed, refused, discarded, late or automatic")
    why: str
    deliveries: list[dict[str, Any]] = Field(description="{agent, state: queued|consumed|surplus|withdrawn, turn}")


class Problem(_Answer):
    """RFC 9457: why a request was refused. ``code`` is stable and the same in logs and on the command line."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    diagnostics: list[dict[str, Any]] = Field(default_factory=list)
