"""Movements of refs on record: what moved, who was told, who was passed over, and pushes that were not let in."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from chainwright.daemon.core.ref_telling import ToldMove
from chainwright.daemon.store.port import RefusedPush

MOST: Final = 10_000
"""That are kept, the newest."""

_RECORD: Final = """
INSERT INTO ref_move (key, kind, repository, ref, before, after, at, actor, passed_over, refusal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
_PRUNE: Final = "DELETE FROM ref_move WHERE id <= (SELECT max(id) FROM ref_move) - ?"
_PAGE: Final = """
SELECT id, key, kind, repository, ref, before, after, at, actor, passed_over, refusal FROM ref_move
WHERE (?1 IS NULL OR repository = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3
"""
_TOLD: Final = """
SELECT environment, listener, fate, started, reason FROM announcement WHERE key >= ?1 || '>' AND key < ?1 || '?' ORDER BY id
"""
_WORKED_ON: Final = 'SELECT 1 FROM run WHERE repository = ? AND "commit" = ? LIMIT 1'
_NEWEST: Final = 1 << 62


def record(connection: sqlite3.Connection, moves: Iterable[ToldMove]) -> None:
    """Keep these; the oldest go."""
    rows = [
        (
            one.key,
            one.kind,
            one.move.repository,
            one.move.ref,
            one.move.before,
            one.move.after,
            one.at,
            one.actor,
            json.dumps([asdict(passed) for passed in one.passed_over], ensure_ascii=True),
            "[]",
        )
        for one in moves
    ]
    _write(connection, rows)


def refuse(connection: sqlite3.Connection, push: RefusedPush) -> None:
    """Keep a push that was not let in."""
    said = json.dumps(push.lines, ensure_ascii=True)
    rows = [
        (f"refused:{push.at!r}:{ref}", "refused", push.repository, ref, before, after, push.at, push.actor, "[]", said)
        for ref, before, after in push.updates
    ]
    _write(connection, rows)


def _write(connection: sqlite3.Connection, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        connection.executemany(_RECORD, rows)
        connection.execute(_PRUNE, (MOST,))


def page(
    connection: sqlite3.Connection, repository: str | None, limit: int, before: int | None
) -> list[dict[str, Any]]:
    """Newest first, in the shape of ``schemas.repositories.MoveView``."""
    rows = connection.execute(_PAGE, (repository, before or _NEWEST, limit))
    names = [column[0] for column in rows.description]
    return [_shown(connection, dict(zip(names, row, strict=True))) for row in rows.fetchall()]


def _shown(connection: sqlite3.Connection, row: dict[str, Any]) -> dict[str, Any]:
    told = connection.execute(_TOLD, (row.pop("key"),))
    names = ("environment", "chain", "fate", "run_id", "reason")
    passed_over, refusal = json.loads(row.pop("passed_over")), json.loads(row.pop("refusal"))
    return row | {
        "told": [dict(zip(names, one, strict=True)) for one in told],
        "passed_over": passed_over,
        "refusal": refusal,
    }


def is_worked_on(connection: sqlite3.Connection, repository: str, commit: str) -> bool:
    """Whether any run, of whatever time, works at the commit."""
    return connection.execute(_WORKED_ON, (repository, commit)).fetchone() is not None
