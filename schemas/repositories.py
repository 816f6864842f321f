"""What the HTTP API says about repositories, and what their hooks tell it."""

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RefUpdate(_Shape):
    """A ref that a push moves; an id of zeros stands for nothing."""

    ref: str = Field(max_length=1000)
    old: str = Field(max_length=64)
    new: str = Field(max_length=64)


class PushQuarantine(_Shape):
    """Folders in which git keeps the objects of a push until it is taken, and those that they build on."""

    objects: str = Field(max_length=4096)
    alternates: list[str] = Field(default_factory=list, max_length=20)


class PushedRefs(_Shape):
    """A push that git asks about, before any ref has moved. Options: ``plan-only``, ``message=…``."""

    updates: list[RefUpdate] = Field(max_length=1000)
    options: list[str] = Field(default_factory=list, max_length=50)
    quarantine: PushQuarantine | None = None


class PushVerdict(_Shape):
    """Whether git may take a push, and what the pusher reads."""

    accepted: bool
    lines: list[str]


class Reconciled(_Shape):
    """What a repository has in force now, in lines for people."""

    lines: list[str]


class RepositoryView(_Shape):
    """A repository that is followed. ``path`` is what git can be given on this machine."""

    name: str
    kind: str = Field(description="hosted, mirror or local")
    path: str
    url: str = Field(description="of a mirror; empty for the others")
    environments: list[str]


class HostRepository(_Shape):
    """A repository to host; one that is there already stays as it is."""

    name: str = Field(min_length=1, max_length=48)


class FetchHint(_Shape):
    """The mirror that is fetched soon."""

    repository: str


class PassedOver(_Shape):
    """A chain that listens to movements of the kind and was not told of this one."""

    environment: str
    chain: str
    reason: str


class ToldChain(_Shape):
    """A chain that was told."""

    environment: str
    chain: str
    fate: str | None = Field(description="started, filtered, unfit or refused; null while it has yet to be told")
    run_id: str | None
    reason: str


class MoveView(_Shape):
    """A ref that moved, a request that came, changed or ended, or a push that was not let in."""

    id: int
    kind: str = Field(description="push, pull_request, or refused")
    repository: str
    ref: str
    before: str | None
    after: str | None
    at: float
    actor: str | None = Field(description="null where nobody is known")
    told: list[ToldChain]
    passed_over: list[PassedOver]
    refusal: list[str] = Field(description="of a refused push: the first lines that the pusher read")


class MovesQuery(_Shape):
    """Of which repository; of all when none is named."""

    repository: str | None = None
    limit: int = Field(default=50, ge=1, le=500)
    cursor: int | None = Field(default=None, ge=1, le=2**53, description="id of the last one of the page before")


class MovePage(_Shape):
    """Newest first; ``next`` is the cursor of the next page."""

    items: list[MoveView]
    next: int | None
