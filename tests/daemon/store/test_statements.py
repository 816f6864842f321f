"""No statement of the store goes through a table whose size grows with the history: pages stay fast at a million runs."""

import re
import sqlite3
from contextlib import closing
from itertools import combinations

import pytest

from chainwright.daemon.store import bulk, changes, feed, migrate, overviews, run_pages, statements
from chainwright.daemon.store.port import RunFilter

GROWING = {
    "run",
    "journal",
    "agent",
    "turn",
    "attempt",
    "event",
    "delivery",
    "timer",
    "input",
    "once",
    "fire",
    "outbox",
}

SINGLE = {
    name: text
    for name, text in vars(statements).items()
    if re.fullmatch("[A-Z][A-Z_]+", name) and isinstance(text, str) and name != "SUMMARY"
}
BULK = {name: value.texts[64] for name, value in vars(changes).items() if isinstance(value, bulk.Bulk)}


@pytest.fixture(scope="module")
def connection():
    """A database without statistics, as a new one is."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        migrate.migrate(opened, migrate.migrations(), 0.0)
        yield opened


def plan(connection, text):
    count = len(set(re.findall(r"\?\d+", text))) or text.count("?")
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", (None,) * count)]


def scanned(steps):
    """Tables that are gone through, other than by the small index of what has not finished; the rows of a parameter are no table."""
    found = (
        re.match(r"SCAN (?!json_each\b)(\w+)(?! USING (?:COVERING )?INDEX run_unfinished)\b(?! USING)", step)
        for step in steps
    )
    return {match[1] for match in found if match}


@pytest.mark.parametrize("name", SINGLE)
def test_a_question_or_change_never_scans_the_history(connection, name):
    assert not scanned(plan(connection, SINGLE[name]))


@pytest.mark.parametrize("name", BULK)
def test_a_change_of_many_rows_looks_each_of_them_up(connection, name):
    assert not scanned(plan(connection, BULK[name])) & GROWING


FILTERS = {"chain": "a", "state": "running", "outcome": "failed", "trigger": "push", "text": "b"}


@pytest.mark.parametrize("names", [names for size in range(6) for names in combinations(FILTERS, size)], ids="-".join)
def test_a_page_of_runs_is_read_in_its_order_and_not_sorted(connection, names):
    """Whatever is asked for."""
    for text in filter(None, run_pages.statements(RunFilter(**{name: FILTERS[name] for name in names}))):
        asked = dict.fromkeys(re.findall(r":(\w+)", text))
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", asked)]

        assert not scanned(steps)
        assert not [step for step in steps if "TEMP B-TREE" in step]


OVERVIEWS = {
    name: text
    for module in (overviews, feed)
    for name, text in vars(module).items()
    if str(text).strip().startswith("SELECT")
}


@pytest.mark.parametrize("name", OVERVIEWS)
def test_an_overview_never_goes_through_the_history(connection, name):
    steps = plan(connection, OVERVIEWS[name])

    assert not scanned(steps) & GROWING
