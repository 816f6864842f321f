"""What people see of runs, put together from the projections in the shapes of ``schemas.api``."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from chainwright.daemon.core.attempt_ids import branch_of
from chainwright.daemon.store import announcements
from chainwright.daemon.store import statements as sql

Row = dict[str, Any]

_AFTER_EVERY_ID: Final = "\U0010ffff"

_NOT_STARTED: Final[Row] = {"state": "waiting", "outcome": None, "reason": None, "detail": ""}


def run_ids(connection: sqlite3.Connection, organization: str, prefix: str, limit: int) -> list[str]:
    """Ids that begin with ``prefix``, newest first."""
    found = connection.execute(sql.FIND_RUNS, (organization, prefix, prefix + _AFTER_EVERY_ID, limit))
    return [run_id for (run_id,) in found]


def run(connection: sqlite3.Connection, run_id: str) -> Row | None:
    """A RunDetail: every agent of the chain in the order of its file, started or not."""
    for summary in _rows(connection, sql.RUN, run_id):
        commit, definition, inputs, outputs = connection.execute(sql.RUN_VALUES, (run_id,)).fetchone()
        agents = _agents(connection, run_id, _declared(connection, definition))
        values = {"definition_commit": commit, "inputs": json.loads(inputs), "outputs": json.loads(outputs)}
        retries = [retry for (retry,) in connection.execute(sql.RETRIES, (run_id,))]
        links = {"retries": retries, "told": announcements.of_run(connection, run_id)}
        return _summary(summary) | values | links | {"agents": agents}
    return None


def events(connection: sqlite3.Connection, run_id: str) -> list[Row]:
    """EventViews in their order."""
    deliveries = _grouped(_rows(connection, sql.DELIVERIES, run_id), "number")
    return [
        event | {"data": json.loads(event["data"]), "deliveries": deliveries[(event["number"],)]}
        for event in _rows(connection, sql.EVENTS, run_id)
    ]


def _summary(row: Row) -> Row:
    return row | {"trigger": json.loads(row["trigger"])}


def _agents(connection: sqlite3.Connection, run_id: str, declared: Row) -> dict[str, Row]:
    skipped = {agent: row[0] for (agent,), row in _grouped(_rows(connection, sql.AGENTS, run_id), "agent").items()}
    turns = _turns(connection, run_id, declared)
    known = dict.fromkeys([*declared, *turns, *skipped])
    for agent in (agent for agent, one in declared.items() if one.get("workspace") == "worktree"):
        _name_branches(turns.get(agent, []))
    return {agent: _agent(turns.get(agent, []), skipped.get(agent, _NOT_STARTED)) for agent in known}


def _name_branches(turns: list[Row]) -> None:
    for attempt in (attempt for turn in turns for attempt in turn["attempts"]):
        attempt["branch"] = branch_of(attempt["id"])


def _agent(turns: list[Row], without_turns: Row) -> Row:
    """Its state is that of its last turn that was not skipped; else of its last one; else what is known without any."""
    counted = [turn for turn in turns if turn["outcome"] != "skipped"]
    last = (counted or turns or [without_turns])[-1]
    return {name: last[name] for name in _NOT_STARTED} | {"turns": turns}


def _turns(connection: sqlite3.Connection, run_id: str, declared: Row) -> dict[str, list[Row]]:
    attempts = _grouped(_rows(connection, sql.ATTEMPTS, run_id), "agent", "turn")
    legs = _grouped(_rows(connection, sql.LEGS, run_id), "agent", "turn")
    steps = _grouped(_rows(connection, sql.STEPS, run_id), "attempt_id")
    for (agent, _), found in attempts.items():
        names = declared.get(agent, {}).get("steps", ())
        for attempt in found:
            attempt["steps"] = [_step(row, names) for row in steps[attempt["id"],]]
            attempt["branch"] = None
            attempt["attention"] = _attention(attempt)
    turns = defaultdict(list)
    for row in _rows(connection, sql.TURNS, run_id):
        agent = row.pop("agent")
        values = {"outputs": json.loads(row["outputs"]), "events": json.loads(row["events"])}
        place = (agent, row["turn"])
        shown = [_leg(leg, attempts[place]) for leg in legs[place]]
        turns[agent].append(row | values | {"attempts": attempts[place], "legs": shown})
    return turns


def _attention(row: Row) -> Row | None:
    """An AttentionView, of an attempt that waits for a person."""
    cause, since, excerpt = (row.pop(name) for name in ("attention", "attention_at", "excerpt"))
    return {"cause": cause, "since": since, "excerpt": excerpt} if cause else None


def _leg(row: Row, attempts: list[Row]) -> Row:
    """A leg that has not ended is where its last attempt is."""
    states = [attempt["state"] for attempt in attempts if attempt["leg"] == row["leg"]]
    state = "finished" if row["outcome"] else (states or ["queued"])[-1]
    return row | {"state": state, "matrix": json.loads(row["matrix"]), "outputs": json.loads(row["outputs"])}


def _step(row: Row, declared: Sequence[Row]) -> Row:
    """A StepView; one that has ended has an outcome, one that has not begun no time."""
    names = declared[row["step"] - 1] if declared else {"id": "", "name": ""}
    begun = "running" if row["started_at"] else "starting"
    state = "finished" if row["outcome"] else begun
    return row | {"id": names["id"], "name": names["name"], "state": state, "outputs": json.loads(row["outputs"])}


def _declared(connection: sqlite3.Connection, definition: str) -> Row:
    """The chain's agents by id. Plain JSON suffices: only ids and names are wanted, and older forms keep them."""
    found = connection.execute(sql.DEFINITION, (definition,)).fetchone()
    return dict(json.loads(found[0])["agents"]) if found else {}


def _grouped(rows: Iterable[Row], *keys: str) -> defaultdict[tuple[Any, ...], list[Row]]:
    """Rows by the values of ``keys``, which are taken out of them."""
    groups: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row.pop(key) for key in keys)].append(row)
    return groups


def _rows(connection: sqlite3.Connection, statement: str, *parameters: Any) -> Iterable[Row]:
    found = connection.execute(statement, parameters)
    names = [column[0] for column in found.description]
    return (dict(zip(names, row, strict=True)) for row in found)
