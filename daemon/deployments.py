"""What is in force: the last commit that loaded whole, and the chains as of any other commit that somebody asks for.

Joins the sources, the linter and the store. A commit that does not load is remembered with its diagnostics and changes nothing; a
repository that vanishes changes nothing either, because compiled chains are kept in the store.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from difflib import get_close_matches
from typing import Any, Final

import structlog

from chainwright.daemon.core.graph import CHAIN_JSON, Chain
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.version import Surroundings
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.ports import Clock, PinnedChain
from chainwright.daemon.sources.deployment import Deployed, Load, Refused, compiled, deploy
from chainwright.daemon.sources.plan import plan_of
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import Deployment, RefusedDeployment, Store

KEPT_COMMITS: Final = 32
"""Other commits whose chains are kept in memory for `run --ref`."""

log = structlog.get_logger()


class Deployments:
    """The deployment of one repository in one environment."""

    def __init__(
        self,
        store: Store,
        repository: Repository,
        *,
        name: str,
        organization: str,
        environment: str,
        load: Load,
        clock: Clock,
        deployed: Callable[[Mapping[str, Chain]], Awaitable[None]],
    ) -> None:
        self.name = name
        self.environment = environment
        self.problem = ""
        """Why the repository cannot be read now; empty while it can."""
        self._store = store
        self._repository = repository
        self._organization = organization
        self._load = load
        self._clock = clock
        self._deployed = deployed
        self._current: Deployment | None = None
        self._chains: dict[str, Chain] = {}
        self._others: dict[str, Deployed] = {}

    @property
    def chains(self) -> Mapping[str, Chain]:
        """The chains in force."""
        return self._chains

    @property
    def current(self) -> Deployment | None:
        """The deployment in force."""
        return self._current

    async def open(self) -> None:
        """Put in force what was in force before the restart."""
        current = await self._store.deployment(self.name, self.environment)
        if current is None:
            return
        for chain_id, digest in current.chains.items():
            body = await self._store.definition(digest)
            if body is not None:
                self._chains[chain_id] = CHAIN_JSON.validate_json(body)
        self._current = current
        await self._deployed(self._chains)

    async def deploy(self, commit: str) -> None:
        """Put a commit in force, or remember why it cannot be. Raises SourceError when the commit cannot be read."""
        if self._current is not None and self._current.commit == commit:
            return
        made = await asyncio.to_thread(deploy, self._repository, commit, self._load, environment=self.environment)
        if isinstance(made, Refused):
            await self._refuse(made)
        else:
            await self._put_in_force(made)

    async def _refuse(self, refused: Refused) -> None:
        log.error(
            "a commit does not load; the deployment before it stays in force",
            action="deployment.refused",
            commit=refused.commit,
            diagnostics=list(refused.diagnostics),
        )
        refusal = RefusedDeployment(
            repository=self.name,
            environment=self.environment,
            commit=refused.commit,
            refused_at=self._clock(),
            diagnostics=refused.diagnostics,
        )
        await self._store.record_refusal(refusal)

    async def _put_in_force(self, made: Deployed) -> None:
        await self._keep(made)
        current = Deployment(
            repository=self.name,
            environment=self.environment,
            commit=made.commit,
            deployed_at=self._clock(),
            chains=made.digests,
            hash=made.hash,
        )
        reach("deploy.before-record")
        await self._store.record_deployment(current)
        reach("deploy.after-record")
        self._current, self._chains = current, made.chains
        await self._deployed(self._chains)
        log.info("deployed", action="deployment.in-force", commit=made.commit, chains=len(made.chains))

    async def _keep(self, made: Deployed) -> None:
        for chain_id, chain in made.chains.items():
            await self._store.keep_definition(made.digests[chain_id], CHAIN_JSON.dump_json(chain))

    def plan(self, base: str | None, head: str, around: Surroundings, *, from_common: bool) -> Plan:
        """What deploying ``head`` in place of ``base``, or of what is in force, would do. Blocks. Raises SourceError."""
        in_force = self._current.commit if self._current else None
        return plan_of(self._repository, base or in_force, head, around, from_common=from_common)

    # the catalog

    async def pinned(self, chain: str, *, ref: str | None, environment: str | None) -> PinnedChain:
        """See :class:`~chainwright.daemon.engine.ports.Catalog`."""
        if environment not in (None, self.environment):
            raise Refusal(Code.NOT_FOUND, f'there is no environment "{environment}"', f"there is {self.environment}")
        commit, chains, digests = await self._as_of(ref)
        if chain not in chains:
            near = get_close_matches(chain, chains, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(sorted(chains)) or 'none'}"
            raise Refusal(Code.NOT_FOUND, f'there is no chain "{chain}" at {commit[:12]}', hint)
        return PinnedChain(
            organization=self._organization,
            repository=self.name,
            environment=self.environment,
            commit=commit,
            digest=digests[chain],
            chain=chains[chain],
        )

    async def _as_of(self, ref: str | None) -> tuple[str, Mapping[str, Chain], Mapping[str, str]]:
        if ref is not None:
            other = await self._at(ref)
            return other.commit, other.chains, other.digests
        if self._current is None:
            raise Refusal(Code.NOT_DEPLOYED, "nothing is deployed", await self._why_nothing())
        return self._current.commit, self._chains, self._current.chains

    async def _why_nothing(self) -> str:
        refusal = await self._store.refusal(self.name, self.environment)
        if refusal is not None:
            return "the newest commit does not load: " + "; ".join(refusal.diagnostics[:3])
        if self.problem:
            return f"{self.problem}; name another: chainwright up --repo PATH"
        return "the repository has no commit with a workflows folder yet"

    async def _at(self, ref: str) -> Deployed:
        try:
            commit = await asyncio.to_thread(self._repository.resolve, ref)
            if commit not in self._others:
                made = await asyncio.to_thread(compiled, self._repository, commit, self._load)
                self._remember(_whole(made))
                await self._keep(self._others[commit])
        except SourceError as error:
            raise Refusal(Code.NOT_FOUND, f"cannot run at {ref!r}", str(error)) from error
        return self._others[commit]

    def _remember(self, made: Deployed) -> None:
        self._others[made.commit] = made
        while len(self._others) > KEPT_COMMITS:
            del self._others[next(iter(self._others))]

    async def described(self) -> dict[str, Any]:
        """As the API shows it."""
        refusal = await self._store.refusal(self.name, self.environment)
        current = self._current
        return {
            "repository": self.name,
            "environment": self.environment,
            "commit": current.commit if current else None,
            "deployed_at": current.deployed_at if current else None,
            "hash": current.hash if current else None,
            "chains": sorted(self._chains),
            "refused": refusal
            and {
                "commit": refusal.commit,
                "refused_at": refusal.refused_at,
                "diagnostics": list(refusal.diagnostics),
            },
            "problem": self.problem,
        }


def _whole(made: Deployed | Refused) -> Deployed:
    if isinstance(made, Refused):
        said = "; ".join(made.diagnostics[:5])
        raise Refusal(Code.INVALID_DEFINITION, f"the chains at {made.commit[:12]} do not load", said)
    return made
