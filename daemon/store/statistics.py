"""The ended runs of a chain with their attempts, as far as its statistics need them."""

import sqlite3
from typing import Any, Final

from chainwright.daemon.core.statistics import EndedAttempt, EndedRun

_RUNS: Final = """
SELECT id AS run_id, number, outcome, reason, detail, created_at, started_at, ended_at FROM run
WHERE organization = ? AND chain = ? AND outcome IS NOT NULL AND ended_at IS NOT NULL ORDER BY id DESC LIMIT ?
"""
_ATTEMPTS: Final = f"""
SELECT agent, outcome, ended_at - started_at AS took_s FROM attempt
WHERE run_id IN (SELECT run_id FROM ({_RUNS})) AND outcome IS NOT NULL AND started_at IS NOT NULL AND ended_at IS NOT NULL
"""


def ended(
    connection: sqlite3.Connection, organization: str, chain: str, limit: int
) -> tuple[list[EndedRun], list[EndedAttempt]]:
    """The last runs of a chain that have ended, newest first, and their attempts that had started."""
    asked = (organization, chain, limit)
    runs = [EndedRun(**row) for row in _rows(connection.execute(_RUNS, asked))]
    return runs, [EndedAttempt(**row) for row in _rows(connection.execute(_ATTEMPTS, asked))]


def _rows(found: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]
