"""Browsers that are signed in: a link makes a cookie, a cookie names an actor until it expires or signs out.

A ticket is the secret of a link. It lives in memory, for one use within :data:`TICKET_S`, so a link that stays behind in a terminal or
a browser's history is worth nothing. A sign-in outlives the daemon, because a page that is open must find its way back after a restart;
the file holds digests, so who reads it signs in nowhere. What a request's origin must be is in ``origin``.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from chainwright.daemon.core.access import Actor

TICKET_S: Final = 600.0
SIGN_IN_S: Final = 7 * 86_400.0
MOST: Final = 100
"""Sign-ins, and tickets, at once: beyond it the oldest ends."""

Random = Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A browser that is signed in; ``digest`` is that of its cookie's secret."""

    digest: str
    name: str
    is_owner: bool
    expires_at: float

    @property
    def actor(self) -> Actor:
        """Who asks with it."""
        return Actor(name=self.name, is_owner=self.is_owner)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """The secret of a link, for one use."""

    secret: str
    expires_at: float


class SignIns:
    """All of a home. ``path`` keeps them over a restart; None keeps them in memory."""

    def __init__(self, path: Path | None, clock: Callable[[], float], random: Random | None = None) -> None:
        self._path = path
        self._clock = clock
        self._random = random or (lambda: secrets.token_urlsafe(32))
        self._tickets: dict[str, tuple[Actor, float]] = {}
        self._open = _read(path)

    def ticket(self, actor: Actor) -> Ticket:
        """A new ticket, in the name of an actor."""
        secret, expires_at = self._random(), self._clock() + TICKET_S
        self._tickets[_digest(secret)] = (actor, expires_at)
        _bound(self._tickets)
        return Ticket(secret=secret, expires_at=expires_at)

    def redeem(self, ticket: str) -> Actor | None:
        """In whose name a ticket was made; it is used up. None for one that is unknown, used or too old."""
        actor, expires_at = self._tickets.pop(_digest(ticket), (None, 0.0))
        return actor if expires_at > self._clock() else None

    def begin(self, actor: Actor, before: str | None = None) -> tuple[str, SignIn]:
        """Sign a browser in: the cookie's secret, always a new one, and what it stands for. ``before``, its secret so far, ends."""
        if before is not None:
            self._open.pop(_digest(before), None)
        secret = self._random()
        expires_at = self._clock() + SIGN_IN_S
        begun = SignIn(digest=_digest(secret), name=actor.name, is_owner=actor.is_owner, expires_at=expires_at)
        self._open[begun.digest] = begun
        self._keep()
        return secret, begun

    def of(self, secret: str) -> SignIn | None:
        """What a cookie stands for; None once it has ended."""
        found = self._open.get(_digest(secret))
        return found if found is not None and found.expires_at > self._clock() else None

    def end(self, secret: str) -> None:
        """Sign a browser out, whatever it sends."""
        if self._open.pop(_digest(secret), None) is not None:
            self._keep()

    def _keep(self) -> None:
        now = self._clock()
        self._open = {digest: one for digest, one in self._open.items() if one.expires_at > now}
        _bound(self._open)
        if self._path is not None:
            _write(self._path, [asdict(one) for one in self._open.values()])


def form_key(secret: str) -> str:
    """What a form of a page must send back beside the cookie: only a page that was made for this sign-in knows it."""
    return _digest(f"form {secret}")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _bound(known: dict[str, object] | dict[str, SignIn] | dict[str, tuple[Actor, float]]) -> None:
    while len(known) > MOST:
        known.pop(next(iter(known)))


def _read(path: Path | None) -> dict[str, SignIn]:
    """A file that cannot be read costs people a click, not the daemon its start."""
    try:
        rows = json.loads(path.read_bytes()) if path is not None else []
        return {one.digest: one for one in (SignIn(**row) for row in rows)}
    except (OSError, ValueError, TypeError):
        return {}


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    aside = path.with_suffix(".new")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(rows, file)
    aside.replace(path)
