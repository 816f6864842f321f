"""Cron lines: what can be read, when they fire, and what the lint asks about them."""

import json
import os
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.schedule import (
    CronError,
    dst_notes,
    fires,
    is_timezone,
    never_fires,
    next_fires,
    parse_cron,
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


@pytest.mark.parametrize(
    ("alias", "line"),
    [("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), (" @Weekly ", "0 0 * * 0"), ("@annually", "0 0 1 1 *")],
)
def test_aliases_are_spelled_out(alias: str, line: str) -> None:
    assert parse_cron(alias).text == line


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 25 * * *", 'the hour cannot be "25"'),
        ("61 * * * *", 'the minute cannot be "61"'),
        ("* * * * FOO", 'the day of the week cannot be "FOO"'),
        ("* * * *", "minute, hour, day of month, month and day of week are expected; there are 4 fields"),
        ("", "there are 0 fields"),
        ("* * 31 4 *", "it never fires: month 4 has no day 31"),
        ("@reboot", "@reboot is not known; the aliases are"),
        ("H 2 * * *", "H is not supported yet"),
        ("H/15 * * * *", "H is not supported yet"),
        ("1" * 300, "longer than 200"),
    ],
)
def test_a_line_that_cannot_be_read_is_answered_with_the_field_and_the_reason(line: str, message: str) -> None:
    with pytest.raises(CronError) as caught:
        parse_cron(line)

    assert message in str(caught.value)
    assert caught.value.never is ("never" in message)


@given(st.text(alphabet="0123456789*/,-#LWH @ MONJA", max_size=30))
def test_any_text_is_a_line_or_a_cron_error(text: str) -> None:
    try:
        parse_cron(text)
    except CronError as error:
        assert str(error)


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


@pytest.mark.parametrize("name", ["UTC", "Europe/Riga", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_names_of_the_zone_database_are_time_zones(name: str) -> None:
    assert is_timezone(name)


@pytest.mark.parametrize(
    "name",
    ["", "Europe/Rigaa", "Europe", "../../etc/passwd", "/etc/localtime", "localtime", "right/UTC", "a\0b", "A" * 300],
)
def test_anything_else_is_not(name: str) -> None:
    assert not is_timezone(name)
    with pytest.raises(CronError, match="is not a time zone"):
        next_fires("@daily", name, 0, 1)


def test_a_line_whose_days_never_meet_never_fires() -> None:
    assert never_fires("0 0 LW * */7")
    assert not never_fires("0 0 29 2 *")


@pytest.mark.parametrize(
    ("line", "gap"),
    [("* * * * *", 60), ("0,5 0 * * *", 300), ("@hourly", 3600), ("*/10 * * * * *", 10), ("0 0 LW * */7", None)],
)
def test_the_shortest_gap_is_found(line: str, gap: float | None) -> None:
    assert shortest_gap_s(line) == gap


@pytest.mark.parametrize(
    ("line", "notes"),
    [
        (
            "30 3 * * *",
            (
                "when clocks go forward, 03:30 does not exist in Europe/Riga: it runs once, at 04:00",
                "when clocks go back, 03:30 comes twice in Europe/Riga: it runs once, the first time",
            ),
        ),
        (
            "*/30 3 * * *",
            (
                "when clocks go forward, 03:00 does not exist in Europe/Riga: it does not run",
                "when clocks go back, 03:00 comes twice in Europe/Riga: it runs both times",
            ),
        ),
        ("0 7 * * *", ()),
        ("30 3 * * MON", ()),
        ("@hourly", ()),
    ],
)
def test_notes_tell_what_a_change_of_the_clock_does(line: str, notes: tuple[str, ...]) -> None:
    assert dst_notes(line, "Europe/Riga") == notes
    assert dst_notes(line, "UTC") == ()


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
