"""What is in force: the last commit that loaded whole, and the chains as of any other commit that somebody asks for.

Joins the sources, the linter and the store. A commit that does not load is remembered with its diagnostics and changes nothing; a
repository that vanishes changes nothing either, because compiled chains are kept in the store.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from typing import Any, Final

import structlog

from chainwright.daemon.core.graph import CHAIN_JSON, Chain
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.version import Surroundings
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.crash_points import reach
from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.engine.ports import Clock, PinnedChain
from chainwright.daemon.sources.deployment import DEFAULT_FOLDER, Deployed, Load, Refused, compiled, deploy
from chainwright.daemon.sources.plan import plan_of
from chainwright.daemon.sources.repository import Repository, UnknownRef
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.sources.versions import Version
from chainwright.daemon.store.port import Deployment, RefusedDeployment, Store

KEPT_COMMITS: Final = 32
"""Other commits whose chains are kept in memory for `run --ref`."""
HISTORY: Final = 1000
"""Deployments among which a rollback looks for the one that is meant."""
KEEPS_AT_ONCE: Final = 64
"""Definitions on their way to the store: they share its commits."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What put a commit in force."""

    cause: str = "commit"
    actor: str = ""
    message: str = ""


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
        folder: str = DEFAULT_FOLDER,
        load: Load,
        branch: str | None = None,
        clock: Clock,
        deployed: Callable[["Deployments"], Awaitable[None]],
    ) -> None:
        self.name = name
        self.environment = environment
        self.gone = ""
        """Why the repository cannot be read now; empty while it can."""
        self.stale = ""
        """Why what is elsewhere is not known now, of a mirror that cannot be fetched; empty otherwise."""
        self._store = store
        self._repository = repository
        self._organization = organization
        self._folder = folder
        self._branch = branch
        self._named = branch or ""
        self._changing = asyncio.Lock()
        self._load = load
        self._clock = clock
        self._deployed = deployed
        self._current: Deployment | None = None
        self._chains: dict[str, Chain] = {}
        self._others: dict[str, Deployed] = {}

    @property
    def problem(self) -> str:
        """Why what is in force may not be the newest; empty when there is nothing to say."""
        return self.gone or self.stale

    @property
    def address(self) -> str:
        """``repository/environment``."""
        return f"{self.name}/{self.environment}"

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
        await self._name_branch()
        await self._deployed(self)

    @property
    def branch(self) -> str:
        """The branch that it is deployed from: where none was configured, the one that HEAD named when something was last put in force."""
        return self._named

    async def _name_branch(self) -> None:
        if self._branch is None:
            with suppress(SourceError):  # a repository that is away says nothing new
                ref = await asyncio.to_thread(self._repository.current_branch)
                self._named = (ref or "").removeprefix("refs/heads/")

    async def deploy(self, head: str) -> None:
        """Put the tip of the branch in force, or remember why it cannot be.

        Raises SourceError when the commit cannot be read. A tip that was answered with another commit, by a rollback say, stays so.
        """
        async with self._changing:
            if self._current is not None and self._current.answers == head:
                return
            made = await asyncio.to_thread(
                deploy, self._repository, head, self._load, folder=self._folder, environment=self.environment
            )
            if isinstance(made, Refused):
                await self._refuse(made)
            else:
                pushed = await self._store.push_of(self.name, head)
                why = Why(actor=pushed.actor, message=pushed.message) if pushed else Why()
                await self._put_in_force(made, head, why)

    async def keep_marked(self) -> None:
        """Have the deployed ref name what is in force, which a death in between parts. Where it cannot be written it stays as it is."""
        async with self._changing:
            if self._current is not None:
                with suppress(SourceError):
                    await asyncio.to_thread(self._mark, self._current.commit)

    def _mark(self, commit: str) -> None:
        if self._repository.deployed(self.environment) != commit:
            self._repository.mark_deployed(self.environment, commit)

    async def install(self, commit: str, why: Why, *, moves: Callable[[str], None] | None = None) -> None:
        """Put a commit in force until the branch moves on; ``moves`` has the branch lead there first.

        Refused when the commit is unknown or does not load, and when ``moves`` raises SourceError.
        """
        async with self._changing:
            made = await self._at(commit)
            try:
                head = await asyncio.to_thread(self._prepared, made, moves)
            except SourceError as error:
                raise Refusal(Code.CONFLICT, f"{made.commit[:12]} cannot be put in force", str(error)) from error
            reach("install.before-record")
            await self._put_in_force(made, head, why)

    def _prepared(self, made: Deployed, moves: Callable[[str], None] | None) -> str:
        """The tip of the branch that the commit is put in force for."""
        if moves is not None:
            moves(made.commit)
        self._repository.mark_deployed(self.environment, made.commit)
        try:
            return self._repository.head(self._branch)
        except UnknownRef:  # no branch yet: its first commit will be new
            return made.commit

    async def before(self, target: str | None) -> str:
        """The commit that a rollback means: of a deployment's number, of a commit, or of the deployment before this one.

        Refused when there is none.
        """
        history = await self._store.deployments(self.name, self.environment, HISTORY)
        now = self._current.commit if self._current else ""
        if target is None:
            earlier = next((one.commit for one in history if one.commit != now), None)
            if earlier is None:
                raise Refusal(Code.CONFLICT, f"{self.address} has had no other commit in force", "name a commit")
            return earlier
        return next((one.commit for one in history if str(one.id) == target), target)

    async def history(self, limit: int, before: int | None = None) -> list[Deployment]:
        """The one in force, and those before it; or those before one of the past, by its number."""
        return await self._store.deployments(self.name, self.environment, limit, before)

    async def refusals(self, limit: int, before: int | None = None) -> list[RefusedDeployment]:
        """Commits that did not load, newest first; or those before one of them, by its number."""
        return await self._store.refusals(self.name, self.environment, limit, before)

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

    async def _put_in_force(self, made: Deployed, head: str, why: Why) -> None:
        await self._keep(made)
        await self._name_branch()
        current = Deployment(
            repository=self.name,
            environment=self.environment,
            commit=made.commit,
            deployed_at=self._clock(),
            chains=made.digests,
            hash=made.hash,
            head=head,
            cause=why.cause,
            actor=why.actor,
            message=why.message,
        )
        reach("deploy.before-record")
        number = await self._store.record_deployment(current)
        reach("deploy.after-record")
        self._current, self._chains = replace(current, id=number), made.chains
        await self._deployed(self)
        log.info(
            "deployed",
            action="deployment.in-force",
            repository=self.name,
            environment=self.environment,
            commit=made.commit,
            cause=why.cause,
            actor=why.actor,
            chains=len(made.chains),
        )

    async def _keep(self, made: Deployed) -> None:
        """What is in force is kept already; the rest goes to the store in groups that share its commits."""
        kept = set(self._current.chains.values()) if self._current else set()
        new = [chain_id for chain_id, digest in made.digests.items() if digest not in kept]
        for begin in range(0, len(new), KEEPS_AT_ONCE):
            await asyncio.gather(
                *(
                    self._store.keep_definition(made.digests[chain_id], CHAIN_JSON.dump_json(made.chains[chain_id]))
                    for chain_id in new[begin : begin + KEEPS_AT_ONCE]
                )
            )

    def plan(self, base: str | None, head: str, around: Surroundings, *, from_common: bool) -> Plan:
        """What deploying ``head`` in place of ``base``, or of what is in force, would do. Blocks. Raises SourceError."""
        in_force = self._current.commit if self._current else None
        return plan_of(self._repository, base or in_force, head, around, folder=self._folder, from_common=from_common)

    # what can be run

    async def pinned(self, chain: str, *, ref: str | None) -> PinnedChain:
        """The chain as it is in force here, or as of ``ref``; refused as the catalog's is."""
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
            branch=self._named,
        )

    async def source(self, chain: str, *, ref: str | None) -> tuple[PinnedChain, str]:
        """A chain as in force or as of ``ref``, and the text of its file there; refused as :meth:`pinned` is."""
        pinned = await self.pinned(chain, ref=ref)
        try:
            content = await asyncio.to_thread(self._repository.named_file, pinned.commit, pinned.chain.path)
        except (SourceError, Unusable) as error:
            raise Refusal(Code.UNAVAILABLE, f"the source of {chain} cannot be read now", str(error)) from error
        return pinned, content.decode("utf-8", "replace")

    async def versions(self, chain: str, limit: int) -> list[dict[str, Any]]:
        """Commits that changed the file of a chain in force, newest first, from the tip of the branch on."""
        pinned = await self.pinned(chain, ref=None)
        newest = self._current.answers if self._current else pinned.commit
        try:
            found = await asyncio.to_thread(self._repository.versions, newest, pinned.chain.path, limit)
            in_force = await asyncio.to_thread(self._version_in, found, pinned.commit)
        except SourceError as error:
            raise Refusal(Code.UNAVAILABLE, f"the history of {chain} cannot be read now", str(error)) from error
        return [asdict(one) | {"in_force": one.commit == in_force} for one in found]

    def _version_in(self, versions: list[Version], commit: str) -> str | None:
        """The newest of these that a commit contains."""
        return next((one.commit for one in versions if self._repository.is_ancestor(one.commit, commit)), None)

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
                made = await asyncio.to_thread(compiled, self._repository, commit, self._load, folder=self._folder)
                self._remember(_whole(made))
                await self._keep(self._others[commit])
        except SourceError as error:
            raise Refusal(Code.NOT_FOUND, f"no commit is known as {ref!r}", str(error)) from error
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
            "id": current.id if current else None,
            "commit": current.commit if current else None,
            "head": current.answers if current else None,
            "cause": current.cause if current else "",
            "actor": current.actor if current else "",
            "message": current.message if current else "",
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
