"""Forgets deliveries whose time is over, and the oldest contents when they take too much room."""

import asyncio
from typing import Final

import structlog

from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.store.port import Store, StoreError

EVERY_S: Final = 60.0

log = structlog.get_logger()


async def forget_old_deliveries(store: Store, clock: Clock, room_bytes: int) -> None:
    """Never returns by itself; what cannot be forgotten now is forgotten later."""
    while True:
        try:
            while await store.prune_deliveries(clock(), room_bytes):
                pass  # a part at a time: others write in between
        except StoreError as error:
            log.warning("old deliveries stay", action="hook.not-forgotten", error=str(error))
        await asyncio.sleep(EVERY_S)
