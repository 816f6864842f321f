"""Letters in the store: written with what causes them, taken out when they have arrived, kept as dead ones when they never will."""

import json
import sqlite3
from typing import Final

from chainwright.daemon.core.letters import Letter
from chainwright.daemon.store.port import Failure, Outgoing, PlannedPull

MOST_DEAD: Final = 1_000
"""Dead letters that are kept, the newest."""

_WRITE: Final = """
INSERT INTO letter (subject, id, receiver, body, made_at, due_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
ON CONFLICT (subject) DO UPDATE SET id = excluded.id, body = excluded.body, made_at = excluded.made_at, due_at = excluded.due_at,
    tries = 0, is_dead = 0, fault = ''
"""
_DUE: Final = """
SELECT receiver, subject, body, made_at, tries FROM letter WHERE is_dead = 0 AND due_at <= ? ORDER BY due_at, subject LIMIT ?
"""
_SENT: Final = "DELETE FROM letter WHERE subject = ? AND id = ?"
_FAILED: Final = "UPDATE letter SET tries = tries + 1, due_at = ?, fault = ?, is_dead = ? WHERE subject = ? AND id = ?"
_PRUNE: Final = """
DELETE FROM letter WHERE is_dead = 1 AND subject NOT IN (SELECT subject FROM letter WHERE is_dead = 1 ORDER BY made_at DESC LIMIT ?)
"""
_DEAD: Final = "SELECT subject, fault FROM letter WHERE is_dead = 1 ORDER BY made_at DESC"
_WAITING: Final = "SELECT count(*) FROM letter WHERE is_dead = 0"
_SEE: Final = """
INSERT INTO forge_pull (forge, number, seen) VALUES (?, ?, ?) ON CONFLICT (forge, number) DO UPDATE SET seen = excluded.seen
"""
_SEEN: Final = "SELECT number, seen FROM forge_pull WHERE forge = ?"
_FORGET: Final = "DELETE FROM forge_pull WHERE forge = ? AND number NOT IN (SELECT value FROM json_each(?))"


def plan_pull(connection: sqlite3.Connection, planned: PlannedPull) -> None:
    """The plan of a pull request and its letters, together."""
    connection.execute(_SEE, (planned.forge, planned.number, planned.seen))
    for letter in planned.letters:
        body = json.dumps(dict(letter.body), ensure_ascii=True)
        connection.execute(_WRITE, (letter.subject, letter.id, letter.receiver, body, letter.made_at))


def forget_pulls(connection: sqlite3.Connection, still: tuple[str, tuple[int, ...]]) -> None:
    """Forget those of a forge that are not open any more."""
    forge, numbers = still
    connection.execute(_FORGET, (forge, json.dumps(numbers)))


def sent(connection: sqlite3.Connection, letter: Letter) -> None:
    """It has arrived; one that took its place meanwhile stays."""
    connection.execute(_SENT, (letter.subject, letter.id))


def failed(connection: sqlite3.Connection, failure: Failure) -> None:
    """It has not arrived; of dead ones the oldest are forgotten."""
    letter = failure.letter
    connection.execute(_FAILED, (failure.due_at, failure.fault, failure.is_dead, letter.subject, letter.id))
    connection.execute(_PRUNE, (MOST_DEAD,))


def due(connection: sqlite3.Connection, now: float, limit: int) -> list[Letter]:
    """Letters that are to be sent now, the longest due first."""
    rows = connection.execute(_DUE, (now, limit))
    return [
        Letter(receiver=receiver, subject=subject, body=json.loads(body), made_at=made_at, tries=tries)
        for receiver, subject, body, made_at, tries in rows
    ]


def outgoing(connection: sqlite3.Connection) -> Outgoing:
    """What an operator should know."""
    (waiting,) = connection.execute(_WAITING).fetchone()
    return Outgoing(waiting=waiting, dead=tuple(connection.execute(_DEAD).fetchall()))


def seen_pulls(connection: sqlite3.Connection, forge: str) -> dict[int, str]:
    """What the last plan of each open pull request was made from."""
    return dict(connection.execute(_SEEN, (forge,)).fetchall())
