"""Ids of attempts and of their checks say whose they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.attempt_ids import AttemptName, attempt_id, check_id, parsed, run_of

RUNS = st.from_regex(r"[0-9a-z]{18}", fullmatch=True)
AGENTS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,47}", fullmatch=True)
COUNTS = st.integers(1, 10**6)
LEGS = st.none() | st.integers(1, 256).map(str)
NAMES = st.builds(AttemptName, run_id=RUNS, agent=AGENTS, turn=COUNTS, attempt=COUNTS, leg=LEGS)


@given(NAMES, st.tuples(st.integers(0, 99), st.integers(0, 9)))
def test_an_id_says_what_went_into_it(name, check):
    """Also one of an agent with hyphens and digits in its name, and also a check's."""
    made = attempt_id(name.run_id, name.agent, name.turn, name.attempt, name.leg)

    assert parsed(made) == parsed(check_id(made, *check)) == name
    assert run_of(made) == name.run_id


@given(AGENTS, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), unique=True, max_size=20))
def test_no_two_sessions_of_an_attempt_share_an_id(agent, checks):
    attempt = attempt_id("r1", agent, 1, 1)
    ids = [attempt, *(check_id(attempt, index, again) for index, again in checks)]

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("text", ["", "r1", "r1-a", "r1-a-1", "r1-a-1-x"])
def test_what_is_no_such_id_is_an_error(text):
    with pytest.raises(ValueError, match=r".*"):
        parsed(text)
