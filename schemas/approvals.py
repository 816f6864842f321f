"""What the HTTP API says about approvals, and what it is told."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ApprovalLeg(BaseModel):
    """A leg of the matrix that waits: its values, and what it gets."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    leg: str
    name: str
    matrix: dict[str, Any]
    inputs: dict[str, Any]


class ApprovalView(BaseModel):
    """Something that waits for people. ``inputs`` are the resolved ones: what is approved is what runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    chain: str
    number: int
    limit: str | None = Field(
        description="turns, events or duration, when a limit of the run, or of the agent's turn, is reached"
    )
    agent: str | None
    turn: int | None
    message: str
    by: list[str] = Field(description="users, team:<name>, role:<name>; empty: everybody who may approve")
    count: int = Field(description="so many different people have to agree")
    approved_by: list[str]
    asked_at: float
    due: float | None
    inputs: dict[str, Any]
    legs: list[ApprovalLeg] = Field(default=[], description="of a matrix, which has no inputs itself: its first legs")
    legs_count: int = Field(default=0, description="how many legs there are")


class AnswerApproval(BaseModel):
    """About which agent, and what to tell it, or those who hear of its failure; without one, about a limit that is reached."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agent: str | None = Field(default=None, min_length=1, max_length=48)
    comment: str = Field(default="", max_length=16_384)
    amount: float | None = Field(
        default=None, gt=0, description="what is added to a limit, of the duration in seconds; by default as much again"
    )
