"""What people see over many runs at once: how the last ones ended, and the events of all of them."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from chainwright.daemon.store.port import EventFilter, EventPage
from chainwright.daemon.store.statements import SUMMARY

WINDOW: Final = 4_000
"""Events that are looked at for one page, whatever the filter."""

_ENDED: Final = """
SELECT outcome, count(*) FROM run INDEXED BY run_ended
WHERE organization = ? AND ended_at >= ? AND ended_at IS NOT NULL GROUP BY outcome
"""
_RECENT: Final = f"""
SELECT {SUMMARY} FROM run INDEXED BY run_history_of_chain WHERE organization = ? AND chain = ? ORDER BY id DESC LIMIT ?
"""
_SEEN: Final = """
SELECT run_id, number FROM event WHERE (run_id, number) < (?, ?) ORDER BY run_id DESC, number DESC LIMIT ?
"""
_EVENTS: Final = f"""
SELECT e.run_id, e.number, e.name, ifnull(e.agent, a.agent) AS agent, e.attempt_id, e.at, e.data, e.fate, e.why, r.chain,
    (SELECT json_group_array(json_object('agent', d.agent, 'state', d.state, 'turn', d.turn)) FROM delivery AS d
     WHERE d.run_id = e.run_id AND d.number = e.number) AS deliveries
FROM ({_SEEN}) AS seen
JOIN event AS e ON e.run_id = seen.run_id AND e.number = seen.number
JOIN run AS r ON r.id = e.run_id
LEFT JOIN attempt AS a ON a.id = e.attempt_id
WHERE r.organization = ? AND (? IS NULL OR e.name = ?)
    AND (NOT ? OR (e.fate = 'routed' AND NOT EXISTS
        (SELECT 1 FROM delivery AS d WHERE d.run_id = e.run_id AND d.number = e.number)))
ORDER BY e.run_id DESC, e.number DESC LIMIT ?
"""
_LAST_SEEN: Final = f"SELECT run_id, number FROM ({_SEEN}) ORDER BY run_id, number LIMIT 1"
_COUNT_SEEN: Final = f"SELECT count(*) FROM ({_SEEN})"
_AFTER_EVERY_ID: Final = "\U0010ffff"


def ended_since(connection: sqlite3.Connection, organization: str, at: float) -> dict[str, int]:
    """How many runs have ended since then, by outcome."""
    return dict(connection.execute(_ENDED, (organization, at)))


def recent(connection: sqlite3.Connection, organization: str, chains: Sequence[str], limit: int) -> dict[str, Any]:
    """RunSummaries of the last runs of each chain, newest first."""
    return {chain: _dicts(connection.execute(_RECENT, (organization, chain, limit))) for chain in chains}


def events(
    connection: sqlite3.Connection,
    organization: str,
    wanted: EventFilter,
    *,
    limit: int,
    before: tuple[str, int] | None,
) -> EventPage:
    """Events of the newest runs first, each run's last event first."""
    seen = (*(before or (_AFTER_EVERY_ID, 0)), WINDOW)
    chosen = (organization, wanted.name, wanted.name, wanted.unmatched)
    found = [_event(row) for row in _dicts(connection.execute(_EVENTS, (*seen, *chosen, limit + 1)))]
    if len(found) > limit:
        return EventPage(rows=found[:limit], next=(found[limit - 1]["run_id"], found[limit - 1]["number"]))
    (count,) = connection.execute(_COUNT_SEEN, seen).fetchone()
    return EventPage(rows=found, next=connection.execute(_LAST_SEEN, seen).fetchone() if count == WINDOW else None)


def _event(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"data": json.loads(row["data"]), "deliveries": json.loads(row["deliveries"])}


def _dicts(found: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description]
    rows = (dict(zip(names, row, strict=True)) for row in found)
    return [row | ({"trigger": json.loads(row["trigger"])} if "trigger" in row else {}) for row in rows]
