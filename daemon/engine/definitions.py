"""Compiled chains by their hashes, as the store keeps them: read once and kept for runs that are taken over, retried or looked at."""

from typing import Final

from chainwright.daemon.core.graph import CHAIN_JSON, Chain
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.store.port import Store

KEPT: Final = 256
"""In memory."""


class Definitions:
    """The compiled chains of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Chain] = {}

    async def of(self, digest: str) -> Chain:
        """The chain with this hash. Refused when the store does not keep it."""
        if digest not in self._kept:
            body = await self._store.definition(digest)
            if body is None:
                raise Refusal(Code.NOT_FOUND, f"the compiled chain {digest[:12]} is not in the store")
            self._kept[digest] = CHAIN_JSON.validate_json(body)
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return self._kept[digest]
