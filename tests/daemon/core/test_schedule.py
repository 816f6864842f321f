"""Cron lines: what can be read, when they fire, and what the lint asks about them."""

import json
import os
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.cron_line import CronError, parse_cron
from chainwright.daemon.core.schedule import (
    fires,
    never_fires,
    next_fires,
    previous_fires,
    schedule_id,
    shortest_gap_s,
)

ROOT = Path(__file__).parents[3]
CASES = (
    Path(os.environ.get("CHAINWRIGHT_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / "cron" / "cronsim.json"
)
needs_cases = pytest.mark.skipif(
    not CASES.is_file(), reason=f"CONFORMANCE: the cases are not beside the repository: {CASES}"
)


def at(text: str) -> float:
    """Seconds of an ISO time, UTC where it names no offset."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def answer(case: dict[str, Any]) -> list[float]:
    look = previous_fires if case["reverse"] else next_fires
    return look(case["expr"], case["tz"] or "UTC", at(case["start"]), len(case["next"]))


def expected(case: dict[str, Any]) -> list[float]:
    """The case's due times; null stands where there are no more."""
    return [at(text) for text in case["next"] if text]


@needs_cases
def test_due_times_are_those_of_debian_cron() -> None:
    cases = json.loads(CASES.read_text())["cases"]

    assert [case for case in cases if answer(case) != expected(case)] == []
    assert len(cases) >= 156


@needs_cases
def test_lines_that_cron_refuses_are_refused() -> None:
    lines = json.loads(CASES.read_text())["invalid"]
    assert len(lines) >= 114
    for line in lines:
        with pytest.raises(CronError):
            parse_cron(line)


def test_a_due_time_is_later_than_the_time_asked_after() -> None:
    minute = at("2026-03-01T00:01:00")

    assert next_fires("* * * * *", "UTC", minute, 1) == [minute + 60]
    assert next_fires("* * * * *", "UTC", minute - 0.25, 1) == [minute]


@pytest.mark.parametrize("line", ["30 2 * * *", "*/20 * * * *", "0 0 L * *", "15 1,3 * * SUN", "0 */2 * * *"])
@pytest.mark.parametrize("begins", ["2026-03-25T00:00:00", "2026-10-22T00:00:00"])
def test_backwards_the_same_times_come_as_forwards(line: str, begins: str) -> None:
    zone, begin, end = "Europe/Riga", at(begins), at(begins) + 10 * 86_400 - 1
    forwards = list(takewhile(lambda time: time < end, fires(line, zone, begin)))

    assert previous_fires(line, zone, end, len(forwards)) == forwards[::-1]


def test_a_line_whose_days_never_meet_never_fires() -> None:
    assert never_fires("0 0 LW * */7")
    assert not never_fires("0 0 29 2 *")


@pytest.mark.parametrize(
    ("line", "gap"),
    [("* * * * *", 60), ("0,5 0 * * *", 300), ("@hourly", 3600), ("*/10 * * * * *", 10), ("0 0 LW * */7", None)],
)
def test_the_shortest_gap_is_found(line: str, gap: float | None) -> None:
    assert shortest_gap_s(line) == gap


def test_the_notes_say_what_happens() -> None:
    before = at("2026-03-29T00:00:00+02:00")

    assert next_fires("30 3 * * *", "Europe/Riga", before, 1) == [at("2026-03-29T04:00:00+03:00")]
    assert next_fires("*/30 3 * * *", "Europe/Riga", before, 1) == [at("2026-03-30T03:00:00+03:00")]


def test_a_schedule_keeps_its_identity_however_it_is_spelled() -> None:
    first = schedule_id("a", "0 0 * * *", "UTC", {"x": 1, "y": 2})

    assert first == schedule_id("a", "@daily", "UTC", {"y": 2, "x": 1})
    assert len({first, *(schedule_id(*other) for other in _OTHERS)}) == 1 + len(_OTHERS)


_OTHERS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("b", "0 0 * * *", "UTC", {"x": 1, "y": 2}),
    ("a", "0 1 * * *", "UTC", {"x": 1, "y": 2}),
    ("a", "0 0 * * *", "Europe/Riga", {"x": 1, "y": 2}),
    ("a", "0 0 * * *", "UTC", {"x": 1}),
)


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati", "UTC"])
@pytest.mark.parametrize("line", ["59 23 31 12 *", "*/59 23 31 12 *", "0 0 1 1 *"])
def test_a_line_ends_with_the_calendar(line: str, zone: str) -> None:
    assert next_fires(line, zone, at("9995-01-01T00:00:00"), 50)[-1] < at("9999-01-02T00:00:00")
    assert previous_fires(line, zone, at("0004-01-01T12:00:00"), 50)[-1] > at("0001-12-30T00:00:00")
