"""The use cases about repositories and what is deployed from them: pushes, deployments, rollback, promotion."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from chainwright.daemon.catalog import EveryDeployment
from chainwright.daemon.core import history_pages
from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import RunState
from chainwright.daemon.crash_points import reach
from chainwright.daemon.deployments import Deployments, Why
from chainwright.daemon.engine import Engine
from chainwright.daemon.pushing import in_force, push_of, repository_view
from chainwright.daemon.reconciler import Reconciler


class RepositoryUseCases:
    """Part of :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(
        self, engine: Engine, catalog: EveryDeployment, reconciler: Reconciler, authorizer: Authorizer
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._reconciler = reconciler
        self._authorizer = authorizer

    # repositories

    async def repositories(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, "repositories")
        return [repository_view(one.source) for one in self._reconciler.followed.values()]

    async def host_repository(self, actor: Actor, name: str) -> dict[str, Any]:
        self._allow(actor, Permission.ADMINISTER, f"repository:{name}")
        return repository_view(await self._reconciler.host(name))

    async def judge_push(self, actor: Actor, repository: str, pushed: dict[str, Any]) -> dict[str, Any]:
        self._allow(actor, Permission.DEPLOY, f"repository:{repository}")
        return asdict(await self._reconciler.judge(repository, *push_of(pushed), actor.name))

    def fetch_soon(self, repository: str) -> None:
        self._reconciler.hint(repository)

    async def moves(self, actor: Actor, *, repository: str | None, limit: int, cursor: int | None) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "repositories")
        rows = await self._reconciler.moves(repository, limit + 1, cursor)
        return history_pages.page(rows, limit, "id")

    async def reconcile_repository(self, actor: Actor, repository: str) -> dict[str, Any]:
        self._allow(actor, Permission.DEPLOY, f"repository:{repository}")
        reach("push.before-look")
        await self._reconciler.look(repository)
        return {"lines": [line async for line in in_force(self._reconciler.of(repository))]}

    # deployments

    async def deployments(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, "deployments")
        states = self._engine.open_states(actor.organization)
        return [await _view(one, states) for every in self._reconciler.deployments() for one in every]

    async def deployment_history(
        self, actor: Actor, *, repository: str | None, environment: str | None, limit: int, cursor: int | None
    ) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "deployments")
        chosen = self._catalog.one(repository, environment)
        current = chosen.current.id if chosen.current else None
        runs = _runs(chosen, self._engine.open_states(actor.organization))
        rows = [
            asdict(one) | {"chains": sorted(one.chains), "in_force": one.id == current, "runs": runs[one.commit]}
            for one in await chosen.history(limit + 1, cursor)
        ]
        return history_pages.page(rows, limit, "id")

    async def deployment_refusals(
        self, actor: Actor, *, repository: str | None, environment: str | None, limit: int, cursor: int | None
    ) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "deployments")
        found = await self._catalog.one(repository, environment).refusals(limit + 1, cursor)
        return history_pages.page([asdict(one) for one in found], limit, "id")

    async def reconcile(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.DEPLOY, "deployments")
        await self._reconciler.look()
        return await self.deployments(actor)

    async def rollback(
        self, actor: Actor, *, repository: str | None, environment: str | None, to: str | None, message: str
    ) -> dict[str, Any]:
        self._allow(actor, Permission.DEPLOY, f"environment:{environment or ''}")
        chosen = self._catalog.one(repository, environment)
        why = Why(cause="rollback", actor=actor.name, message=message)
        await chosen.install(await chosen.before(to), why)
        return await _view(chosen, self._engine.open_states(actor.organization))

    async def promote(
        self, actor: Actor, *, repository: str | None, source: str, target: str, message: str
    ) -> dict[str, Any]:
        self._allow(actor, Permission.DEPLOY, f"environment:{target}")
        chosen, origin = self._catalog.one(repository, target), self._catalog.one(repository, source)
        if origin.current is None:
            raise Refusal(Code.NOT_DEPLOYED, f"nothing is in force in {origin.address}")
        if chosen.name != origin.name:
            raise Refusal(Code.CONFLICT, f"{chosen.address} and {origin.address} are of two repositories", "name one")
        why = Why(cause="promotion", actor=actor.name, message=message)
        await chosen.install(origin.current.commit, why, moves=self._reconciler.mover(chosen, origin))
        return await _view(chosen, self._engine.open_states(actor.organization))

    # inside

    def _allow(self, actor: Actor, permission: Permission, subject: str) -> None:
        if not self._authorizer.allows(actor, permission, subject):
            raise Refusal(Code.DENIED, f"{actor.name} may not {permission} {subject}")


async def _view(deployments: Deployments, states: Iterable[RunState]) -> dict[str, Any]:
    """A ``schemas.api.DeploymentView``."""
    told = await deployments.described()
    runs = _runs(deployments, states)
    others = [{"commit": commit, "count": count} for commit, count in runs.items() if commit != told["commit"]]
    return told | {"runs_elsewhere": others}


def _runs(deployments: Deployments, states: Iterable[RunState]) -> Counter[str]:
    """How many runs of the environment have not ended, by commit."""
    requests = (state.request for state in states)
    address = deployments.address
    return Counter(one.commit for one in requests if one and f"{one.repository}/{one.environment}" == address)
