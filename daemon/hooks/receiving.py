"""Receives deliveries: proves the sender, knows repeats, asks the webhook's ``if``, makes the inputs, starts the run.

In this order, because nothing of a request is read before its sender is proven, and a repeat gets the answer of the first delivery
whatever the chain says by now (semantics 40). Of a sender that is not proven only the refusal is kept, counted by the hour; of any
other also the request, so that people can see it and replay it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from pydantic_core import to_json

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.expressions import ExpressionError
from chainwright.daemon.core.graph import Chain, Webhook
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.trigger_values import given_inputs, lets_through, trigger_contexts, webhook_event
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.ids import RunIds
from chainwright.daemon.engine.ports import Catalog, Clock, PinnedChain
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.hooks.live_secrets import ASKED_ANEW_S, KEPT_S, LiveSecrets
from chainwright.daemon.secrets.port import SecretUnavailable
from chainwright.daemon.store.port import HookDelivery, KnownDelivery, Store
from chainwright.daemon.triggers.webhooks.payloads import Unreadable, payload_of
from chainwright.daemon.triggers.webhooks.request import HookRequest, shown
from chainwright.daemon.triggers.webhooks.signatures import (
    BadProof,
    BadSecret,
    Proof,
    proven,
    require_usable,
    secret_header,
)

LARGE_BYTES: Final = 256 * 1024
"""Bodies beyond this are hashed and read in a thread; smaller ones are done before a thread has begun."""
MOST_INPUT_BYTES: Final = 1 << 20
"""Of all inputs together, as JSON: a run carries them in its journal for ever."""
_HOUR_S: Final = 3600.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A webhook in force, and what is pinned for its runs."""

    organization: str
    environment: str
    hook: Webhook
    pinned: PinnedChain

    @property
    def chain(self) -> Chain:
        return self.pinned.chain

    def delivery(self, delivery_id: str, at: float, remote: str, **known: Any) -> HookDelivery:
        """A delivery of it, accepted until something else is known."""
        return HookDelivery(
            id=delivery_id,
            organization=self.organization,
            environment=self.environment,
            hook=self.hook.id,
            chain=self.chain.id,
            received_at=at,
            remote=remote,
            **({"fate": "accepted"} | known),
        )


class _Unfit(Exception):
    """What was sent becomes no run of this chain; the message says why."""


