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
