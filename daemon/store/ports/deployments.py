"""The store of what is deployed: definitions, deployments, pushes, refusals."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A chain repository at a commit, in force in an environment. Immutable."""

    repository: str
    environment: str
    commit: str
    deployed_at: float
    chains: dict[str, str]
    """Chain id → hash of its compiled form."""
    hash: str
    """Over all chains."""
    head: str = ""
    """The tip of the branch when this was put in force, which stays until that moves on; empty: its own commit."""
    cause: str = "commit"
    """``commit``, ``rollback`` or ``promotion``."""
    actor: str = ""
    message: str = ""
    id: int = 0
    """Its number, given by the store."""

    @property
    def answers(self) -> str:
        """The tip of the branch that this is the answer to."""
        return self.head or self.commit


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedPush:
    """A commit that was let in, and by whom; written before its ref moves."""

    repository: str
    commit: str
    actor: str
    message: str
    pushed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDeployment:
    """A commit that did not load; the deployment before it stays in force."""

    repository: str
    environment: str
    commit: str
    refused_at: float
    diagnostics: tuple[str, ...]
    """As people read them, ``file:line:column: …``."""
    id: int = field(default=0, compare=False)
    """Its number, given by the store."""


class DeploymentStore(Protocol):
    """What is and was in force."""

    async def keep_definition(self, digest: str, chain_json: bytes) -> None:
        """Keep a compiled chain under its hash."""

    async def record_deployment(self, deployment: Deployment) -> int:
        """Put a deployment in force; its number."""

    async def record_push(self, push: AcceptedPush) -> None:
        """Remember who pushed a commit."""

    async def record_refusal(self, refusal: RefusedDeployment) -> None:
        """Remember a commit that did not load."""

    async def definition(self, digest: str) -> bytes | None:
        """A compiled chain."""

    async def deployment(self, repository: str, environment: str) -> Deployment | None:
        """The deployment in force."""

    async def deployments(
        self, repository: str, environment: str, limit: int = 50, before: int | None = None
    ) -> list[Deployment]:
        """The deployments of an environment, the one in force first; ``before`` is the number of the last one of the page before."""

    async def push_of(self, repository: str, commit: str) -> AcceptedPush | None:
        """The newest push of a commit, if there was one."""

    async def refusal(self, repository: str, environment: str) -> RefusedDeployment | None:
        """The newest refused commit, if it is newer than the deployment in force."""

    async def refusals(
        self, repository: str, environment: str, limit: int, before: int | None = None
    ) -> list[RefusedDeployment]:
        """Commits that did not load, newest first, each as often as it was tried; ``before`` as of :meth:`deployments`."""
