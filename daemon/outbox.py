"""The one task that sends letters: each until it has arrived, at least once, with a stable id.

A receiver that is away, or asks for patience, holds all of its letters; those for others go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from chainwright.daemon.core.letters import GIVEN_UP_AFTER_S, Letter, wait_s
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.store.port import Failure, Store, StoreError

LOOK_S: Final = 1.0
_AT_ONCE: Final = 50

Send = Callable[[Letter], Awaitable[None]]
"""Returns when the letter has arrived; raises :class:`Later` or :class:`Never`."""

log = structlog.get_logger()


class Later(Exception):
    """The receiver cannot take it now; ``after_s`` is how long it asks to be left alone, if it says so."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class Never(Exception):
    """The receiver will not take it, however often it is sent."""


class Outbox:
    """Sends what is due, to the receivers that are known by name."""

    def __init__(self, store: Store, clock: Clock, chance: Callable[[], float]) -> None:
        self.receivers: dict[str, Send] = {}
        self._store = store
        self._clock = clock
        self._chance = chance
        self._held: dict[str, float] = {}

    async def run(self) -> None:
        """Sends until it is cancelled."""
        while True:
            try:
                await self.send_due()
            except StoreError as error:
                log.warning("letters cannot be read or noted now", action="outbox.waits", error=str(error))
            await asyncio.sleep(LOOK_S)

    async def send_due(self) -> None:
        """One round over what is due now."""
        now = self._clock()
        for letter in await self._store.due_letters(now, _AT_ONCE):
            if self._held.get(letter.receiver, 0.0) <= now:
                await self._send(letter, self.receivers)

    async def _send(self, letter: Letter, receivers: Mapping[str, Send]) -> None:
        try:
            if letter.receiver not in receivers:
                raise Later(f"{letter.receiver} is not configured")
            await receivers[letter.receiver](letter)
        except Later as error:
            await self._fail(letter, str(error), error.after_s)
        except Never as error:
            await self._fail(letter, str(error), None, is_dead=True)
        else:
            await self._store.letter_sent(letter)
            log.info("a letter arrived", action="outbox.sent", subject=letter.subject, id=letter.id)

    async def _fail(self, letter: Letter, fault: str, after_s: float | None, *, is_dead: bool = False) -> None:
        now = self._clock()
        due = now + max(wait_s(letter.tries, self._chance()), after_s or 0.0)
        is_dead = is_dead or now - letter.made_at > GIVEN_UP_AFTER_S
        if not is_dead:
            self._held[letter.receiver] = due
        await self._store.letter_failed(Failure(letter=letter, due_at=due, fault=fault, is_dead=is_dead))
        told = {"subject": letter.subject, "error": fault, "is_dead": is_dead}
        log.warning("a letter did not arrive", action="outbox.failed", **told)
