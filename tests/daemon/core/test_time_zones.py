"""Names of time zones, and when their clocks change."""

from datetime import datetime, timedelta

import pytest

from chainwright.daemon.core.time_zones import UnknownZone, clock_changes, is_timezone, stamp, zone


@pytest.mark.parametrize("name", ["UTC", "Europe/Riga", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_names_of_the_zone_database_are_time_zones(name: str) -> None:
    assert is_timezone(name)


@pytest.mark.parametrize(
    "name",
    ["", "Europe/Rigaa", "Europe", "../../etc/passwd", "/etc/localtime", "localtime", "right/UTC", "a\0b", "A" * 300],
)
def test_anything_else_is_not(name: str) -> None:
    assert not is_timezone(name)
    with pytest.raises(UnknownZone, match="is not a time zone"):
        zone(name)


def changes(name: str, year: int) -> list[tuple[str, timedelta]]:
    """Each with the moment in UTC."""
    begin, end = (datetime.fromisoformat(f"{at}-01-01T00:00:00+00:00").timestamp() for at in (year, year + 1))
    return [(f"{change.at:%m-%d %H:%M:%S}", change.by) for change in clock_changes(zone(name), begin, end)]


@pytest.mark.parametrize(
    ("name", "forward", "back", "by"),
    [
        ("Europe/Riga", "03-29 01:00:00", "10-25 01:00:00", timedelta(hours=1)),
        ("America/New_York", "03-08 07:00:00", "11-01 06:00:00", timedelta(hours=1)),
        ("Australia/Lord_Howe", "10-03 15:30:00", "04-04 15:00:00", timedelta(minutes=30)),
    ],
)
def test_the_clock_changes_twice_a_year(name: str, forward: str, back: str, by: timedelta) -> None:
    assert sorted(changes(name, 2026)) == sorted([(forward, by), (back, -by)])


def test_a_skipped_day_is_a_change() -> None:
    assert changes("Pacific/Apia", 2011)[-1] == ("12-30 10:00:00", timedelta(days=1))


@pytest.mark.parametrize("name", ["UTC", "Asia/Tokyo"])
def test_where_clocks_do_not_change_there_is_none(name: str) -> None:
    assert changes(name, 2026) == []


def test_a_moment_is_told_in_utc() -> None:
    assert stamp(1_774_746_000.9) == "2026-03-29T01:00:00Z"
