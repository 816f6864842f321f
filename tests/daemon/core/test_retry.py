"""Whether, and when, a failed attempt is tried again (rule 19)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.graph import RETRIED_BY_DEFAULT, Retry
from chainwright.daemon.core.retry import allows, delay_s
from chainwright.daemon.core.states import Reason

BACKOFFS = st.sampled_from(["fixed", "linear", "exponential"])
SECONDS = st.floats(0, 1e6)
FAILED = st.integers(1, 10_000)


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [("fixed", [5, 5, 5, 5]), ("linear", [5, 10, 15, 20]), ("exponential", [5, 10, 20, 30])],
)
def test_the_curves(backoff, delays):
    retry = Retry(delay_s=5, max_delay_s=30, backoff=backoff)

    assert [delay_s(retry, failed=failed, seed="") for failed in (1, 2, 3, 4)] == delays


@given(BACKOFFS, SECONDS, SECONDS, FAILED)
def test_delays_never_shrink_and_stay_within_their_bound(backoff, delay, bound, failed):
    retry = Retry(delay_s=delay, max_delay_s=bound, backoff=backoff)
    now, later = (delay_s(retry, failed=count, seed="") for count in (failed, failed + 1))

    assert 0 <= now <= later <= bound


@given(BACKOFFS, SECONDS, FAILED, st.text())
def test_jitter_takes_away_at_most_half_and_is_the_same_after_a_rebuild(backoff, delay, failed, seed):
    nominal = delay_s(Retry(delay_s=delay, backoff=backoff), failed=failed, seed=seed)
    jittered = Retry(delay_s=delay, backoff=backoff, jitter=True)

    assert nominal / 2 <= delay_s(jittered, failed=failed, seed=seed) <= nominal
    assert delay_s(jittered, failed=failed, seed=seed) == delay_s(jittered, failed=failed, seed=seed)


def test_jitter_spreads_the_attempts_of_one_moment():
    """Or a hundred agents that failed together would come back together."""
    retry = Retry(delay_s=10, jitter=True)
    delays = [delay_s(retry, failed=1, seed=f"r1-a{n}-1-2") for n in range(100)]

    assert len({round(delay, 1) for delay in delays}) > 20


@pytest.mark.parametrize(("failed", "allowed"), [(1, True), (2, True), (3, False)])
def test_max_counts_further_attempts(failed, allowed):
    assert allows(Retry(max=2), failed=failed, reason=Reason.EXIT, exit_code=1) is allowed


@pytest.mark.parametrize("reason", Reason)
def test_by_default_all_reasons_of_an_attempt_but_its_loss_allow_another(reason):
    assert allows(Retry(max=1), failed=1, reason=reason, exit_code=None) is (reason.value in RETRIED_BY_DEFAULT)


@pytest.mark.parametrize(
    ("reason", "code", "allowed"),
    [(Reason.EXIT, 75, True), (Reason.EXIT, 1, False), (Reason.EXIT, None, False), (Reason.TIMEOUT, None, True)],
)
def test_exit_codes_narrow_exits_and_nothing_else(reason, code, allowed):
    """An end by a signal has no code, so a list of codes does not hold it."""
    assert allows(Retry(max=1, exit_codes=(75,)), failed=1, reason=reason, exit_code=code) is allowed
