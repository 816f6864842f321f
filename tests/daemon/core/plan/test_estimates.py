"""What a change would cost is told from what runs took and how often schedules start them."""

from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.core.plan.estimates import MOST_WEEKLY, History, estimated
from chainwright.daemon.core.plan.report import Estimate
from chainwright.daemon.testing import agent_of, chain_of

NOW = 1_774_000_000.0


def chain(*crons: str):
    return chain_of(agent_of("a"), schedules=tuple(Schedule(id=cron, cron=cron) for cron in crons))


def test_runs_of_the_past_and_starts_of_a_week_are_told():
    history = {"test": History(durations_s=(10.0, 20.0, 90.0))}
    expected = Estimate(chain="test", runs=3, median_s=20.0, weekly_before=7, weekly_after=14)

    assert estimated([(chain("@daily"), chain("0 */12 * * *"))], history, NOW) == (expected,)


def test_a_chain_that_never_ran_and_starts_as_often_as_before_has_none():
    assert estimated([(chain("@daily"), chain("@daily"))], {}, NOW) == ()


def test_a_renamed_chain_has_the_history_of_its_old_name():
    renamed = chain_of(agent_of("a"), id="new")
    (found,) = estimated([(chain(), renamed)], {"test": History(durations_s=(5.0,))}, NOW)

    assert (found.chain, found.median_s) == ("new", 5.0)


def test_counting_ends():
    (found,) = estimated([(None, chain("* * * * *"))], {}, NOW)

    assert found.weekly_after == MOST_WEEKLY


def test_a_line_that_cannot_be_read_counts_nothing():
    assert estimated([(chain("@daily"), chain("nonsense"))], {}, NOW)[0].weekly_after == 0
