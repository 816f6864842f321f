"""A live view is fed no faster than a person could follow."""

from chainwright.daemon.engine.pace import BYTES, WITHIN_S, Pace


def test_who_is_slow_never_rests():
    now = 0.0
    pace = Pace(lambda: now)
    for _ in range(100):
        assert pace.rest_after(BYTES // 2) == 0.0
        now += WITHIN_S


def test_what_comes_too_fast_rests_until_its_tenth_of_a_second_is_over():
    now = 5.0
    pace = Pace(lambda: now)
    assert pace.rest_after(BYTES - 1) == 0.0
    now = 5.04

    assert abs(pace.rest_after(1) - (WITHIN_S - 0.04)) < 1e-9
    assert pace.rest_after(1) == 0.0
