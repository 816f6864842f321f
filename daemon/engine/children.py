"""Child runs: attempts that are runs of another chain (semantics 27).

A child is begun at most once for each attempt, whatever dies in between: the store remembers which run an attempt led to. Its end is
read from its journal, so it makes no difference whether it comes to its end before us, while we are away, or with us.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import structlog

from chainwright.daemon.core.calling import MAX_DEPTH
from chainwright.daemon.core.child_facts import ChildRunFinished, ChildRunPaused, ChildRunResumed, ChildRunStarted
from chainwright.daemon.core.decisions import Decision, RunFinished
from chainwright.daemon.core.facts import (
    CancelRequested,
    EventEmitted,
    Fact,
    ParentRun,
    SessionRefused,
    Subject,
    Trigger,
)
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.resting import rests
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.core.states import Outcome
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.ports import PinnedChain, World, pinned_with
from chainwright.daemon.store.port import Once

AGAIN_AFTER_S: Final = 1.0
"""Until a store that takes nothing is asked again."""

_CAME_UP: Final = frozenset({"routed", "adopted"})
"""Fates of events that the child itself heard."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A child run that is to exist; its inputs are not yet held against what its chain declares."""

    pinned: PinnedChain
    inputs: dict[str, Any]
    trigger: Trigger
    parent: ParentRun
    depth: int
    once: Once
    subject: Subject | None = None


class Runs(Protocol):
    """What children need of the engine."""

    async def definition(self, digest: str) -> Chain:
        """A compiled chain."""

    async def create_child(self, new: NewRun) -> str:
        """The id of the run, durable, or of the one that it led to before. Raises :class:`Refusal`."""

    def open_state(self, run_id: str) -> RunState | None:
        """The state of a run that has not ended."""

    def tell(self, run_id: str, fact: Fact) -> None:
        """Report a fact to an open run."""


class Children:
    """Begins child runs and knows of their ends."""

    def __init__(self, world: World, runs: Runs) -> None:
        self._world = world
        self._runs = runs
        self._ends: dict[str, asyncio.Event] = {}
        self._rests: dict[str, Callable[[bool], None]] = {}

    def heard(self, run_id: str, entries: Iterable[tuple[float, Fact | Decision]]) -> None:
        """Durable entries of a run."""
        if run_id in self._ends and any(isinstance(entry, RunFinished) for _, entry in entries):
            self._ends[run_id].set()
        self._tell_rest(run_id)

    def _tell_rest(self, run_id: str) -> None:
        state = self._runs.open_state(run_id) if run_id in self._rests else None
        if state is not None:
            self._rests[run_id](rests(state))

    @contextmanager
    def watched(self, run_id: str, tell: Callable[[bool], None]) -> Iterator[None]:
        """Say, now and whenever it may have changed, whether only people can do something in an open run."""
        self._rests[run_id] = tell
        try:
            self._tell_rest(run_id)
            yield
        finally:
            del self._rests[run_id]

    async def known(self, attempt_id: str) -> str | None:
        """The child run of an attempt, if it was begun."""
        return await self._world.store.child_of(attempt_id)

    async def begin(self, parent: RunState, attempt: AttemptState) -> str:
        """The child run of an attempt, begun now unless it was. Raises :class:`Refusal` when it can never begin."""
        request, call = parent.request, parent.chain.agents[attempt.agent].calls
        resolved = parent.leg_of(attempt).resolved
        assert request is not None and call is not None
        if request.depth >= MAX_DEPTH:
            raise Refusal(Code.CONFLICT, f"runs call each other {MAX_DEPTH} deep", "no chain is called from here")
        called = await self._runs.definition(call.definition)
        return await self._runs.create_child(
            NewRun(
                pinned=pinned_with(request, call.definition, called),
                inputs=resolved.with_,
                trigger=Trigger(kind="call", actor=request.trigger.actor, key=attempt.id),
                parent=ParentRun(
                    run_id=request.run_id,
                    attempt_id=attempt.id,
                    parent=request.parent,
                    runs_on=parent.labels_of(attempt),
                ),
                depth=request.depth + 1,
                once=Once(scope="call", key=attempt.id),
                subject=request.subject,
            )
        )

    async def end(self, run_id: str) -> RunFinished:
        """How a run ended, as soon as that is durable."""
        ended = self._ends.setdefault(run_id, asyncio.Event())
        try:
            while not isinstance(last := (await self._world.store.journal(run_id))[-1].entry(), RunFinished):
                await ended.wait()
        finally:
            self._ends.pop(run_id, None)
        return last

    async def events(self, run_id: str, names: Sequence[str]) -> list[dict[str, Any]]:
        """Events of an ended run with these names that were heard within it, in their order."""
        found = await self._world.store.events(run_id)
        return [event for event in found if event["name"] in names and event["fate"] in _CAME_UP]

    async def crossing(self, run_id: str, parent: RunState, agent: str) -> list[dict[str, Any]]:
        """Those of them that come up: declared by the child's chain and by the agent that called it."""
        declared = parent.chain.agents[agent]
        assert declared.calls is not None
        called = await self._runs.definition(declared.calls.definition)
        return await self.events(run_id, [name for name in called.events if name in declared.emits])

    def cancel(self, run_id: str, by: str, *, again: bool) -> None:
        """Cancel an open run; with ``again``, for the second time if it was cancelled before. What was done is not repeated."""
        state = self._runs.open_state(run_id)
        if state is None:
            return
        for wanted in (state.stopping is None, again and not state.abandoned):
            if wanted:
                self._runs.tell(run_id, CancelRequested(at=self._world.clock(), actor=by))


