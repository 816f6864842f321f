"""Ids of runs ascend, whatever the clock and chance do."""

from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.engine.ids import RunIds, first_at
from chainwright.daemon.testing import FakeClock


@given(st.lists(st.tuples(st.floats(-10, 10), st.integers(0, 2**45 - 1)), min_size=2, max_size=30))
def test_they_ascend_while_the_clock_jumps(moments):
    clock = FakeClock()
    chances = iter([chance for _, chance in moments])
    ids = RunIds(clock, lambda bits: next(chances))
    given_out = []
    for step, _ in moments:
        clock.advance(step)
        given_out.append(ids.new())

    assert given_out == sorted(set(given_out))
    assert {len(one) for one in given_out} == {18}


def test_a_later_time_sorts_later_as_text():
    clock = FakeClock()
    first = RunIds(clock, lambda bits: 2**bits - 1).new()
    clock.advance(0.001)

    assert first < RunIds(clock, lambda bits: 0).new()


def test_they_can_be_typed():
    assert set(RunIds(FakeClock(), lambda bits: 2**bits - 1).new()) <= set("0123456789abcdefghjkmnpqrstvwxyz")


def test_an_id_tells_whether_it_was_made_before_a_time():
    ids = RunIds(lambda: 1_000.0, lambda _: 0)

    assert first_at(999.999) < ids.new() < first_at(1_000.001)