class Hooks:
    """The webhooks in force, of one organization."""

    def __init__(
        self,
        engine: Engine,
        catalog: Catalog,
        store: Store,
        secrets: LiveSecrets,
        ids: RunIds,
        *,
        organization: str,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._catalog = catalog
        self._store = store
        self._secrets = secrets
        self._ids = ids
        self._organization = organization
        self._clock = clock
        self._chains: dict[tuple[str, str], str] = {}
        self._said: dict[str, float] = {}
        """What was last said about strangers, and in which hour."""
        self._under_way: dict[str, asyncio.Future[None]] = {}

    def follow(self, environment: str, chains: Mapping[str, Chain]) -> None:
        """From now on, these chains' webhooks and no others in this environment."""
        others = {place: chain for place, chain in self._chains.items() if place[0] != environment}
        ours = {(environment, hook.id): chain.id for chain in chains.values() for hook in chain.webhooks}
        self._chains = others | ours

    async def problems(self) -> dict[str, str]:
        """Webhook → why nobody can be proven to be its sender, of those of which that is so."""
        found: dict[str, str] = {}
        for environment, hook in tuple(self._chains):
            try:
                place = await self._place(environment, hook)
                require_usable(place.hook.verify, await self._secrets.of(place.hook.verify.secrets, kept_s=0.0))
            except (SecretUnavailable, BadSecret, Refusal) as error:
                found[f"{environment}/{hook}"] = str(error)
        return found

    def require(self, organization: str, environment: str, hook: str) -> None:
        """Refuse an address at which there is no webhook, before anything that is sent there is read."""
        if organization != self._organization or (environment, hook) not in self._chains:
            raise Refusal(Code.NOT_FOUND, "there is no such webhook", "the chain that declares it is not in force")

    async def receive(self, environment: str, hook: str, request: HookRequest, remote: str) -> dict[str, Any]:
        """What became of a delivery to a webhook that there is, as ``web.port`` says; durable when this returns.

        Raises Refusal: unavailable when the secret or the store is.
        """
        place = await self._place(environment, hook)
        at = self._clock()
        try:
            proof = await self._proven(place, request, at)
        except BadProof as bad:
            return await self._refused(place.delivery(self._ids.new(), at, remote), str(bad))
        if (challenge := _challenge(place, request)) is not None:
            return {"fate": "challenge", "delivery": None, "run_id": None, "reason": challenge}
        headers = shown(request.headers, secret_header(place.hook.verify))
        told = {"keys": proof.keys, "headers": headers, "body": request.body}
        delivery = place.delivery(self._ids.new(), at, remote, **told)
        reach("delivery.proven")
        async with self._alone(f"{delivery.source}/{key}" for key in proof.keys):
            first = await self._known(delivery)
            if first is not None and first.run_id is not None:
                return await self._repeated(delivery, first)
            return await self._decided(place, replace(delivery, id=first.id) if first else delivery, request)

    async def replay(self, actor: Actor, delivery_id: str) -> dict[str, Any]:
        """Decide anew on a delivery that is kept, by what is in force now; its sender was proven when it came."""
        kept = await self._store.delivery(delivery_id)
        content = await self._store.delivered(delivery_id)
        if kept is None or content is None:
            raise Refusal(Code.CONFLICT, f"delivery {delivery_id} cannot be replayed", "what was sent is not kept")
        self.require(kept["organization"], kept["environment"], kept["hook"])
        place = await self._place(kept["environment"], kept["hook"])
        headers, body = content
        told = {"first": delivery_id, "headers": headers, "body": body}
        delivery = place.delivery(self._ids.new(), self._clock(), actor.name, **told)
        return await self._decided(place, delivery, HookRequest(headers=headers, body=body))

    # the steps of a delivery

    async def _place(self, environment: str, hook: str) -> _Place:
        self.require(self._organization, environment, hook)
        pinned = await self._catalog.pinned(self._chains[environment, hook], ref=None, environment=environment)
        found = next((one for one in pinned.chain.webhooks if one.id == hook), None)
        if found is None:
            raise Refusal(Code.UNAVAILABLE, "the webhook is being deployed", "send it again")
        return _Place(organization=self._organization, environment=environment, hook=found, pinned=pinned)

    async def _known(self, delivery: HookDelivery) -> KnownDelivery | None:
        if not delivery.keys:
            return None
        return await self._store.known_delivery(delivery.source, delivery.keys, delivery.received_at)

    async def _proven(self, place: _Place, request: HookRequest, now: float) -> Proof:
        try:
            return await self._proven_by(place, request, now, kept_s=KEPT_S)
        except BadProof:
            return await self._proven_by(place, request, now, kept_s=ASKED_ANEW_S)

    async def _proven_by(self, place: _Place, request: HookRequest, now: float, *, kept_s: float) -> Proof:
        verify = place.hook.verify
        try:
            secrets = await self._secrets.of(verify.secrets, kept_s=kept_s)
            if len(request.body) > LARGE_BYTES:
                return await asyncio.to_thread(proven, verify, request, secrets, now)
            return proven(verify, request, secrets, now)
        except (SecretUnavailable, BadSecret) as error:
            if self._is_news(f"{place.environment}/{place.hook.id}", now):
                log.error("no delivery can be proven", action="hook.no-secret", hook=place.hook.id, error=str(error))
            raise Refusal(Code.UNAVAILABLE, "the webhook has no secret that could prove a sender") from None

    async def _decided(self, place: _Place, delivery: HookDelivery, request: HookRequest) -> dict[str, Any]:
        try:
            inputs = await self._inputs(place, delivery, request)
        except _Unfit as unfit:
            return await self._kept(replace(delivery, fate="unfit", reason=str(unfit)))
        if inputs is None:
            return await self._kept(replace(delivery, fate="filtered", reason="its `if` was false"))
        actor = Actor(name=f"webhook:{place.hook.id}", organization=place.organization)
        try:
            run_id = await self._engine.start_delivered(actor, place.pinned, inputs, delivery)
        except Refusal as refusal:
            if refusal.code is not Code.INVALID_INPUT:
                raise
            return await self._kept(replace(delivery, fate="unfit", reason=str(refusal)))
        reach("delivery.durable")
        log.info("accepted", action="hook.accepted", hook=place.hook.id, delivery=delivery.id, run=run_id)
        return _answer(delivery, run_id)

    async def _inputs(self, place: _Place, delivery: HookDelivery, request: HookRequest) -> dict[str, Any] | None:
        """The inputs of the run; None when the webhook's ``if`` lets it not through."""
        try:
            if len(request.body) > LARGE_BYTES:
                body = await asyncio.to_thread(payload_of, request)
            else:
                body = payload_of(request)
            event = webhook_event(place.hook.id, delivery.headers, body, delivery.received_at)
            contexts = trigger_contexts(place.chain, event, delivery.received_at)
            if not lets_through(place.hook.condition, contexts):
                return None
            inputs = given_inputs(place.hook.inputs, contexts)
            size = len(to_json(inputs)) if len(request.body) > LARGE_BYTES else 0
        except (Unreadable, ExpressionError, ValueError) as error:
            raise _Unfit(str(error)) from None
        if size > MOST_INPUT_BYTES:
            raise _Unfit(f"its inputs take {size} bytes, {MOST_INPUT_BYTES} are allowed")
        return inputs

    # what is kept of each fate

    async def _refused(self, delivery: HookDelivery, why: str) -> dict[str, Any]:
        hour = int(delivery.received_at // _HOUR_S)
        folded = f"refused/{delivery.source}/{hour}/{why}"
        if self._is_news(f"{delivery.source}/{why}", delivery.received_at):
            log.warning("refused", action="hook.refused", hook=delivery.hook, reason=why, remote=delivery.remote)
        return await self._kept(replace(delivery, fate="refused", reason=why, folded=folded))

    async def _repeated(self, delivery: HookDelivery, first: KnownDelivery) -> dict[str, Any]:
        repeat = replace(
            delivery, fate="duplicate", first=first.id, run_id=first.run_id, keys=(), headers={}, body=None
        )
        await self._kept(replace(repeat, folded=f"duplicate/{first.id}"))
        return _answer(repeat, first.run_id, delivery_id=first.id)

    async def _kept(self, delivery: HookDelivery) -> dict[str, Any]:
        with recording():
            await self._store.record_delivery(delivery)
        return _answer(delivery)

    def _is_news(self, what: str, now: float) -> bool:
        """Whether this has not been said in this hour: what strangers bring about must not fill the log."""
        hour = now // _HOUR_S
        is_news = self._said.get(what) != hour
        self._said[what] = hour
        return is_news

    @asynccontextmanager
    async def _alone(self, names: Iterable[str]) -> AsyncIterator[None]:
        """A block in which nobody else decides on a delivery of any of these names: of many at once, one becomes a run.

        The store holds to that too; here the others need not make a run that it then turns down, number and all.
        """
        ours = tuple(names)
        while before := {self._under_way[name] for name in ours if name in self._under_way}:
            await asyncio.wait(before)
        done = asyncio.get_running_loop().create_future()
        self._under_way.update(dict.fromkeys(ours, done))
        try:
            yield
        finally:
            for name in ours:
                del self._under_way[name]
            done.set_result(None)


def _answer(delivery: HookDelivery, run_id: str | None = None, *, delivery_id: str | None = None) -> dict[str, Any]:
    return {
        "fate": delivery.fate,
        "delivery": delivery_id or delivery.id,
        "run_id": run_id,
        "reason": delivery.reason,
    }


def _challenge(place: _Place, request: HookRequest) -> str | None:
    """What Slack wants to hear when an address is entered: it proves that we are here, and is no event."""
    if place.hook.verify.scheme != "slack":
        return None
    try:
        body = payload_of(request)
    except Unreadable:
        return None
    asks = isinstance(body, dict) and body.get("type") == "url_verification"
    return str(body.get("challenge", "")) if asks else None
