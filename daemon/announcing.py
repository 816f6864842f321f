"""Tells chains what was announced: an event that left its chain, the end of a run, an event that somebody sent, a push, a pull request.

Announcements are on record before anybody acts on them, so each becomes its run through any crash, and one run however often it is told:
the run is created once under the announcement's key. What the listener makes of one is decided now, by what is in force now.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.announcements import NOBODY, Announcement, Listeners, hears, of_outside
from chainwright.daemon.core.calling import MAX_DEPTH
from chainwright.daemon.core.expressions import ExpressionError
from chainwright.daemon.core.facts import Subject, Trigger
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.inputs import check_payload
from chainwright.daemon.core.listening import ChainTrigger, EventTrigger, PullRequestTrigger, PushTrigger
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.trigger_values import given_inputs, lets_through, trigger_contexts
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.ports import Catalog, Clock
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.store.port import Once, Store, StoreError, Told

AGAIN_AFTER_S: Final = 1.0
"""When the store or the daemon cannot take a run now."""
ANSWER_WITHIN_S: Final = 10.0
"""How long who sends an event waits to hear what became of it; the event counts from the moment it is on record."""
MOST_DATA_BYTES: Final = 256 * 1024
"""Of an event that is sent from outside, as of an event file."""

_OF_REFS: Final = ("push", "pull_request")
_Listening = EventTrigger | ChainTrigger | PushTrigger | PullRequestTrigger

log = structlog.get_logger()


class _NotNow(Exception):
    """Neither done nor to be refused: try again."""


class Announcing:
    """Who listens in each environment, and the one task that tells them."""

    def __init__(self, store: Store, clock: Clock, new_key: Callable[[], str]) -> None:
        self._store = store
        self._new_key = new_key
        self._clock = clock
        self._listeners: dict[str, Listeners] = {}
        self._chains: dict[str, Mapping[str, Chain]] = {}
        self._recorded = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[Told]] = {}

    def listeners(self, environment: str) -> Listeners:
        """See :class:`~chainwright.daemon.engine.ports.World`."""
        return self._listeners.get(environment, NOBODY)

    def told(self) -> None:
        """See :class:`~chainwright.daemon.engine.ports.World`."""
        self._recorded.set()

    def follow(self, environment: str, chains: Mapping[str, Chain]) -> None:
        """From now on, these chains and no others listen in this environment."""
        listening = any(chain.on_event or chain.on_chain for chain in chains.values())
        self._listeners[environment] = Listeners(chains) if listening else NOBODY
        self._chains[environment] = chains

    async def run(self, engine: Engine, catalog: Catalog) -> None:
        """Tell, in the order in which it happened, for as long as the daemon lives."""
        self._recorded.set()
        while True:
            await self._recorded.wait()
            self._recorded.clear()
            try:
                for announcement in await self._store.open_announcements():
                    await self._tell(engine, catalog, announcement)
            except (_NotNow, StoreError) as error:
                log.warning("chains cannot be told now", action="announcement.delayed", error=str(error))
                self._recorded.set()
                await asyncio.sleep(AGAIN_AFTER_S)

    async def send(self, actor: Actor, environment: str, name: str, data: Any, key: str | None) -> list[dict[str, Any]]:
        """Tell every chain that listens to ``name``, durably before this returns; AnnouncementViews of what became of it by then.

        ``key`` names the sending: sent again under the same key it counts once. Raises Refusal when the data break what a listening
        chain declares of the event, or when nobody listens.
        """
        sending = f"{actor.organization}/{environment}/{key}" if key is not None else self._new_key()
        listeners = self.listeners(environment)
        told = of_outside(
            name,
            data,
            self._clock(),
            key=f"sent:{sending}",
            sender=actor.name,
            organization=actor.organization,
            environment=environment,
            listeners=listeners,
        )
        if not told:
            raise Refusal(Code.NOT_FOUND, f'no chain starts with the event "{name}"', "its `on.event` would name it")
        self._hold_to_contracts(environment, name, data, [one.listener for one in told])
        answers = [self._waiting.setdefault(one.key, asyncio.get_running_loop().create_future()) for one in told]
        reach("announcement.before-record")
        with recording():
            await self._store.announce(told)
            known = await self._store.told([one.key for one in told])
        reach("announcement.recorded")
        for one in told:
            if one.key in known:
                self._answer(one.key, known[one.key])
        self._recorded.set()
        await asyncio.wait(answers, timeout=ANSWER_WITHIN_S)
        return [
            _view(one, answer.result() if answer.done() else None) for one, answer in zip(told, answers, strict=True)
        ]

    def _hold_to_contracts(self, environment: str, name: str, data: Any, listeners: Sequence[str]) -> None:
        for listener in listeners:
            declared = self._chains[environment][listener].events.get(name)
            problems = check_payload(declared.payload if declared else None, data)
            if problems:
                raise Refusal(
                    Code.INVALID_INPUT, f'the data do not fit what chain "{listener}" takes', "; ".join(problems)
                )

    async def _tell(self, engine: Engine, catalog: Catalog, announcement: Announcement) -> None:
        told = await self._decided(engine, catalog, announcement)
        reach("announcement.before-settle")
        await self._store.settle_announcement(announcement.key, told)
        reach("announcement.settled")
        self._answer(announcement.key, told)
        log.info(
            "told",
            action="announcement.told",
            chain=announcement.listener,
            name=announcement.event["name"],
            fate=told.fate,
            run=told.run_id,
            reason=told.reason,
        )

    def _answer(self, key: str, told: Told) -> None:
        waiting = self._waiting.pop(key, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(told)

    async def _decided(self, engine: Engine, catalog: Catalog, announcement: Announcement) -> Told:
        try:
            return await self._begun(engine, catalog, announcement)
        except ExpressionError as error:
            return Told(fate="unfit", at=self._clock(), reason=str(error))
        except Refusal as refusal:
            if refusal.code is Code.UNAVAILABLE:
                raise _NotNow(str(refusal)) from refusal
            is_unfit = refusal.code is Code.INVALID_INPUT
            return Told(fate="unfit" if is_unfit else "refused", at=self._clock(), reason=str(refusal))
        except StoreError:
            raise
        except Exception as error:
            # A mistake of ours about one announcement must not hold up all the others, now and after every restart.
            log.exception("a chain cannot be told", action="announcement.internal-error", key=announcement.key)
            return Told(fate="refused", at=self._clock(), reason=f"{type(error).__name__}: {error}")

    async def _begun(self, engine: Engine, catalog: Catalog, announcement: Announcement) -> Told:
        if announcement.depth >= MAX_DEPTH:
            raise Refusal(Code.CONFLICT, f"{MAX_DEPTH} runs have led to one another", "no further one is started")
        event = announcement.event
        moved = event["source"] if announcement.kind in _OF_REFS else {}
        environment, repository = announcement.environment, moved.get("repository")
        pinned = await catalog.pinned(announcement.listener, ref=None, environment=environment, repository=repository)
        trigger = _trigger(pinned.chain, announcement)
        if trigger is None:
            raise Refusal(Code.CONFLICT, f'chain "{pinned.chain.id}" does not listen to it any more')
        contexts = trigger_contexts(pinned.chain, announcement.event, announcement.at)
        if not lets_through(trigger.condition, contexts):
            return Told(fate="filtered", at=self._clock(), reason="its `if` does not hold")
        actor = moved.get("actor") or announcement.kind
        run_id = await engine.start_run(
            Actor(name=actor, organization=announcement.organization),
            announcement.listener,
            given_inputs(trigger.inputs, contexts),
            environment=environment,
            repository=repository,
            once=Once(scope="announcement", key=announcement.key),
            trigger=Trigger(kind=announcement.kind, actor=actor, key=announcement.key),
            depth=announcement.depth + 1,
            subject=_subject(announcement),
        )
        return Told(fate="started", at=self._clock(), run_id=run_id)


def _trigger(chain: Chain, announcement: Announcement) -> _Listening | None:
    """What of the chain listens to it, as the chain is now."""
    event = announcement.event
    match announcement.kind:
        case "event":
            found = chain.on_event
            return found if found and event["name"] in found.names else None
        case "chain":
            ended, source = chain.on_chain, event["source"]
            branch = source.get("branch") or ""
            return ended if ended and hears(ended, source["chain"], event["data"]["outcome"], branch) else None
        case "push":
            return chain.on_push
        case "pull_request":
            return chain.on_pull_request


def _subject(announcement: Announcement) -> Subject | None:
    if announcement.kind not in _OF_REFS:
        return None
    source = announcement.event["source"]
    return Subject(commit=source["after"], ref=source["ref"], is_foreign=announcement.kind == "pull_request")


def _view(announcement: Announcement, told: Told | None) -> dict[str, Any]:
    return {
        "kind": announcement.kind,
        "name": announcement.event["name"],
        "chain": announcement.listener,
        "at": announcement.at,
        "fate": told and told.fate,
        "told_at": told and told.at,
        "run_id": told and told.run_id,
        "reason": told.reason if told else "",
    }
