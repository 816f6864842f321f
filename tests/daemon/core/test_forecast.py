"""The next due times as people read them, and what changes of the clock do to them."""

from datetime import datetime

import pytest

from chainwright.daemon.core.cron_line import CronError
from chainwright.daemon.core.forecast import DueTime, dst_notes, forecast
from chainwright.daemon.core.time_zones import UnknownZone


def at(text: str) -> float:
    """Seconds of an ISO time with its offset."""
    return datetime.fromisoformat(text).timestamp()


def test_a_forecast_gives_the_next_due_times_in_the_zone() -> None:
    made = forecast("0 7 * * 1", "Europe/Riga", at("2026-06-01T12:00:00+00:00"), 2)

    assert [fire.local for fire in made.fires] == ["2026-06-08T07:00:00+03:00", "2026-06-15T07:00:00+03:00"]
    assert made.fires[0] == DueTime(at=at("2026-06-08T04:00:00+00:00"), local="2026-06-08T07:00:00+03:00")
    assert made.notes == ()


def test_five_are_given_unless_asked_otherwise() -> None:
    assert len(forecast("@hourly", "UTC", 0).fires) == 5


def test_a_due_time_that_is_moved_says_so() -> None:
    note = "when clocks go forward, 03:30 does not exist in Europe/Riga: it runs once, at 04:00"

    made = forecast("30 3 * * *", "Europe/Riga", at("2026-03-27T12:00:00+02:00"), 3)

    assert [(fire.local[:16], fire.note) for fire in made.fires] == [
        ("2026-03-28T03:30", ""),
        ("2026-03-29T04:00", note),
        ("2026-03-30T03:30", ""),
    ]
    assert made.notes == (f"2026-03-29: {note}",)


def test_due_times_that_are_skipped_are_told_of() -> None:
    made = forecast("*/30 3 * * *", "Europe/Riga", at("2026-03-28T12:00:00+02:00"), 1)

    assert [fire.local[:16] for fire in made.fires] == ["2026-03-30T03:00"]
    assert made.notes == ("2026-03-29: when clocks go forward, 03:00 does not exist in Europe/Riga: it does not run",)


def test_both_times_of_a_repeated_hour_are_noted() -> None:
    made = forecast("*/30 3 * * *", "Europe/Riga", at("2026-10-25T00:00:00+03:00"), 5)

    assert [fire.local[11:] for fire in made.fires] == [
        "03:00:00+03:00",
        "03:30:00+03:00",
        "03:00:00+02:00",
        "03:30:00+02:00",
        "03:00:00+02:00",
    ]
    assert [bool(fire.note) for fire in made.fires] == [True, True, True, True, False]


def test_a_change_of_half_an_hour_is_noted() -> None:
    made = forecast("15 2 * * *", "Australia/Lord_Howe", at("2026-10-03T12:00:00+10:30"), 1)

    assert made.fires[0].local == "2026-10-04T02:30:00+11:00"
    assert "02:15 does not exist" in made.fires[0].note


def test_a_line_that_never_fires_has_an_empty_forecast() -> None:
    assert forecast("0 0 LW * */7", "Europe/Riga", 0).fires == ()


def test_what_cannot_be_read_is_an_error() -> None:
    with pytest.raises(CronError):
        forecast("0 25 * * *", "UTC", 0)
    with pytest.raises(UnknownZone):
        forecast("@daily", "Mars/Olympus", 0)


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
        ("0 */2 * * *", ()),
        (
            "0 */3 * * *",
            (
                "when clocks go forward, 03:00 does not exist in Europe/Riga: it does not run",
                "when clocks go back, 03:00 comes twice in Europe/Riga: it runs both times",
            ),
        ),
    ],
)
def test_notes_tell_what_a_change_of_the_clock_does(line: str, notes: tuple[str, ...]) -> None:
    assert dst_notes(line, "Europe/Riga") == notes
    assert dst_notes(line, "UTC") == ()