class Child:
    """The life of one child run, as the run sees it that called it."""

    def __init__(
        self,
        world: World,
        children: Children,
        parent: RunState,
        attempt: AttemptState,
        report: Callable[[Fact], None],
    ) -> None:
        self._world = world
        self._children = children
        self._parent = parent
        self._attempt = attempt
        self._report = report
        self._run_id: str | None = None
        self._cancelled = False
        self._again = False

    async def live(self) -> None:
        """From its beginning, or its finding after a crash, to its end, which is reported."""
        try:
            self._run_id = await self._begun()
        except Refusal as refusal:
            self._report(SessionRefused(at=self._world.clock(), attempt_id=self._attempt.id, detail=str(refusal)))
            return
        started = ChildRunStarted(at=self._world.clock(), attempt_id=self._attempt.id, run_id=self._run_id)
        self._report(started)
        self._pass_cancel_on()
        with self._children.watched(self._run_id, self._tell_rest):
            finished = await self._children.end(self._run_id)
        reach("child.ended")
        if finished.outcome is Outcome.SUCCEEDED:
            await self._bring_events_up(self._run_id)
        self._report(self._ended(self._run_id, finished))

    def _tell_rest(self, rests: bool) -> None:
        assert self._run_id is not None
        told = ChildRunPaused if rests else ChildRunResumed
        self._report(told(at=self._world.clock(), attempt_id=self._attempt.id, run_id=self._run_id))

    def cancel(self, *, again: bool) -> None:
        """End the child, or let it never begin."""
        self._cancelled = True
        self._again = self._again or again
        self._pass_cancel_on()

    def _pass_cancel_on(self) -> None:
        if self._cancelled and self._run_id is not None:
            self._children.cancel(self._run_id, f"run {self._parent.id}", again=self._again)

    async def _begun(self) -> str:
        while True:
            if found := await self._children.known(self._attempt.id):
                return found
            if self._cancelled:
                raise Refusal(Code.CONFLICT, "withdrawn before it began")
            try:
                reach("child.asked")
                run_id = await self._children.begin(self._parent, self._attempt)
                reach("child.begun")
                return run_id
            except Refusal as refusal:
                if refusal.code is not Code.UNAVAILABLE:
                    raise
                log.warning("a child run cannot begin now", action="child.delayed", attempt=self._attempt.id)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def _bring_events_up(self, run_id: str) -> None:
        for event in await self._children.crossing(run_id, self._parent, self._attempt.agent):
            self._report(
                EventEmitted(
                    at=self._world.clock(),
                    attempt_id=self._attempt.id,
                    key=f"{run_id}#{event['number']}",
                    name=event["name"],
                    data=event["data"],
                )
            )

    def _ended(self, run_id: str, finished: RunFinished) -> ChildRunFinished:
        return ChildRunFinished(
            at=self._world.clock(),
            attempt_id=self._attempt.id,
            run_id=run_id,
            outcome=finished.outcome,
            reason=finished.reason,
            detail=finished.detail,
            cause=finished.cause,
            strays=finished.strays,
            outputs=finished.outputs,
        )


class Calls:
    """The child runs of one open run."""

    def __init__(self, world: World, children: Children, report: Callable[[Fact], None]) -> None:
        self._world = world
        self._children = children
        self._report = report
        self._open: dict[str, Child] = {}

    def live(self, parent: RunState, attempt_id: str) -> Coroutine[Any, Any, None]:
        """The life of an attempt's child, known from now on, so that it can be cancelled before it has begun."""
        child = Child(self._world, self._children, parent, parent.attempts[attempt_id], self._report)
        self._open[attempt_id] = child
        return self._lived(attempt_id, child)

    def cancel(self, attempt_id: str, *, again: bool) -> None:
        """Cancel the child of an attempt, if it still lives."""
        if child := self._open.get(attempt_id):
            child.cancel(again=again)

    async def _lived(self, attempt_id: str, child: Child) -> None:
        try:
            await child.live()
        finally:
            del self._open[attempt_id]
