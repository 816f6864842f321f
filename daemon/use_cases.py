"""The use cases behind the API: the engine's, and those that join it with deployments, sessions and the daemon itself."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import asdict
from typing import Any

from pydantic_core import from_json

from chainwright.daemon.announcing import Announcing
from chainwright.daemon.artifacts.port import BadFile
from chainwright.daemon.catalog import EveryDeployment
from chainwright.daemon.chain_use_cases import ChainUseCases
from chainwright.daemon.config import Config
from chainwright.daemon.core import history_pages
from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.hosts import Sighting
from chainwright.daemon.core.keeping import Again
from chainwright.daemon.core.live_changes import Change, Step
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.run_artifacts import artifacts_of, known_to
from chainwright.daemon.core.run_pictures import graph_of, timeline_of
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.verdicts import Answer, listed
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.ids import first_at
from chainwright.daemon.engine.terminals import Link, Terminals
from chainwright.daemon.hooks import Hooks, kept
from chainwright.daemon.host_use_cases import Clear, HostUseCases
from chainwright.daemon.hosts.register import Hosts
from chainwright.daemon.hosts.visits import Visits
from chainwright.daemon.keyed_use_cases import KeyedUseCases
from chainwright.daemon.log_use_cases import LogUseCases
from chainwright.daemon.measures import Counted, measures_of
from chainwright.daemon.overview_use_cases import OverviewUseCases
from chainwright.daemon.planning import Planning
from chainwright.daemon.reconciler import Reconciler
from chainwright.daemon.repository_use_cases import RepositoryUseCases
from chainwright.daemon.review_use_cases import ReviewUseCases
from chainwright.daemon.reviews.change_requests import ChangeRequests
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.secrets.listing import SecretListing
from chainwright.daemon.session_views import sessions_of
from chainwright.daemon.store.port import Once, RunFilter
from chainwright.daemon.triggers.webhooks.request import HookRequest, joined
from chainwright.daemon.web.port import Content, Delivered, Distribution, Measure
from chainwright.runners.port import SessionSummary
from chainwright.schemas.api import RunSummary
from chainwright.schemas.config import SessionSettings
from chainwright.schemas.session_api import SignalName

Check = Callable[[], Awaitable[list[dict[str, Any]]]]


class DaemonUseCases(
    ChainUseCases, LogUseCases, OverviewUseCases, RepositoryUseCases, ReviewUseCases, HostUseCases, KeyedUseCases
):
    """Implements :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(
        self,
        engine: Engine,
        terminals: Terminals,
        authorizer: Authorizer,
        *,
        hooks: Hooks,
        hosts: Hosts,
        visits: Visits,
        sighted: Callable[[str], Sighting],
        clear: Clear,
        sessions: SessionSettings,
        announcing: Announcing,
        planning: Planning,
        catalog: EveryDeployment,
        reconciler: Reconciler,
        reviews: ChangeRequests,
        scheduling: Scheduling,
        config: Config,
        about: dict[str, Any],
        checks: Check,
        secrets: SecretListing,
        stop: asyncio.Event,
    ) -> None:
        ChainUseCases.__init__(self, engine, catalog, reconciler, authorizer)
        LogUseCases.__init__(self, engine)
        OverviewUseCases.__init__(self, engine, scheduling, config, authorizer)
        RepositoryUseCases.__init__(self, engine, catalog, reconciler, authorizer)
        ReviewUseCases.__init__(self, reviews, engine.world.store, authorizer)
        KeyedUseCases.__init__(self, engine.world.store)
        HostUseCases.__init__(self, hosts, visits, engine, sessions, authorizer, sighted=sighted, clear=clear)
        self._terminals = terminals
        self._scheduling = scheduling
        self._hooks = hooks
        self._announcing = announcing
        self._planning = planning
        self._about = about
        self._checks = checks
        self._secrets = secrets
        self._stop = stop
        self._store = engine.world.store
        self._fates: Counter[str] = Counter()
        """Of deliveries, since the daemon began."""

    # runs

    async def start_run(
        self,
        actor: Actor,
        chain: str,
        inputs: dict[str, Any],
        *,
        ref: str | None = None,
        environment: str | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        once = _once(actor, idempotency_key)
        run_id = await self._engine.start_run(actor, chain, inputs, ref=ref, environment=environment, once=once)
        return await self._summary(run_id)

    async def retry_run(
        self,
        actor: Actor,
        run: str,
        *,
        failed: bool,
        from_agent: str | None,
        on_new_definition: bool,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        again = Again(failed=failed, agent=from_agent, on_new_definition=on_new_definition)
        run_id, once = await self._engine.find(actor, run), _once(actor, idempotency_key)
        return await self._summary(await self._engine.retry_run(actor, run_id, again, once))

    async def cancel_run(self, actor: Actor, run: str) -> dict[str, Any]:
        run_id = await self._engine.find(actor, run)
        await self._engine.cancel_run(actor, run_id)
        return await self._summary(run_id)

    async def approvals(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, "runs")
        return [waiting for state in self._engine.open_states(actor.organization) for waiting in listed(state)]

    async def answer_approval(self, actor: Actor, run: str, answer: Answer) -> dict[str, Any]:
        run_id = await self._engine.find(actor, run)
        await self._engine.answer_approval(actor, run_id, answer)
        return await self._summary(run_id)

    async def inject_event(self, actor: Actor, run: str, name: str, data: Any, key: str | None) -> dict[str, Any]:
        run_id = await self._engine.find(actor, run)
        number = await self._engine.inject_event(actor, run_id, name, data, key or "")
        return next(event for event in await self._store.events(run_id) if event["number"] == number)

    async def send_event(
        self, actor: Actor, name: str, data: Any, *, key: str | None, environment: str | None
    ) -> list[dict[str, Any]]:
        self._allow(actor, Permission.EMIT, f"event:{name}")
        where = environment or self._catalog.main.environment
        return await self._announcing.send(actor, where, name, data, key)

    async def runs(self, actor: Actor, wanted: dict[str, Any], *, limit: int, cursor: str | None) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "runs")
        since = wanted.pop("since", None)
        chosen = RunFilter(**wanted, since=first_at(since) if since is not None else None)
        page = await self._store.runs(actor.organization, chosen, limit=limit, before=cursor)
        return {"items": page.rows, "next": page.next}

    async def run(self, actor: Actor, run: str) -> dict[str, Any]:
        return await self._detail(await self._engine.find(actor, run))

    async def run_events(self, actor: Actor, run: str) -> list[dict[str, Any]]:
        return await self._store.events(await self._engine.find(actor, run))

    async def journal(self, actor: Actor, run: str, *, after: int, limit: int | None) -> list[dict[str, Any]]:
        rows = await self._store.journal(await self._engine.find(actor, run))
        part = rows[after : None if limit is None else after + limit]
        return [{"seq": row.seq, "at": row.at, "kind": row.kind, "body": from_json(row.body)} for row in part]

    async def run_artifacts(self, actor: Actor, run: str) -> list[dict[str, Any]]:
        found = artifacts_of(await self._engine.state(await self._engine.find(actor, run)))
        return [
            kept.artifact.as_json() | {"field": kept.field, "agent": kept.agent, "turn": kept.turn, "event": kept.event}
            for kept in found
        ]

    async def artifact(self, actor: Actor, run: str, sha256: str) -> Content:
        known = known_to(await self._engine.state(await self._engine.find(actor, run)))
        artifacts = self._engine.world.artifacts
        for artifact in known:
            if artifact.sha256 == sha256 and await artifacts.holds(artifact):
                return Content(size=artifact.size, chunks=artifacts.read(artifact))
        raise Refusal(Code.NOT_FOUND, f"run {run} has no artifact {sha256[:12]}")

    async def keep_artifact(self, actor: Actor, name: str, chunks: AsyncIterator[bytes]) -> dict[str, Any]:
        self._allow(actor, Permission.RUN, "artifacts")
        try:
            return (await self._engine.world.artifacts.take_in(name, chunks)).as_json()
        except BadFile as error:
            raise Refusal(Code.INVALID_INPUT, f"the file cannot be kept: {error}") from None
        except OSError as error:
            raise Refusal(Code.UNAVAILABLE, f"the file cannot be kept now: {error.strerror}") from None

    async def run_graph(self, actor: Actor, run: str) -> dict[str, Any]:
        run_id = await self._engine.find(actor, run)
        detail, events = await self._detail(run_id), await self._store.events(run_id)
        return graph_of(await self._engine.chain_of(run_id), detail, events)

    async def run_timeline(self, actor: Actor, run: str) -> dict[str, Any]:
        run_id = await self._engine.find(actor, run)
        detail, events = await self._detail(run_id), await self._store.events(run_id)
        rows = [row for row in await self._store.journal(run_id) if row.kind == "TurnQueued"]
        queued = {(body["agent"], body["turn"]): row.at for row in rows for body in (from_json(row.body),)}
        return timeline_of(detail, events, queued)

    async def explain(self, actor: Actor, run: str, agent: str) -> dict[str, Any]:
        run_id = await self._engine.find(actor, run)
        told = await self._engine.explain(actor, run_id, agent)
        view = (await self._detail(run_id))["agents"][agent]
        return {"agent": agent, "state": view["state"], "outcome": view["outcome"], "lines": told}

    async def changes(self, actor: Actor, run: str, *, after: int) -> AsyncIterator[Change]:
        run_id = await self._engine.find(actor, run)
        async for change in self._engine.changes.of_run(run_id, after):
            yield change

    async def feed(self, actor: Actor, *, after: int | None) -> AsyncGenerator[Sequence[Step], None]:
        self._allow(actor, Permission.VIEW, "runs")
        begins = await self._engine.changes.head() if after is None else after
        yield [Step(seq=begins, changes=())]
        async with aclosing(self._engine.changes.after(begins)) as parts:
            async for part in parts:
                yield part

    # sessions

    async def sessions(self, actor: Actor, *, everything: bool) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "sessions")
        found = await sessions_of(self._engine.world.hosts.every(), self._owner)
        if not everything:
            found["items"] = [one for one in found["items"] if one["status"] == "running" and not one["daemon"]]
        return found

    def _owner(self, found: SessionSummary) -> str | None:
        """Nobody for one that runs though no run claims it: an orphan. Of another daemon only the name of its folder is known."""
        if found.daemon is not None:
            return found.daemon
        is_orphan = found.status == "running" and not self._engine.claims(found.id)
        return None if is_orphan else str(self._about["node"])

    async def terminal(
        self, actor: Actor, session: str, *, offset: int, take_over: bool, tail: int | None, live: bool
    ) -> Link:
        self._allow(actor, Permission.TYPE if take_over else Permission.VIEW, f"session:{session}")
        return await self._terminals.open(session, actor.name, offset=offset, take_over=take_over, tail=tail, live=live)

    async def signal_session(self, actor: Actor, session: str, name: SignalName) -> dict[str, Any]:
        self._allow(actor, Permission.TYPE, f"session:{session}")
        await self._terminals.signal(session, actor.name, name)
        return {"session": session, "signal": name}

    # schedules

    async def schedules(self, actor: Actor, *, chain: str | None) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, "schedules")
        return await self._scheduling.described(chain)

    async def schedule_fires(self, actor: Actor, schedule: str, *, limit: int, cursor: float | None) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "schedules")
        return history_pages.page(await self._scheduling.fires(schedule, limit + 1, cursor), limit, "due")

    async def pause_schedules(self, actor: Actor, chain: str, *, until: float | None) -> list[dict[str, Any]]:
        self._allow(actor, Permission.DEPLOY, f"chain:{chain}")
        await self._scheduling.pause(actor, chain, until)
        return await self._scheduling.described(chain)

    async def resume_schedules(self, actor: Actor, chain: str) -> list[dict[str, Any]]:
        self._allow(actor, Permission.DEPLOY, f"chain:{chain}")
        await self._scheduling.resume(actor, chain)
        return await self._scheduling.described(chain)

    async def run_schedule(
        self, actor: Actor, chain: str, *, schedule: str, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        once = _once(actor, idempotency_key)
        return await self._summary(await self._scheduling.run_now(actor, chain, schedule, once))

    # webhooks

    def require_hook(self, organization: str, environment: str, hook: str) -> None:
        self._hooks.require(organization, environment, hook)

    async def receive_delivery(self, delivered: Delivered) -> dict[str, Any]:
        self._hooks.require(delivered.organization, delivered.environment, delivered.hook)
        request = HookRequest(headers=joined(delivered.headers), body=delivered.body)
        told = await self._hooks.receive(delivered.environment, delivered.hook, request, delivered.remote)
        self._fates[told["fate"]] += 1
        return told

    async def deliveries(
        self, actor: Actor, *, hook: str | None, fate: str | None, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "deliveries")
        return await kept.page(self._store, actor.organization, hook=hook, fate=fate, limit=limit, cursor=cursor)

    async def delivery(self, actor: Actor, delivery: str) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "deliveries")
        return await kept.detail(self._store, await kept.whole_id(self._store, actor.organization, delivery))

    async def replay_delivery(self, actor: Actor, delivery: str) -> dict[str, Any]:
        self._allow(actor, Permission.RUN, f"delivery:{delivery}")
        return await self._hooks.replay(actor, await kept.whole_id(self._store, actor.organization, delivery))

    async def plan(self, actor: Actor, head: str, *, base: str | None, from_common: bool, branch: str) -> Plan:
        self._allow(actor, Permission.VIEW, "chains")
        place = self._catalog.main
        return await self._planning.plan(
            place, actor.organization, head, base=base, from_common=from_common, branch=branch
        )

    # the daemon

    def listens_at(self, address: str | None) -> None:
        """Tell, from now on, that this is where the daemon is over TCP."""
        self._about["listen"] = address

    def require_ready(self) -> None:
        if self._stop.is_set():
            raise Refusal(Code.UNAVAILABLE, "the daemon is going down", "sessions go on; ask again once it is up")

    async def status(self, actor: Actor) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "daemon")
        return self._about | {"runs": self._engine.open_counts(), "sessions": self._engine.placement.held}

    def measures(self, actor: Actor) -> Iterable[Measure | Distribution]:
        self._allow(actor, Permission.VIEW, "daemon")
        counted = Counted(
            version=self._about["version"],
            started_at=self._about["started_at"],
            sessions=self._engine.placement.held,
            terminals=self._terminals.watching,
            hosts=self.host_states(),
            deliveries=self._fates,
            store=self._store.statistics(),
        )
        return measures_of(self._engine, counted)

    async def doctor(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, "daemon")
        return await self._checks()

    async def secrets(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.ADMINISTER, "secrets")
        return await self._secrets.listed()

    async def shut_down(self, actor: Actor) -> None:
        self._allow(actor, Permission.ADMINISTER, "daemon")
        self._stop.set()

    # inside

    async def _detail(self, run_id: str) -> dict[str, Any]:
        found = await self._store.run(run_id)
        if found is None:
            raise Refusal(Code.NOT_FOUND, f"there is no run {run_id}")
        return found

    async def _summary(self, run_id: str) -> dict[str, Any]:
        if open_run := self._engine.open_state(run_id):
            return summary(open_run)
        detail = await self._detail(run_id)
        return {name: value for name, value in detail.items() if name in RunSummary.model_fields}


def _once(actor: Actor, key: str | None) -> Once | None:
    return Once(scope="api", key=f"{actor.organization}/{key}") if key else None


def summary(state: RunState) -> dict[str, Any]:
    """A RunSummary of an open run, from memory: asking the store for what was just written would cost a start its speed."""
    request = state.request
    assert request is not None
    return {
        "id": request.run_id,
        "number": request.number,
        "organization": request.organization,
        "repository": request.repository,
        "environment": request.environment,
        "chain": request.chain,
        "commit": request.works_on,
        "trigger": asdict(request.trigger),
        "state": state.state.value,
        "outcome": state.outcome and state.outcome.value,
        "reason": state.reason and state.reason.value,
        "detail": state.detail,
        "created_at": request.at,
        "started_at": state.started_at,
        "ended_at": None,
        "retry_of": request.retry_of,
        "parent": request.parent and request.parent.run_id,
        "attention": sum(attempt.attention is not None for attempt in state.attempts.values()),
    }
