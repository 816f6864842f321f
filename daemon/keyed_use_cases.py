"""The use cases about requests under a key: what is on record of them."""

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.keyed_requests import KeptAnswer, KeyedRequest, KnownRequest
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.store.port import Store


class KeyedUseCases:
    """Part of :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(self, store: Store) -> None:
        self._keys = store

    async def known_request(self, actor: Actor, key: str) -> KnownRequest | None:
        return await self._keys.known_request(actor.organization, key)

    async def begin_request(self, actor: Actor, request: KeyedRequest) -> KnownRequest | None:
        with recording():
            return await self._keys.begin_request(actor.organization, request)

    async def answer_request(self, actor: Actor, request: KeyedRequest, answer: KeptAnswer) -> KnownRequest:
        with recording():
            return await self._keys.answer_request(actor.organization, request, answer)

    async def drop_request(self, actor: Actor, key: str) -> None:
        with recording():
            await self._keys.drop_request(actor.organization, key)
