"""Tickets for terminals: a program that cannot send a header with its WebSocket asks for one with its token, and shows it in the address.

An address is written into logs, so a ticket is worth little: one opening of one session's terminal, within a minute, for who asked. Whoever
shows one is judged by it alone, whatever cookie comes along; the page's origin is checked as ever.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from chainwright.daemon.core.access import Actor
from chainwright.daemon.web.codes import Misuse
from chainwright.daemon.web.problems import BadRequest

GOOD_FOR_S: Final = 60.0
MOST: Final = 1_000
"""At once: beyond it the oldest ends."""
QUERY: Final = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalTicket:
    """What opens a terminal once."""

    secret: str
    expires_at: float


class TerminalTickets:
    """Those that have not been used. In memory: after a restart of the daemon people ask again."""

    def __init__(self, clock: Callable[[], float], random: Callable[[], str] | None = None) -> None:
        self._clock = clock
        self._random = random or (lambda: secrets.token_urlsafe(32))
        self._open: dict[str, tuple[Actor, str, float]] = {}

    def issue(self, actor: Actor, session: str) -> TerminalTicket:
        """One for a session, in the name of an actor."""
        secret, expires_at = self._random(), self._clock() + GOOD_FOR_S
        self._open[_digest(secret)] = (actor, session, expires_at)
        while len(self._open) > MOST:
            self._open.pop(next(iter(self._open)))
        return TerminalTicket(secret=secret, expires_at=expires_at)

    def redeem(self, secret: str, session: str) -> Actor:
        """In whose name it was made; it is used up, also when it is for another session."""
        actor, known, expires_at = self._open.pop(_digest(secret), (None, "", 0.0))
        if actor is None or known != session or expires_at <= self._clock():
            raise BadRequest(
                Misuse.UNAUTHORIZED, "the ticket has been used, or is too old", "ask for one with POST …/tickets"
            )
        return actor


TICKETS: Final = web.AppKey("TICKETS", TerminalTickets)
"""Under this key an application carries its tickets."""


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
