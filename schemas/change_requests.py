"""What the HTTP API says about change requests, and what it is told. Times are seconds since the epoch, UTC."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from chainwright.schemas.plan import PlanView

State = Literal["open", "merging", "merged", "closed"]
StepName = Literal[
    "opened", "pushed", "commented", "approved", "rejected", "merge-begun", "merge-failed", "merged", "closed"
]


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChangeView(_Shape):
    """Commits that somebody wants a branch to have."""

    number: int
    repository: str
    branch: str
    title: str
    author: str
    state: State
    head: str
    opened_at: float
    changed_at: float


class ChangeEntry(_Shape):
    """Something that happened to a change request, and which head it had then."""

    at: float
    step: StepName
    actor: str
    head: str
    commit: str | None = Field(description="of a merge: what the branch is to lead to")
    text: str


class ChangeDetail(ChangeView):
    """One of them with its history and, while it is open, with what its merge would do."""

    authors: list[str] = Field(description="everybody who pushed to it: none of them can approve it")
    entries: list[ChangeEntry]
    hindrances: list[str] = Field(description="what keeps it from being merged now, approvals that lack among it")
    plans: dict[str, PlanView] = Field(description="by environment")
    text: str = Field(description="the plans as people read them")


class ChangeDiff(_Shape):
    """What a change request brings, as a patch of at most a mebibyte."""

    diff: str


class ChangesQuery(_Shape):
    """Which change requests, newest first."""

    repository: str | None = None
    state: Literal["open", "merging", "merged", "closed", "all"] = "open"
    limit: int = Field(default=50, ge=1, le=500)
    cursor: int | None = Field(default=None, ge=1, le=2**53)


class ChangePage(_Shape):
    """Change requests, and where the next page begins."""

    items: list[ChangeView]
    next: int | None


class ReviewedPush(_Shape):
    """A push to refs/for/…, of which git has taken the objects. Options: ``change=N``, ``change=new``, ``message=…``."""

    ref: str = Field(max_length=1000, pattern=r"^refs/for/[^-]")
    head: str = Field(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")
    options: list[str] = Field(default_factory=list, max_length=50)


class ReviewedChange(_Shape):
    """The change request that a push led to, and what the pusher reads."""

    number: int
    lines: list[str]


class Comment(_Shape):
    """What somebody says about a change request."""

    text: str = Field(min_length=1, max_length=16_384)


class ChangeAnswer(_Shape):
    """An answer to the head of a change request; ``head`` (or its beginning) is the one that was read."""

    comment: str = Field(default="", max_length=16_384)
    head: str | None = Field(default=None, pattern=r"^[0-9a-f]{7,64}$")


class MergeChange(_Shape):
    """Of the merge's commit, where it needs one of its own."""

    message: str = Field(default="", max_length=2000)


class CloseChange(_Shape):
    """Why it is given up."""

    comment: str = Field(default="", max_length=16_384)
