"""The use cases on runs. Keeps a :class:`~.run_scope.RunScope` for each open run and nothing else in memory."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Literal, cast

import structlog

from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.attempt_ids import attempt_of, run_of
from chainwright.daemon.core.decide import decide
from chainwright.daemon.core.decisions import Decision, RunFinished
from chainwright.daemon.core.evolve import rebuild
from chainwright.daemon.core.explain import explain
from chainwright.daemon.core.facts import (
    CancelRequested,
    EventInjected,
    Fact,
    ParentRun,
    RunRequested,
    Subject,
    Trigger,
)
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.keeping import Again, Past
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import RunState, initial
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.core.verdicts import Answer, fact_of
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.changes import Changes
from chainwright.daemon.engine.checking import complete, completed, hold_to_json
from chainwright.daemon.engine.children import Children, NewRun
from chainwright.daemon.engine.claims import ahead, claims_of, fact_about
from chainwright.daemon.engine.definitions import Definitions
from chainwright.daemon.engine.groups import Claim, Groups, Told
from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.engine.injecting import injected_before, require_injectable
from chainwright.daemon.engine.leftovers import Leftovers
from chainwright.daemon.engine.placement import Placement
from chainwright.daemon.engine.ports import Catalog, PinnedChain, World, announced_by, pinned_with, url_of
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.engine.retrying import ALL_AGAIN, adopted_from
from chainwright.daemon.engine.run_scope import LET_GO_WITHIN_S, Entries, RunScope
from chainwright.daemon.engine.tally import Tally
from chainwright.daemon.store.port import Append, HookDelivery, Once, OpenRun

Overlap = Literal["allow", "queue", "cancel"]
"""See :class:`RunRequested`."""

LAST: Final = "@last"
log = structlog.get_logger()


class Engine:
    """Runs chains. One for each daemon; every method belongs to its event loop."""

    def __init__(self, world: World, catalog: Catalog, authorizer: Authorizer, ids: RunIds) -> None:
        self.world = world
        self.placement = Placement(world.hosts)
        self._groups = Groups(self._tell_about)
        self.changes = Changes(world.store)
        self.tally = Tally()
        self._children = Children(world, self)
        self._catalog = catalog
        self._authorizer = authorizer
        self._ids = ids
        self._scopes: dict[str, RunScope] = {}
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._definitions = Definitions(world.store)
        self._closing = False
        self.leftovers = Leftovers(world, self.claims)
        self._tidying: asyncio.Task[None] | None = None

    async def open(self, resend: Callable[[str], Coroutine[Any, Any, None]]) -> None:
        """Take over every open run: attach to its sessions, start only what never ran.

        ``resend`` types what was stored for a session and may never have reached it.
        """
        for run in await self.world.store.open_runs():
            try:
                await self._rebuilt(run)
            except Exception as error:
                # One run that cannot be understood must not keep the daemon, and so all the others, down.
                log.exception("a run cannot be taken over", action="engine.unreadable-run", run=run.run_id)
                await self._end_unread(run, f"it cannot be taken over: {type(error).__name__}: {error}")
        self.changes.open()
        scopes = list(self._scopes.values())
        self._groups.restore(claim for scope in scopes for claim in claims_of(scope.state))
        reach("recovery.owned")
        for scope in scopes:
            scope.resume(resend)
            reach("recovery.resumed")
        self._groups.settle()
        self._tidying = asyncio.create_task(self.leftovers.watch(), name="tidy up what no run claims")
        if scopes:
            log.info("took over open runs", action="engine.recovered", runs=len(scopes))

    async def close(self) -> None:
        """Record what is known and let go of every run; their sessions go on."""
        self._closing = True
        await self.changes.close()
        if self._tidying is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.leftovers.looked.wait(), LET_GO_WITHIN_S)
            self._tidying.cancel()
            await asyncio.gather(self._tidying, return_exceptions=True)
        await asyncio.gather(*(scope.close() for scope in self._scopes.values()))

    # asking for something

    async def start_run(
        self,
        actor: Actor,
        chain: str,
        inputs: dict[str, Any],
        *,
        ref: str | None = None,
        environment: str | None = None,
        repository: str | None = None,
        once: Once | None = None,
        trigger: Trigger | None = None,
        depth: int = 0,
        overlap: Overlap = "allow",
        subject: Subject | None = None,
    ) -> str:
        """The id of a new run, durable when this returns; the id of the earlier one if ``once`` was seen before.

        ``overlap`` is for runs of a schedule, which the trigger's key names; ``subject`` for those of a push or a pull request.
        """
        self._allow(actor, Permission.RUN, f"chain:{chain}")
        with recording():
            pinned = await self._catalog.pinned(chain, ref=ref, environment=environment, repository=repository)
        if trigger is None and not pinned.chain.manual:
            raise Refusal(Code.CONFLICT, f'chain "{chain}" is not started by people', "its `on` does not list `manual`")
        values = await completed(pinned.chain, inputs, self.world.artifacts)
        trigger = trigger or Trigger(kind="manual", actor=actor.name)
        return await self._create(pinned, values, trigger, once=once, depth=depth, overlap=overlap, subject=subject)

    async def start_delivered(
        self, actor: Actor, pinned: PinnedChain, inputs: dict[str, Any], delivery: HookDelivery
    ) -> str:
        """The id of the run that a webhook's delivery becomes, both durable when this returns; that of the earlier run if one of the
        delivery's keys was seen before."""
        self._allow(actor, Permission.RUN, f"chain:{pinned.chain.id}")
        values = await completed(pinned.chain, inputs, self.world.artifacts)
        trigger = Trigger(kind="webhook", actor=actor.name, key=delivery.id)
        return await self._create(pinned, values, trigger, delivery=delivery)

    async def retry_run(self, actor: Actor, run_id: str, again: Again = ALL_AGAIN, once: Once | None = None) -> str:
        """The id of a new run with the same commit, definition and inputs, which keeps what need not be done again.

        The id of the earlier one if ``once`` was seen before.
        """
        self._allow(actor, Permission.RUN, f"run:{run_id}")
        first = await self._request(run_id)
        if self._is_open(run_id):
            raise Refusal(Code.CONFLICT, f"run {run_id} has not ended", "cancel it first, or wait")
        own = pinned_with(first, first.definition, await self.definition(first.definition))
        past = Past(own.chain, [row.entry() for row in await self.world.store.journal(run_id)])
        pinned = own
        if again.on_new_definition:
            with recording():
                pinned = await self._catalog.pinned(
                    first.chain, ref=None, environment=first.environment, repository=first.repository
                )
        adopted = adopted_from(past, pinned, again, self.world.clock())
        inputs = complete(pinned.chain, first.inputs) if again.on_new_definition else first.inputs
        trigger = Trigger(kind="retry", actor=actor.name, key=run_id)
        return await self._create(
            pinned, inputs, trigger, once=once, retry_of=first, adopted=adopted, subject=first.subject
        )

    async def create_child(self, new: NewRun) -> str:
        """See :class:`~.children.Runs`."""
        inputs = complete(new.pinned.chain, new.inputs)
        return await self._create(
            new.pinned,
            inputs,
            new.trigger,
            once=new.once,
            parent=new.parent,
            depth=new.depth,
            subject=new.subject,
        )

    async def cancel_run(self, actor: Actor, run_id: str) -> None:
        """End a run; durable when this returns."""
        self._allow(actor, Permission.CANCEL, f"run:{run_id}")
        scope = self._open_scope(run_id)
        scope.report(CancelRequested(at=self.world.clock(), actor=actor.name))
        reach("cancel.decided")
        await scope.durable()
        reach("cancel.durable")

    async def answer_approval(self, actor: Actor, run_id: str, answer: Answer) -> None:
        """Approve or reject what waits for that; durable when this returns."""
        self._allow(actor, Permission.APPROVE, f"run:{run_id}")
        scope = self._open_scope(run_id)
        scope.report(fact_of(scope.state, actor, answer, at=self.world.clock()))
        reach("approval.decided")
        await scope.durable()
        reach("approval.durable")

    async def inject_event(self, actor: Actor, run_id: str, name: str, data: Any, key: str) -> int:
        """Send an event into a live run; its number, durable when this returns. A key seen before gives the number of then."""
        self._allow(actor, Permission.EMIT, f"run:{run_id}")
        scope = self._open_scope(run_id)
        require_injectable(scope.state, name, data)
        number = injected_before(scope.state, key)
        if number is None:
            number = len(scope.state.events) + 1
            event = EventInjected(at=self.world.clock(), actor=actor.name, key=key, name=name, data=data)
            hold_to_json("the event's data", event)
            scope.report(event)
        await scope.durable()
        return number

    # asking about something

    async def find(self, actor: Actor, run: str) -> str:
        """The whole id for a unique prefix, or for ``@last``."""
        self._allow(actor, Permission.VIEW, "runs")
        if run in self._scopes:
            return run
        found = await self.world.store.find_runs(actor.organization, "" if run == LAST else run)
        if not found:
            raise Refusal(Code.NOT_FOUND, "there is no run yet" if run == LAST else f"no run begins with {run!r}")
        if len(found) > 1 and run not in (LAST, *found):
            raise Refusal(Code.AMBIGUOUS, f"several runs begin with {run!r}", ", ".join(found))
        return run if run in found else found[0]

    async def explain(self, actor: Actor, run_id: str, agent: str) -> list[str]:
        """Why an agent is where it is, in sentences."""
        self._allow(actor, Permission.VIEW, f"run:{run_id}")
        state = await self.state(run_id)
        if agent not in state.agents:
            raise Refusal(Code.NOT_FOUND, f'run {run_id} has no agent "{agent}"', f"it has {', '.join(state.agents)}")
        return [*explain(state, agent), *ahead(self._groups, state, agent)]

    async def state(self, run_id: str) -> RunState:
        """The state of a run, open or ended."""
        if scope := self._scopes.get(run_id):
            return scope.state
        request = await self._request(run_id)
        rows = await self.world.store.journal(run_id)
        return rebuild(await self.definition(request.definition), (row.entry() for row in rows))

    def open_states(self, organization: str) -> list[RunState]:
        """Every run of an organization that has not ended, the oldest first."""
        ours = (scope.state for run_id, scope in sorted(self._scopes.items()) if self._is_open(run_id))
        return [state for state in ours if state.request and state.request.organization == organization]

    def open_state(self, run_id: str) -> RunState | None:
        """The state of a run that has not ended, from memory."""
        return self._scopes[run_id].state if self._is_open(run_id) else None

    def open_counts(self) -> dict[str, int]:
        """How many runs have not ended, by state."""
        states = Counter(scope.state.state for scope in self._scopes.values())
        return {state.value: count for state, count in states.items() if state is not State.FINISHED}

    def tell(self, run_id: str, fact: Fact) -> None:
        """See :class:`~.children.Runs`."""
        self._scopes[run_id].report(fact)

    def open_run_of(self, schedule: str) -> str | None:
        """The open run that a schedule started, if there is one."""
        begins = f"{schedule}@"
        requests = (scope.state.request for run_id, scope in self._scopes.items() if self._is_open(run_id))
        fired = (one for one in requests if one and one.trigger.kind == "schedule")
        return next((one.run_id for one in fired if one.trigger.key.startswith(begins)), None)

    # inside

    async def _create(
        self,
        pinned: PinnedChain,
        inputs: dict[str, Any],
        trigger: Trigger,
        *,
        once: Once | None = None,
        delivery: HookDelivery | None = None,
        retry_of: RunRequested | None = None,
        adopted: Sequence[Fact | Decision] = (),
        parent: ParentRun | None = None,
        depth: int = 0,
        overlap: Overlap = "allow",
        subject: Subject | None = None,
    ) -> str:
        if self._closing:
            raise Refusal(Code.UNAVAILABLE, "the daemon is going down")
        run_id = self._ids.new()
        request = RunRequested(
            at=self.world.clock(),
            run_id=run_id,
            number=await self._number(pinned),
            organization=pinned.organization,
            repository=pinned.repository,
            environment=pinned.environment,
            chain=pinned.chain.id,
            commit=pinned.commit,
            definition=pinned.digest,
            trigger=trigger,
            inputs=inputs,
            retry_of=retry_of.run_id if retry_of else None,
            parent=parent,
            depth=depth,
            overlap=overlap,
            subject=subject,
            branch=subject.branch if subject else pinned.branch,
            attempt=retry_of.attempt + 1 if retry_of else 1,
            url=url_of(self.world, run_id),
        )
        hold_to_json("an input", request)
        state = initial(pinned.chain)
        entries = [(request.at, entry) for entry in decide(state, request, adopted)]
        told = announced_by(self.world, state, entries)
        if delivery is not None:
            delivery = replace(delivery, run_id=request.run_id)
        reach("create-run.before-commit")
        with recording():
            run_id = await self.world.store.create_run(request, entries, once, delivery, told)
        reach("create-run.after-commit")
        if run_id == request.run_id:
            if told:
                self.world.told()
            scope = self._scope(state, seq=len(entries), last_at=request.at, offsets={})
            self._publish(scope, len(entries), entries)
            scope.begin(entries)
        return run_id

    def _publish(self, scope: RunScope, _: int, entries: Entries) -> None:
        self.tally.count(entries)
        self._children.heard(scope.id, entries)

    async def _number(self, pinned: PinnedChain) -> int:
        address = (pinned.organization, pinned.repository, pinned.chain.id)
        if address not in self._numbers:
            with recording():
                first = await self.world.store.next_number(*address)
            self._numbers[address] = max(self._numbers.get(address, 0), first - 1)
        self._numbers[address] += 1
        return self._numbers[address]

    def _scope(self, state: RunState, *, seq: int, last_at: float, offsets: dict[str, int]) -> RunScope:
        scope = RunScope(
            self.world,
            self.placement,
            self._groups,
            state,
            seq=seq,
            last_at=last_at,
            offsets=offsets,
            children=self._children,
            published=self._publish,
            over=lambda scope: self._scopes.pop(scope.id, None),
        )
        self._scopes[scope.id] = scope
        return scope

    async def _rebuilt(self, run: OpenRun) -> RunScope:
        entries = [row.entry() for row in run.rows]
        request = cast(RunRequested, entries[0])
        state = rebuild(await self.definition(request.definition), entries)
        last = run.rows[-1]
        return self._scope(state, seq=last.seq, last_at=last.at, offsets=dict(run.offsets))

    async def _end_unread(self, run: OpenRun, why: str) -> None:
        """The end of a run whose journal cannot be read as a run: its sessions, if any, are left to their time limits."""
        finished = RunFinished(outcome=Outcome.FAILED, reason=Reason.INTERNAL, detail=why)
        at = max(self.world.clock(), run.rows[-1].at)
        await self.world.store.append(Append(run_id=run.run_id, epoch=self.world.store.epoch, entries=[(at, finished)]))

    async def _request(self, run_id: str) -> RunRequested:
        rows = await self.world.store.journal(run_id)
        if not rows:
            raise Refusal(Code.NOT_FOUND, f"there is no run {run_id}")
        return cast(RunRequested, rows[0].entry())

    async def chain_of(self, run_id: str) -> Chain:
        """The chain that a run runs, as it was when the run began."""
        return await self.definition((await self._request(run_id)).definition)

    async def definition(self, digest: str) -> Chain:
        """See :class:`~.children.Runs`."""
        return await self._definitions.of(digest)

    def _tell_about(self, claim: Claim, told: Told, detail: str) -> None:
        if scope := self._scopes.get(claim.run_id):
            scope.report(fact_about(claim, told, detail, self.world.clock()))

    def claims(self, session_id: str) -> bool:
        """Whether an open run has to do with a session: it looks after it, or the session's attempt has not ended."""
        scope = self._scopes.get(run_of(session_id))
        if scope is None or scope.follows(session_id):
            return scope is not None
        attempt = scope.state.attempts.get(attempt_of(session_id))
        return attempt is not None and attempt.live

    def _open_scope(self, run_id: str) -> RunScope:
        if not self._is_open(run_id):
            raise Refusal(Code.CONFLICT, f"run {run_id} has ended")
        return self._scopes[run_id]

    def _is_open(self, run_id: str) -> bool:
        scope = self._scopes.get(run_id)
        return scope is not None and scope.state.state is not State.FINISHED

    def _allow(self, actor: Actor, permission: Permission, subject: str) -> None:
        if not self._authorizer.allows(actor, permission, subject):
            raise Refusal(Code.DENIED, f"{actor.name} may not {permission} {subject}")
