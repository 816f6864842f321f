"""One environment, followed: its branch is watched, and each new commit of it put in force or refused.

Joins a watcher and a deployment, and tells the log what an operator should know.
"""

import structlog

from chainwright.daemon.deployments import Deployments
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.source import Environment, Source
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.watcher import Watcher
from chainwright.daemon.store.port import StoreError, StoreUnavailable

log = structlog.get_logger()


class Following:
    """What is in force in one environment of a source, kept up to its branch."""

    def __init__(
        self, source: Source, environment: Environment, repository: Repository, deployments: Deployments
    ) -> None:
        self.source = source
        self.environment = environment
        self.deployments = deployments
        self._repository = repository
        self._watcher: Watcher | None = None
        self.log = log.bind(repository=source.name, environment=environment.name)

    async def start(self) -> None:
        """Look at the branch for the first time; the deployments must be open."""
        current = self.deployments.current
        self._watcher = Watcher(
            self._repository,
            on_commit=self._on_commit,
            on_gone=self._on_gone,
            on_back=self._on_back,
            branch=self.environment.branch,
            known=current.answers if current else None,
            interval_s=self.source.poll_s,
        )
        await self._watcher.look()
        await self.deployments.keep_marked()

    async def look(self) -> None:
        """Compare the branch with what is in force; returns when that is settled."""
        assert self._watcher is not None
        await self._watcher.look()

    async def look_again(self) -> None:
        """Compare the branch with what is in force, because somebody asks: what was refused because another repository could not be reached may load now."""
        assert self._watcher is not None
        self._watcher.forget()
        await self._watcher.look()
        await self.deployments.keep_marked()

    async def run(self) -> None:
        """Watches until it is cancelled."""
        assert self._watcher is not None
        await self._watcher.run()

    async def _on_commit(self, commit: str) -> bool:
        """Deploy it; whether that is settled. What the store cannot take now is deployed once it can (semantics 45)."""
        try:
            await self.deployments.deploy(commit)
        except (SourceError, StoreError) as error:
            self.log.error("cannot deploy", action="deployment.failed", commit=commit, error=str(error))
            return not isinstance(error, StoreUnavailable)
        return True

    async def _on_gone(self, why: str) -> None:
        self.deployments.gone = why
        kept = self.deployments.current
        self.log.error(
            "the repository cannot be read; the last deployment stays in force",
            action="repository.gone",
            error=why,
            commit=kept.commit if kept else None,
        )

    async def _on_back(self) -> None:
        self.deployments.gone = ""
        self.log.info("the repository can be read again", action="repository.back")
