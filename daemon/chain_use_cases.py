"""The use cases about chains: what is in force, how it has done, and where it comes from."""

from typing import Any, Final

from chainwright.daemon.catalog import EveryDeployment
from chainwright.daemon.chain_views import described
from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.graph import CHAIN_JSON
from chainwright.daemon.core.input_schema import input_schema
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.statistics import chain_statistics
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.engine import Engine
from chainwright.daemon.reconciler import Reconciler
from chainwright.schemas.api import RunBar

RECENT: Final = 30


class ChainUseCases:
    """Part of :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(
        self, engine: Engine, catalog: EveryDeployment, reconciler: Reconciler, authorizer: Authorizer
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._reconciler = reconciler
        self._authorizer = authorizer

    async def chains(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, "chains")
        now = self._engine.world.clock()
        found = [
            described(chain, actor.organization, one, now)
            for every in self._reconciler.deployments()
            for one in every
            for chain in one.chains.values()
        ]
        ids = sorted({one["id"] for one in found})
        recent = await self._engine.world.store.recent_runs(actor.organization, ids, RECENT)
        return [one | {"recent": [_bar(run) for run in reversed(recent[one["id"]])]} for one in found]

    async def chain(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, f"chain:{chain}")
        pinned = await self._catalog.pinned(chain, ref=ref, environment=None)
        compiled: dict[str, Any] = CHAIN_JSON.dump_python(pinned.chain, mode="json")
        return compiled | {"commit": pinned.commit}

    async def chain_inputs(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, f"chain:{chain}")
        return input_schema((await self._catalog.pinned(chain, ref=ref, environment=None)).chain)

    async def chain_source(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, f"chain:{chain}")
        place, chain_id = await self._place(chain)
        pinned, text = await place.source(chain_id, ref=ref)
        return {"chain": chain_id, "path": pinned.chain.path, "commit": pinned.commit, "text": text}

    async def chain_versions(self, actor: Actor, chain: str, *, limit: int) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, f"chain:{chain}")
        place, chain_id = await self._place(chain)
        return await place.versions(chain_id, limit)

    async def chain_statistics(self, actor: Actor, chain: str, *, last: int) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, f"chain:{chain}")
        _, chain_id = await self._place(chain)
        runs, attempts = await self._engine.world.store.ended_of_chain(actor.organization, chain_id, last)
        return chain_statistics(chain_id, runs, attempts)

    async def _place(self, chain: str) -> tuple[Deployments, str]:
        """Where a chain is in force, and its id there."""
        pinned = await self._catalog.pinned(chain, ref=None, environment=None)
        return self._catalog.one(pinned.repository, pinned.environment), pinned.chain.id

    def _allow(self, actor: Actor, permission: Permission, subject: str) -> None:
        if not self._authorizer.allows(actor, permission, subject):
            raise Refusal(Code.DENIED, f"{actor.name} may not {permission} {subject}")


def _bar(run: dict[str, Any]) -> dict[str, Any]:
    return {name: run[name] for name in RunBar.model_fields}
