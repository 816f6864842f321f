"""What the HTTP API says about deployments, and what it is told. Times are seconds since the epoch, UTC."""

from pydantic import BaseModel, ConfigDict, Field


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class RefusedCommit(_Shape):
    """A commit that did not load; the deployment before it stays in force."""

    commit: str
    refused_at: float
    diagnostics: list[str]


class RunsElsewhere(_Shape):
    """Runs that have not ended and go on with a commit that is no longer in force."""

    commit: str
    count: int


class DeploymentView(_Shape):
    """What is in force in an environment. ``problem`` says why the repository cannot be read now; empty when it can."""

    repository: str
    environment: str
    id: int | None
    commit: str | None
    head: str | None = Field(
        description="tip of the branch that the commit is the answer to: another one after a rollback"
    )
    cause: str = Field(description="commit, rollback or promotion")
    actor: str = Field(description="who pushed, rolled back or promoted; empty when nobody is known")
    message: str
    deployed_at: float | None
    hash: str | None
    chains: list[str]
    refused: RefusedCommit | None
    problem: str
    runs_elsewhere: list[RunsElsewhere]


class DeploymentRecord(_Shape):
    """A deployment of the past, or the one in force; ``runs`` of it have not ended."""

    id: int
    repository: str
    environment: str
    commit: str
    head: str
    cause: str
    actor: str
    message: str
    deployed_at: float
    hash: str
    chains: list[str]
    in_force: bool
    runs: int


class RefusalRecord(_Shape):
    """A commit that did not load, of whatever time."""

    id: int
    repository: str
    environment: str
    commit: str
    refused_at: float
    diagnostics: list[str]


class HistoryPage(_Shape):
    """Deployments of an environment, newest first; ``next`` is the cursor of the following page."""

    items: list[DeploymentRecord]
    next: int | None


class RefusalPage(_Shape):
    """Refused commits of an environment, newest first; ``next`` as of the history."""

    items: list[RefusalRecord]
    next: int | None


class HistoryQuery(_Shape):
    """Of which environment; by default the first of the only repository."""

    repository: str | None = None
    environment: str | None = None
    limit: int = Field(default=50, ge=1, le=1000)
    cursor: int | None = Field(default=None, ge=0, le=2**53, description="the `next` of the page before")


class Rollback(_Shape):
    """What is to be in force again: a deployment's number, a commit, branch or tag; null: the deployment before this one."""

    to: str | None = Field(default=None, min_length=1, max_length=400)
    repository: str | None = None
    environment: str | None = None
    message: str = Field(default="", max_length=2000)


class Promotion(_Shape):
    """From which environment to which."""

    origin: str = Field(alias="from", min_length=1, max_length=48)
    to: str = Field(min_length=1, max_length=48)
    repository: str | None = None
    message: str = Field(default="", max_length=2000)
