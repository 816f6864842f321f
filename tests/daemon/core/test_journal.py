"""The journal's chain: whatever is changed, missing, added or swapped is found at the first place where it shows."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.decisions import RunStarted, TimerSet
from chainwright.daemon.core.facts import EventInjected
from chainwright.daemon.core.journal import chained, first_broken

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), lambda inner: st.lists(inner, max_size=3)
)
TIMES = st.floats(0, 4e9).map(lambda at: round(at, 6))
ENTRIES = st.one_of(
    st.just(RunStarted()),
    st.builds(TimerSet, timer=st.text(), due=TIMES),
    st.builds(EventInjected, at=TIMES, actor=st.text(), key=st.text(), name=st.text(), data=JSON),
)
TIMED = st.lists(st.tuples(TIMES, ENTRIES), min_size=2, max_size=8)


@st.composite
def journals(draw):
    """Rows of a run, and the place of one of them."""
    rows = list(chained("run-1", None, draw(TIMED)))
    return rows, draw(st.integers(0, len(rows) - 1))


@given(TIMED)
def test_an_unbroken_journal_holds_and_gives_its_entries_back(timed):
    rows = list(chained("run-1", None, timed))

    assert first_broken("run-1", rows) is None
    assert [(row.at, row.entry()) for row in rows] == timed
    assert [(row.seq, row.kind) for row in rows] == [(n, entry.kind) for n, (_, entry) in enumerate(timed, 1)]


@given(TIMED, st.data())
def test_it_can_be_written_in_any_pieces(timed, data):
    cut = data.draw(st.integers(1, len(timed)))
    first = list(chained("run-1", None, timed[:cut]))
    second = list(chained("run-1", (first[-1].seq, first[-1].hash), timed[cut:]))

    assert first + second == list(chained("run-1", None, timed))


@given(journals(), st.integers(0), st.integers(1, 255))
def test_a_changed_byte_of_a_body_is_found(journal, position, flip):
    rows, place = journal
    body = bytearray(rows[place].body)
    body[position % len(body)] ^= flip
    rows[place] = replace(rows[place], body=bytes(body))

    assert first_broken("run-1", rows) == place + 1


@given(journals(), st.integers(0, 31), st.integers(1, 255))
def test_a_changed_byte_of_a_hash_is_found(journal, position, flip):
    rows, place = journal
    digest = bytearray(rows[place].hash)
    digest[position] ^= flip
    rows[place] = replace(rows[place], hash=bytes(digest))

    assert first_broken("run-1", rows) == place + 1


@given(journals())
def test_a_changed_time_is_found(journal):
    rows, place = journal
    rows[place] = replace(rows[place], at=rows[place].at + 1.0)

    assert first_broken("run-1", rows) == place + 1


@given(journals())
def test_a_missing_row_is_found_unless_it_was_the_last(journal):
    rows, place = journal
    del rows[place]
    expected = None if place == len(rows) else place + 1

    assert first_broken("run-1", rows) == expected


@given(journals())
def test_a_row_that_comes_twice_is_found(journal):
    rows, place = journal
    rows.insert(place, rows[place])

    assert first_broken("run-1", rows) == place + 2


@given(journals(), st.data())
def test_two_rows_that_changed_places_are_found(journal, data):
    rows, place = journal
    other = data.draw(st.integers(0, len(rows) - 1).filter(lambda chosen: chosen != place))
    rows[place], rows[other] = rows[other], rows[place]

    assert first_broken("run-1", rows) == min(place, other) + 1


@given(journals())
def test_two_rows_that_changed_places_and_numbers_are_found(journal):
    rows, place = journal
    other = (place + 1) % len(rows)
    rows[place], rows[other] = (
        replace(rows[other], seq=rows[place].seq),
        replace(rows[place], seq=rows[other].seq),
    )

    assert first_broken("run-1", rows) == min(place, other) + 1


@given(TIMED)
def test_the_journal_of_another_run_does_not_pass(timed):
    assert first_broken("run-2", chained("run-1", None, timed)) == 1
