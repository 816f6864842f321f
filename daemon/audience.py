"""Whom a movement in a repository is told: the chains that are in force there when it is found."""

from collections.abc import Iterable, Iterator

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.ref_telling import Listening
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.following import Following


class Audience:
    """The environments of one repository."""

    def __init__(self, environments: Iterable[Following], organization: str, clock: Clock) -> None:
        self._environments = tuple(environments)
        self._organization = organization
        self._clock = clock

    async def look(self) -> None:
        """Have what the repository has now be in force, or refused: a push may itself have brought who listens to it."""
        for one in self._environments:
            await one.look()

    def of(self, branch: str | None) -> list[Listening]:
        """Those of the environments that the branch is deployed to; of any other branch, and of no branch, the first one's."""
        every = [one.deployments for one in self._environments]
        return [
            Listening(organization=self._organization, environment=one.environment, chains=one.chains, at=self._clock())
            for one in [one for one in every if branch and one.branch == branch] or every[:1]
        ]

    @property
    def awaits_pushes(self) -> bool:
        """Whether any chain listens to them: nothing is compared for nobody."""
        return any(chain.on_push for chain in self._chains())

    @property
    def awaits_requests(self) -> bool:
        """Whether any chain listens to pull requests."""
        return any(chain.on_pull_request for chain in self._chains())

    @property
    def default_branch(self) -> str:
        """The branch of the first environment."""
        return self._environments[0].deployments.branch

    def _chains(self) -> Iterator[Chain]:
        for one in self._environments:
            yield from one.deployments.chains.values()
