"""Pages of the list of runs, newest first, for any choice of filters.

A page costs the same at a hundred runs and at a million. One filter, the most choosing of those that have an index, drives; the others
are compared with at most :data:`WINDOW` rows. A page whose window was not enough holds fewer rows than were asked for, and says where to
go on.
"""

import json
import sqlite3
from dataclasses import asdict, replace
from typing import Any, Final

from chainwright.daemon.store.port import RunFilter, RunPage
from chainwright.daemon.store.statements import SUMMARY

WINDOW: Final = 4_000
MOST_CHAINS: Final = 8
"""Chains that a text may mean and each be looked up; when it fits more, it is compared with the rows of the window."""

_AFTER_EVERY_ID: Final = "\U0010ffff"
_UNSUCCESSFUL: Final = "outcome = :outcome AND outcome IS NOT NULL AND outcome <> 'succeeded'"
_DRIVERS: Final = {
    # filters → (their index, the condition that lets the index be used)
    "state": ("run_unfinished", "state <> 'finished'"),
    "chain outcome": ("run_history_of_chain_outcome", f"chain = :chain AND {_UNSUCCESSFUL}"),
    "outcome": ("run_history_of_outcome", _UNSUCCESSFUL),
    "chain": ("run_history_of_chain", "chain = :chain"),
    "trigger": ("run_history_of_trigger", "trigger_kind = :trigger"),
    "": ("run_history", "TRUE"),
}
_CONDITIONS: Final = {
    "chain": "chain = :chain",
    "repository": "repository = :repository",
    "environment": "environment = :environment",
    "state": "state = :state",
    "outcome": "outcome = :outcome",
    "trigger": "trigger_kind = :trigger",
    "text": "instr(lower(chain), :text)",
}
_CHAINS: Final = """
SELECT DISTINCT chain FROM chain_number WHERE organization = ? AND instr(lower(chain), ?) ORDER BY chain LIMIT ?
"""


def page(
    connection: sqlite3.Connection, organization: str, wanted: RunFilter, *, limit: int, before: str | None
) -> RunPage:
    """The rows that fit, and the cursor of the page after this one, if there may be one."""
    until = before or _AFTER_EVERY_ID
    if wanted.text is None:
        return _part(connection, organization, wanted, limit, until)
    meant = _meant(connection, organization, wanted)
    parts = [_part(connection, organization, one, limit, until) for one in meant]
    return _joined([*parts, _with_id(connection, organization, wanted, limit, until)], limit)


def statements(wanted: RunFilter) -> tuple[str, str | None]:
    """What asks for the rows that fit, and what asks how far down they may be looked for; None where every row fits."""
    driver = _driver(wanted)
    index, driving = _DRIVERS[driver]
    rest = [
        text for name, text in _CONDITIONS.items() if getattr(wanted, name) is not None and name not in driver.split()
    ]
    if driver == "state":
        rest.append(_CONDITIONS["state"])
    source = (
        f"run INDEXED BY {index} WHERE organization = :organization AND {driving} AND id < :before AND id >= :since"
    )
    fitting = "".join(f" AND {condition}" for condition in rest)
    rows = f"SELECT {SUMMARY} FROM {source}{fitting} ORDER BY id DESC LIMIT :limit"
    return rows, f"SELECT id FROM {source} ORDER BY id DESC LIMIT 1 OFFSET :window" if rest else None


def _driver(wanted: RunFilter) -> str:
    if wanted.state not in (None, "finished"):
        return "state"
    if wanted.outcome not in (None, "succeeded"):
        return "outcome" if wanted.chain is None else "chain outcome"
    return "chain" if wanted.chain is not None else "trigger" if wanted.trigger is not None else ""


def _part(connection: sqlite3.Connection, organization: str, wanted: RunFilter, limit: int, before: str) -> RunPage:
    rows, floor_of = statements(wanted)
    asked = asdict(wanted) | {"organization": organization, "before": before, "since": wanted.since or ""}
    floor = connection.execute(floor_of, asked | {"window": WINDOW}).fetchone() if floor_of else None
    found = _dicts(connection, rows, asked | {"limit": limit + 1, "since": floor[0] if floor else asked["since"]})
    if len(found) > limit:
        return RunPage(rows=found[:limit], next=found[limit - 1]["id"])
    return RunPage(rows=found, next=floor[0] if floor else None)


def _meant(connection: sqlite3.Connection, organization: str, wanted: RunFilter) -> list[RunFilter]:
    """The same filter for each chain that its text means; itself when these are many."""
    text = str(wanted.text).lower()
    chains = [one for (one,) in connection.execute(_CHAINS, (organization, text, MOST_CHAINS + 1))]
    if len(chains) > MOST_CHAINS:
        return [replace(wanted, text=text)]
    return [replace(wanted, text=None, chain=one) for one in chains if wanted.chain in (None, one)]


def _with_id(connection: sqlite3.Connection, organization: str, wanted: RunFilter, limit: int, before: str) -> RunPage:
    """Those whose id begins with the text."""
    begins = str(wanted.text).lower()
    since = max(begins, wanted.since or "")
    until = min(begins + _AFTER_EVERY_ID, before)
    return _part(connection, organization, replace(wanted, text=None, since=since), limit, until)


def _joined(parts: list[RunPage], limit: int) -> RunPage:
    """One page of several: no further down than where each of them is whole."""
    floor = max((part.next for part in parts if part.next is not None), default=None)
    every = {row["id"]: row for part in parts for row in part.rows}
    rows = [every[one] for one in sorted(every, reverse=True) if floor is None or one >= floor]
    return RunPage(rows=rows[:limit], next=rows[limit - 1]["id"] if len(rows) > limit else floor)


def _dicts(connection: sqlite3.Connection, statement: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found = connection.execute(statement, asked)
    names = [column[0] for column in found.description]
    rows = (dict(zip(names, row, strict=True)) for row in found)
    return [row | {"trigger": json.loads(row["trigger"])} for row in rows]
