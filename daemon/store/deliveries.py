"""Deliveries of webhooks in the store: what is kept of each, and how they are asked for.

One that starts a run is written by ``Store.create_run`` together with that run; the others stand alone.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from chainwright.daemon.store.bulk import Bulk, Parameters, insert
from chainwright.daemon.store.port import REPEATED_WITHIN_S, HookDelivery, KnownDelivery

RECORD: Final = insert(
    "hook_delivery",
    "id organization environment hook chain fate reason run_id first remote received_at last_at folded size",
    """
    ON CONFLICT (folded) DO UPDATE SET count = count + 1, last_at = excluded.last_at, remote = excluded.remote
    ON CONFLICT (id) DO UPDATE SET
        count = count + 1, last_at = excluded.last_at, fate = excluded.fate, reason = excluded.reason, run_id = excluded.run_id,
        chain = excluded.chain
    """,
)
KEEP_CONTENT: Final = insert("hook_content", "delivery size headers body", "ON CONFLICT DO NOTHING")
_NEW_OWNER: Final = f"""
ON CONFLICT (source, key) DO UPDATE SET delivery = excluded.delivery, at = excluded.at
WHERE hook_key.at <= excluded.at - {REPEATED_WITHIN_S}
    OR (SELECT run_id FROM hook_delivery WHERE id = hook_key.delivery) IS NULL
"""
# A key that led to a run stays that run's. Two statements of one text, because only of one it is an error not to get the key.
TAKE_KEY: Final = insert("hook_key", "source key delivery at", _NEW_OWNER)
REMEMBER_KEY: Final = insert("hook_key", "source key delivery at", _NEW_OWNER)
ORDER: Final = (TAKE_KEY, REMEMBER_KEY, RECORD, KEEP_CONTENT)
"""In which a transaction executes them, after its runs are there: keys before the deliveries that may have them."""

# A CROSS JOIN keeps its order: SQLite, which cannot know how few are asked, would go through all that there are.
_KNOWN: Final = """
SELECT asked.key, d.id, d.run_id
FROM json_each(?) AS asked
CROSS JOIN json_each(asked.value, '$.keys') AS wanted
CROSS JOIN hook_key k ON k.source = json_extract(asked.value, '$.source') AND k.key = wanted.value AND k.at > json_extract(asked.value, '$.after')
JOIN hook_delivery d ON d.id = k.delivery
ORDER BY asked.key, d.run_id IS NULL, d.id
"""
_SUMMARY: Final = """
SELECT id, organization, environment, hook, chain, fate, reason, run_id, first, remote, received_at, last_at, count, size,
    EXISTS (SELECT 1 FROM hook_content WHERE delivery = id) AS kept
