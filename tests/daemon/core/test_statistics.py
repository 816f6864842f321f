"""How a chain has done is counted right."""

import pytest

from chainwright.daemon.core.statistics import EndedAttempt, EndedRun, chain_statistics, spread
from chainwright.schemas.statistics_api import ChainStatistics


def run(number, outcome="succeeded", took=1.0, started=True):
    began = 100.0 * number
    return EndedRun(
        run_id=f"run-{number}",
        number=number,
        outcome=outcome,
        reason=None,
        detail="exit code 3" if outcome == "failed" else "",
        created_at=began - 2,
        started_at=began if started else None,
        ended_at=began + took,
    )


@pytest.mark.parametrize(
    ("seconds", "median", "p95"),
    [([3], 3, 3), ([2, 1], 1, 2), (range(1, 21), 10, 19), (range(1, 101), 50, 95), ([9, 1, 5], 5, 9)],
)
def test_a_percentile_is_the_time_of_something_that_happened(seconds, median, p95):
    assert spread(seconds) == {"count": len(seconds), "median_s": median, "p95_s": p95}


def test_nothing_has_no_spread():
    assert spread([]) is None


def test_what_was_cancelled_is_neither_success_nor_failure():
    told = ChainStatistics.model_validate(
        chain_statistics("c", [run(4), run(3, "cancelled", 90), run(2, "failed", 80), run(1, took=3)], [])
    )

    assert told.outcomes == {"succeeded": 2, "cancelled": 1, "failed": 1}
    assert told.success == pytest.approx(2 / 3)
    assert told.took is not None
    assert (told.took.count, told.took.p95_s) == (2, 3.0)
    assert [(one.number, one.detail) for one in told.failures] == [(2, "exit code 3")]


def test_a_run_that_never_began_took_no_time():
    told = chain_statistics("c", [run(1, "failed", started=False)], [])

    assert (told["success"], told["took"], told["waited"]) == (0.0, None, None)


def test_the_last_five_failures_are_named():
    told = chain_statistics("c", [run(number, "lost") for number in range(9, 0, -1)], [])

    assert [one["number"] for one in told["failures"]] == [9, 8, 7, 6, 5]


def test_the_slowest_agent_is_first_and_failures_do_not_make_it_quick():
    tries = [("quick", "succeeded", 1), ("slow", "succeeded", 9), ("slow", "failed", 0.1), ("never", "timed_out", 50)]
    told = chain_statistics("c", [], [EndedAttempt(agent=a, outcome=o, took_s=s) for a, o, s in tries])

    assert [(one["agent"], one["attempts"], one["failed"]) for one in told["agents"]] == [
        ("slow", 2, 1),
        ("quick", 1, 0),
        ("never", 1, 1),
    ]
    assert told["agents"][0]["took"] == {"count": 1, "median_s": 9, "p95_s": 9}
    assert told["agents"][2]["took"] is None
