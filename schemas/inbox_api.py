"""What the API says about everything that waits for people."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chainwright.schemas.approvals import ApprovalView


class InboxItem(BaseModel):
    """Something that waits for people: an approval, a limit that was reached with ``pause``, or an agent at its terminal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["approval", "limit", "waiting_input"]
    run_id: str
    chain: str
    number: int
    agent: str | None
    turn: int | None
    attempt_id: str | None = Field(description="of waiting_input: the session whose terminal takes the answer")
    since: float
    reason: str = Field(description="approval; turns, events, duration; prompt, bell, title, idle, disk-full")
    excerpt: str = Field(description="what is asked: of waiting_input the last lines of its screen, as plain text")
    approval: ApprovalView | None
