"""Due times against an oracle that looks at every minute, written from the rules alone: no cronsim, no shared code.

The rules: a minute is due when its fields fit what the clock shows. A line of fixed times is due once in a repeated hour, and once
right after a skipped one for all that was skipped. A line whose minute or hour begins with a star follows the clock.
"""

import calendar
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chainwright.daemon.core.schedule import fires, previous_fires

MINUTE = timedelta(minutes=1)
DAYS = 2
"""Looked at, around a change of the clock."""

CHANGES = [
    ("Europe/Riga", "2026-03-29"),
    ("Europe/Riga", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Australia/Lord_Howe", "2026-10-03"),  # half an hour
    ("Australia/Lord_Howe", "2026-04-04"),
    ("Antarctica/Troll", "2026-03-29"),  # two hours
    ("Antarctica/Troll", "2026-10-25"),
    ("America/St_Johns", "2010-11-07"),  # a minute past midnight, so that a day comes twice
    ("America/Sao_Paulo", "2018-11-04"),  # midnight is skipped
    ("Asia/Kathmandu", "1986-01-01"),  # a quarter of an hour, for good
    ("Asia/Pyongyang", "2015-08-15"),  # back by half an hour at midnight, for good
    ("Pacific/Apia", "2011-12-30"),  # a whole day
    ("Africa/Casablanca", "2026-03-22"),  # behind in winter, as it were
    ("UTC", "2026-01-31"),
]

# the oracle

Fits = Callable[[datetime], bool]
SPANS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
NAMES = {
    **{name: number for number, name in enumerate(calendar.month_abbr)},
    **{name: (number + 1) % 7 for number, name in enumerate(calendar.day_abbr)},
}


def number(word: str) -> int:
    return NAMES[word] if word in NAMES else int(word)


def values(term: str, kind: str) -> set[int]:
    """What a term without L and # stands for."""
    least, most = SPANS[kind]
    span, _, step = term.partition("/")
    first, _, last = span.partition("-")
    begin, end = (least, most) if span == "*" else (number(first), number(last or first))
    if step and not last and span != "*":
        end = most
    return set(range(begin, end + 1, int(step or 1)))


def last_day(wall: datetime) -> int:
    return calendar.monthrange(wall.year, wall.month)[1]


def fits_day(term: str, wall: datetime) -> bool:
    if term == "L":
        return wall.day == last_day(wall)
    if term == "LW":
        return wall.day == max(day for day in range(1, last_day(wall) + 1) if wall.replace(day=day).isoweekday() < 6)
    return wall.day in values(term, "day")


def fits_weekday(term: str, wall: datetime) -> bool:
    same = {wall.isoweekday(), wall.isoweekday() % 7}
    if term.endswith("L"):
        return number(term[:-1]) in same and wall.day + 7 > last_day(wall)
    name, _, nth = term.partition("#")
    if nth:
        return number(name) in same and (wall.day - 1) // 7 + 1 == int(nth)
    return bool(values(term, "weekday") & same)


def fitting(line: str) -> Fits:
    minute, hour, day, month, weekday = line.split()
    minutes, hours, months = (
        set().union(*(values(term, kind) for term in field.split(",")))
        for field, kind in ((minute, "minute"), (hour, "hour"), (month, "month"))
    )

    def fits(wall: datetime) -> bool:
        if wall.minute not in minutes or wall.hour not in hours or wall.month not in months:
            return False
        by_day = any(fits_day(term, wall) for term in day.split(","))
        by_weekday = any(fits_weekday(term, wall) for term in weekday.split(","))
        both = day.startswith("*") or weekday.startswith("*")
        return by_day and by_weekday if both else by_day or by_weekday

    return fits


def due_minutes(line: str, zone: str, begin: datetime, end: datetime) -> Iterator[float]:
    """Every due minute later than ``begin`` and earlier than ``end``."""
    fits, place = fitting(line), ZoneInfo(zone)
    follows = any(field.startswith("*") for field in line.split()[:2])
    before = begin.astimezone(place).replace(tzinfo=None)
    latest = before
    moment = begin + MINUTE
    while moment < end:
        wall = moment.astimezone(place).replace(tzinfo=None)
        if follows:
            is_due = fits(wall)
        else:
            shown = latest + MINUTE
            is_due = False
            while shown <= wall:  # none of them when the clock was put back, several after a gap
                is_due = is_due or fits(shown)
                shown += MINUTE
        if is_due:
            yield moment.timestamp()
        latest = max(latest, wall)
        moment += MINUTE


# lines


def span(kind: str) -> st.SearchStrategy[str]:
    least, most = SPANS[kind]
    one = st.integers(least, most)
    ranges = st.tuples(one, one).map(lambda pair: f"{min(pair)}-{max(pair)}")
    stepped = st.tuples(st.one_of(st.just("*"), ranges.filter(is_wide)), st.integers(1, most)).map(
        "{0[0]}/{0[1]}".format
    )
    return st.one_of(
        one.map(str),
        ranges,
        stepped,
        st.tuples(one.filter(lambda n: n < most), st.integers(1, 9)).map("{0[0]}/{0[1]}".format),
    )


def is_wide(written: str) -> bool:
    """A range of one value with a step means more to cron than it seems; nobody writes it."""
    first, _, last = written.partition("-")
    return first != last


def field(kind: str, *others: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    terms = st.lists(st.one_of(span(kind), *others), min_size=1, max_size=3).map(",".join)
    return st.one_of(st.just("*"), terms)


WEEKDAYS = st.sampled_from([name.upper() for name in calendar.day_abbr])
LINES = st.tuples(
    field("minute"),
    field("hour"),
    st.one_of(st.just("*"), field("day", st.sampled_from(["L", "LW"]))),
    st.one_of(st.just("*"), field("month", st.sampled_from([name.upper() for name in calendar.month_abbr if name]))),
    st.one_of(
        st.just("*"),
        field("weekday", WEEKDAYS, WEEKDAYS.map(lambda day: f"{day}#1"), st.integers(0, 7).map(lambda day: f"{day}L")),
    ),
).map(" ".join)
NAMES |= {name.upper(): value for name, value in NAMES.items()}


def cron_times(line: str, zone: str, begin: datetime, end: datetime) -> list[float]:
    return list(takewhile(lambda moment: moment < end.timestamp(), fires(line, zone, begin.timestamp())))


@given(line=LINES, change=st.sampled_from(CHANGES), shift=st.integers(0, 12 * 60))
@example(line="*/30 3 * * *", change=("Australia/Lord_Howe", "2026-10-03"), shift=0)
@example(line="0,30 * * * *", change=("Australia/Lord_Howe", "2026-04-04"), shift=0)
@example(line="0 3 * * *", change=("Australia/Lord_Howe", "2026-10-03"), shift=0)
@example(line="0,20,45 2 * * *", change=("Australia/Lord_Howe", "2026-10-03"), shift=0)
@example(line="*/10 1,2 * * *", change=("Australia/Lord_Howe", "2026-04-04"), shift=2 * 60 + 50)
@example(line="*/7 3 * * *", change=("Europe/Riga", "2026-10-25"), shift=13 * 60 + 20)
@settings(max_examples=60, deadline=None)
def test_due_times_are_those_that_every_minute_is_asked_for(line: str, change: tuple[str, str], shift: int) -> None:
    zone, day = change
    begin = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=12) + shift * MINUTE
    end = begin + timedelta(days=DAYS)
    try:
        expected = list(due_minutes(line, zone, begin, end))
        found = cron_times(line, zone, begin, end)
    except Exception as fault:
        if type(fault).__name__ == "CronError":  # a day that no month of the line has
            return
        raise

    assert found == expected
    assert previous_fires(line, zone, end.timestamp(), len(expected)) == expected[::-1]


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize(
    "line", ["* * * * *", "0 * * * *", "*/20 2,3 * * *", "30 0-4 * * *", "59 23 * * *", "0 0,12 * * *"]
)
def test_common_lines_are_right_around_every_kind_of_change(line: str, zone: str, day: str) -> None:
    begin = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(days=1)
    end = begin + timedelta(days=DAYS)

    assert cron_times(line, zone, begin, end) == list(due_minutes(line, zone, begin, end))


def test_a_look_from_within_a_repeated_hour_sees_the_same_times() -> None:
    """Whoever asks between two showings of a time is told of the second."""
    begin = datetime.fromisoformat("2026-10-24T22:00:00+00:00")
    end = begin + timedelta(hours=6)
    for line in ("*/15 3 * * *", "15,45 3 * * *", "5 * * * *"):
        whole = list(due_minutes(line, "Europe/Riga", begin, end))
        for minutes in range(0, 6 * 60, 7):
            after = begin + minutes * MINUTE
            left = [moment for moment in whole if moment > after.timestamp()]
            past = [moment for moment in whole if moment < after.timestamp()]

            assert cron_times(line, "Europe/Riga", after, end) == left
            assert previous_fires(line, "Europe/Riga", after.timestamp(), len(past)) == past[::-1]