FROM hook_delivery
"""
_PAGE: Final = f"""{_SUMMARY}
WHERE organization = ?1 AND id < ?2 AND (?3 IS NULL OR hook = ?3) AND (?4 IS NULL OR fate = ?4) ORDER BY id DESC LIMIT ?5
"""
_IDS: Final = "SELECT id FROM hook_delivery WHERE organization = ? AND id >= ? AND id < ? ORDER BY id LIMIT 2"
_ONE: Final = f"{_SUMMARY} WHERE id = ?"
_CONTENT: Final = "SELECT headers, body FROM hook_content WHERE delivery = ?"

_AFTER_ALL: Final = "~"
"""Sorts behind every id."""

_MOST_AT_ONCE: Final = 1_000
"""Rows that one transaction forgets: nobody who writes meanwhile waits for long."""
_FORGET: Final = (
    "DELETE FROM hook_key WHERE (source, key) IN (SELECT source, key FROM hook_key WHERE at <= ?1 LIMIT ?2)",
    """
    DELETE FROM hook_content WHERE delivery IN (SELECT id FROM hook_delivery WHERE last_at <= ?1 ORDER BY last_at LIMIT ?2)
    """,
    """
    DELETE FROM hook_delivery WHERE id IN (SELECT id FROM hook_delivery WHERE last_at <= ?1 ORDER BY last_at LIMIT ?2)
    """,
)
_DROP_CONTENT: Final = """
DELETE FROM hook_content WHERE delivery IN (
    SELECT delivery FROM (SELECT delivery, sum(size) OVER (ORDER BY delivery DESC) AS room FROM hook_content) WHERE room > ?
    LIMIT ?
)
"""


def rows_of(delivery: HookDelivery) -> list[tuple[Bulk, Parameters]]:
    """What is to be written about a delivery: itself, and its keys."""
    about = (delivery.organization, delivery.environment, delivery.hook, delivery.chain)
    became = (delivery.fate, delivery.reason, delivery.run_id, delivery.first, delivery.remote)
    times = (delivery.received_at, delivery.received_at)
    size = len(delivery.body or b"")
    rows: list[tuple[Bulk, Parameters]] = [(RECORD, (delivery.id, *about, *became, *times, delivery.folded, size))]
    if delivery.body is not None:
        headers = json.dumps(delivery.headers, ensure_ascii=False)
        rows.append((KEEP_CONTENT, (delivery.id, size + len(headers), headers, delivery.body)))
    remember = TAKE_KEY if delivery.run_id is not None else REMEMBER_KEY
    return rows + [(remember, (delivery.source, key, delivery.id, delivery.received_at)) for key in delivery.keys]


class Asked(NamedTuple):
    """Whether a delivery with any of these keys is known at this time."""

    source: str
    keys: tuple[str, ...]
    now: float


def known(connection: sqlite3.Connection, asked: Sequence[Asked]) -> list[KnownDelivery | None]:
    """For each the delivery that any of its keys names, one that became a run before others."""
    told = [{"source": one.source, "keys": one.keys, "after": one.now - REPEATED_WITHIN_S} for one in asked]
    found: dict[int, KnownDelivery] = {}
    for position, delivery_id, run_id in connection.execute(_KNOWN, (json.dumps(told),)):
        found.setdefault(position, KnownDelivery(id=delivery_id, run_id=run_id))
    return [found.get(position) for position in range(len(asked))]


def page(
    connection: sqlite3.Connection,
    organization: str,
    *,
    hook: str | None,
    fate: str | None,
    limit: int,
    before: str | None,
) -> list[dict[str, Any]]:
    """Deliveries, newest first."""
    return _dicts(connection.execute(_PAGE, (organization, before or _AFTER_ALL, hook, fate, limit)))


def ids(connection: sqlite3.Connection, organization: str, prefix: str) -> list[str]:
    """Up to two ids that begin so."""
    found = connection.execute(_IDS, (organization, prefix, prefix + _AFTER_ALL))
    return [one for (one,) in found]


def one(connection: sqlite3.Connection, delivery_id: str) -> dict[str, Any] | None:
    """A delivery without its content."""
    return next(iter(_dicts(connection.execute(_ONE, (delivery_id,)))), None)


def content(connection: sqlite3.Connection, delivery_id: str) -> tuple[dict[str, str], bytes] | None:
    """Headers and body of a delivery, while they are kept."""
    found = connection.execute(_CONTENT, (delivery_id,)).fetchone()
    return (json.loads(found[0]), found[1]) if found else None


def prune(connection: sqlite3.Connection, now: float, room_bytes: int) -> int:
    """Forget what is older than :data:`REPEATED_WITHIN_S` and the oldest content beyond this room, a part at a time.

    How many rows went; 0 when nothing is left to forget.
    """
    bounds = (now - REPEATED_WITHIN_S, _MOST_AT_ONCE)
    gone = sum(connection.execute(statement, bounds).rowcount for statement in _FORGET)
    return gone + connection.execute(_DROP_CONTENT, (room_bytes, _MOST_AT_ONCE)).rowcount


def _dicts(cursor: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) | {"kept": bool(row[-1])} for row in cursor]
