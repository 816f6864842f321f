"""Requests under a key, in the store. Whoever adds one takes some of the forgotten ones out, so that nothing else has to."""

import sqlite3
from typing import Final

from chainwright.daemon.core.keyed_requests import KNOWN_FOR_S, KeptAnswer, KeyedRequest, KnownRequest

_FORGET: Final = """
DELETE FROM keyed_request WHERE id IN (SELECT id FROM keyed_request WHERE at <= ? ORDER BY at LIMIT 20)
OR (organization = ? AND key = ? AND at <= ?)
"""
_BEGIN: Final = """
INSERT INTO keyed_request (organization, key, fingerprint, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
"""
_KNOWN: Final = """
SELECT fingerprint, status, location, body FROM keyed_request WHERE organization = ? AND key = ? AND at > ?
"""
_ANSWER: Final = """
INSERT INTO keyed_request (organization, key, fingerprint, at, status, location, body) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (organization, key) DO UPDATE SET status = excluded.status, location = excluded.location, body = excluded.body
WHERE fingerprint = excluded.fingerprint AND status IS NULL
"""
_DROP: Final = "DELETE FROM keyed_request WHERE organization = ? AND key = ? AND status IS NULL"


def begin(connection: sqlite3.Connection, organization: str, request: KeyedRequest, now: float) -> KnownRequest | None:
    """Write that it was begun, unless its key is known already: then what is known."""
    _forget(connection, organization, request.key, now)
    if connection.execute(_BEGIN, (organization, request.key, request.fingerprint, now)).rowcount:
        return None
    return known(connection, organization, request.key, now)


def known(connection: sqlite3.Connection, organization: str, key: str, now: float) -> KnownRequest | None:
    """What is on record of a key."""
    found = connection.execute(_KNOWN, (organization, key, now - KNOWN_FOR_S)).fetchone()
    if found is None:
        return None
    fingerprint, status, location, body = found
    answer = None if status is None else KeptAnswer(status=status, location=location, body=body)
    return KnownRequest(fingerprint=fingerprint, answer=answer)


def answer(
    connection: sqlite3.Connection, organization: str, request: KeyedRequest, kept: KeptAnswer, now: float
) -> KnownRequest:
    """Write what it was answered, unless its key has an answer or is another's; what is on record then."""
    _forget(connection, organization, request.key, now)
    told = (kept.status, kept.location, kept.body)
    connection.execute(_ANSWER, (organization, request.key, request.fingerprint, now, *told))
    return known(connection, organization, request.key, now) or KnownRequest(
        fingerprint=request.fingerprint, answer=kept
    )


def drop(connection: sqlite3.Connection, organization: str, key: str) -> None:
    """Forget a request that was refused: nothing was done."""
    connection.execute(_DROP, (organization, key))


def _forget(connection: sqlite3.Connection, organization: str, key: str, now: float) -> None:
    forgotten = now - KNOWN_FOR_S
    connection.execute(_FORGET, (forgotten, organization, key, forgotten))
