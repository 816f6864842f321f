"""Cron lines: what can be read, and what is told of what cannot."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.cron_line import CronError, parse_cron


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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 7 * * 1", "At 07:00 on Monday"),
        ("@daily", "At 00:00 every day"),
        ("0 0 L * *", "At 00:00 on the last day of every month"),
        ("0 0 13 * 5", "At 00:00 on the 13th day of month and on Friday (either is enough)"),
        ("0 0 */2 * 5", "At 00:00 on every second day of month if it's on Friday"),
    ],
)
def test_a_line_is_told_in_words(line: str, words: str) -> None:
    assert parse_cron(line).words == words


TERMS = ["*", "0", "5", "1-3", "*/2", "2/3", "L", "LW", "MON", "MON#2", "5L", "7", "JAN", "1,2", "*,5", "H", "H/7"]


@given(st.lists(st.sampled_from(TERMS), min_size=5, max_size=6))
def test_whatever_can_be_read_can_be_told_in_words(fields: list[str]) -> None:
    try:
        line = parse_cron(" ".join(fields))
    except CronError:
        return

    assert line.words


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("H * * * *", range(60)),
        ("H(0-29) * * * *", range(30)),
        ("H(7-7) * * * *", range(7, 8)),
        ("0 H * * *", range(24)),
        ("0 0 H * *", range(1, 29)),
        ("0 0 1 H *", range(1, 13)),
        ("0 0 * * H", range(7)),
        ("H * * * * *", range(60)),
    ],
)
def test_h_stands_for_a_value_of_its_range_that_a_chain_keeps(line: str, values: range) -> None:
    place = line.split().index(next(field for field in line.split() if field.startswith("H")))
    found = {int(parse_cron(line, f"chain-{n}").fields[place]) for n in range(500)}

    assert found == set(values)
    assert parse_cron(line, "brief") == parse_cron(line, "brief")


@pytest.mark.parametrize(("line", "step", "end"), [("H/15 * * * *", 15, 59), ("H(0-29)/10 * * * *", 10, 29)])
def test_h_with_a_step_begins_within_the_first_step(line: str, step: int, end: int) -> None:
    starts = set()
    for n in range(200):
        (values, _, by) = parse_cron(line, f"chain-{n}").fields[0].partition("/")
        start, _, last = values.partition("-")
        assert (int(by), int(last)) == (step, end)
        starts.add(int(start))

    assert starts == set(range(step))


def test_h_of_one_field_keeps_its_value_whatever_the_others_say() -> None:
    assert parse_cron("H 2 * * *", "brief").fields[0] == parse_cron("H 3 * * 1-5", "brief").fields[0]


def test_h_stands_beside_other_terms() -> None:
    assert parse_cron("H(0-9),30 * * * *", "brief").fields[0].endswith(",30")


def test_names_with_an_h_are_no_hash() -> None:
    assert parse_cron("0 0 * mar thu").text == "0 0 * MAR THU"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("H(0-60) * * * *", 'the minute cannot be "H(0-60)": it lies between 0 and 59'),
        ("H(9-3) * * * *", 'the minute cannot be "H(9-3)"'),
        ("0 H(1-24) * * *", 'the hour cannot be "H(1-24)": it lies between 0 and 23'),
        ("0 0 H(0-3) * *", 'the day of the month cannot be "H(0-3)": it lies between 1 and 31'),
        ("H/0 * * * *", '"H/0" has a step of 0'),
        ("HH * * * *", "with H it is H, H(0-29), H/15 or H(0-29)/10"),
        ("H-5 * * * *", "with H it is"),
        ("0 0 H(30-31) 2 *", "it never fires"),
        (" ".join(["H/2," * 12 + "1"] * 5), "longer than 200"),
    ],
)
def test_an_h_that_cannot_be_is_answered_with_what_can(line: str, message: str) -> None:
    with pytest.raises(CronError) as caught:
        parse_cron(line)

    assert message in str(caught.value)
