"""Plans with what only a daemon knows: what is in force, which runs are open, what runs took, and the operator's own policy."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from chainwright.daemon.core.plan.estimates import History
from chainwright.daemon.core.plan.policy import Policy
from chainwright.daemon.core.plan.report import Plan, RunInFlight
from chainwright.daemon.core.plan.version import Surroundings
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import RunState
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.engine import Engine
from chainwright.daemon.sources.repository import UnknownRef
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import RunFilter

PLAN_TIMEOUT_S: Final = 50.0
"""For one plan, waiting for those before it included; a client waits a little longer."""

_LOOKED_AT: Final = 500
"""Newest runs whose duration is asked."""
_OF_EACH: Final = 20
"""Of them, so many of each chain count."""


class Planning:
    """Makes one plan at a time: they read whole trees, and runs come first."""

    def __init__(self, engine: Engine, policies: tuple[Policy, ...]) -> None:
        self._engine = engine
        self._policies = policies
        self._one = asyncio.Semaphore(1)

    async def plan(
        self, place: Deployments, organization: str, head: str, *, base: str | None, from_common: bool, branch: str
    ) -> Plan:
        """What deploying ``head`` there would do, in place of ``base`` or of what is in force.

        Raises Refusal: not found for what git cannot name, unavailable for what cannot be read now.
        """
        around = await self._around(place, organization, branch)
        try:
            async with asyncio.timeout(PLAN_TIMEOUT_S), self._one:
                return await asyncio.to_thread(place.plan, base, head, around, from_common=from_common)
        except UnknownRef as error:
            raise Refusal(Code.NOT_FOUND, "there is nothing to plan", str(error)) from None
        except SourceError as error:
            raise Refusal(Code.UNAVAILABLE, "the repository cannot be read now", str(error)) from error
        except TimeoutError:
            raise Refusal(Code.UNAVAILABLE, f"the plan was not made within {PLAN_TIMEOUT_S:g} s") from None

    async def _around(self, place: Deployments, organization: str, branch: str) -> Surroundings:
        world = self._engine.world
        open_runs = (_run(state) for state in self._engine.open_states(organization) if _is_of(state, place))
        ended = (await world.store.runs(organization, RunFilter(state="finished"), limit=_LOOKED_AT)).rows
        return Surroundings(
            now=world.clock(),
            branch=branch,
            policies=self._policies,
            runs=tuple(open_runs),
            history=_history([row for row in ended if row["repository"] == place.name]),
        )


def _is_of(state: RunState, place: Deployments) -> bool:
    request = state.request
    return request is not None and (request.repository, request.environment) == (place.name, place.environment)


def _run(state: RunState) -> RunInFlight:
    assert state.request is not None
    return RunInFlight(id=state.id, chain=state.request.chain, commit=state.request.commit, state=state.state.value)


def _history(rows: list[dict[str, Any]]) -> Mapping[str, History]:
    """``rows`` are RunSummaries, the newest first."""
    took: defaultdict[str, list[float]] = defaultdict(list)
    for row in rows:
        if row["outcome"] == "succeeded" and row["started_at"] is not None and len(took[row["chain"]]) < _OF_EACH:
            took[row["chain"]].append(row["ended_at"] - row["started_at"])
    return {chain: History(durations_s=tuple(durations)) for chain, durations in took.items()}
