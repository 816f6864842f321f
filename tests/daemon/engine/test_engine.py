"""The use cases on runs, and taking over from the daemon before."""

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.graph import Input, Retry
from chainwright.daemon.core.journal import ENTRY_JSON
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.store.port import Once
from chainwright.daemon.testing import agent_of, chain_of

ANN = Actor(name="ann")
ONE = chain_of(agent_of("a"))


def refused(code):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code is code)


# starting


async def test_runs_of_a_chain_are_numbered_from_one_on_through_restarts(bench):
    first, second = await bench.begin(ONE), await bench.begin(ONE)
    await bench.restart()
    third = await bench.begin(ONE)

    assert [(await bench.store.run(run))["number"] for run in (first, second, third)] == [1, 2, 3]
    assert first < second < third


async def test_the_same_occurrence_leads_to_the_same_run(bench):
    """I1."""
    first = await bench.begin(ONE)
    once = Once(scope="api", key="k")
    again = [await bench.engine.start_run(ANN, "test", {}, once=once) for _ in range(2)]

    assert again[0] == again[1] != first


async def test_a_chain_that_people_do_not_start_refuses_them(bench):
    with refused(Code.CONFLICT):
        await bench.begin(chain_of(agent_of("a"), manual=False))


@pytest.mark.parametrize("given", [{}, {"n": "many"}, {"n": 1, "other": 2}])
async def test_inputs_that_do_not_fit_are_refused_before_a_run_exists(bench, given):
    with refused(Code.INVALID_INPUT):
        await bench.begin(chain_of(agent_of("a"), inputs=(Input(name="n", type="integer", required=True),)), **given)

    assert await bench.store.find_runs("default", "") == []


async def test_an_input_that_no_journal_can_hold_is_refused(bench):
    """Half a character, as JSON can spell it."""
    with refused(Code.INVALID_INPUT):
        await bench.begin(chain_of(agent_of("a"), inputs=(Input(name="s"),)), s="\ud800")


async def test_a_retry_is_a_new_run_with_the_same_inputs(bench):
    """28."""
    bench.runner.part = lambda session: session.exits(1)
    first = await bench.begin(chain_of(agent_of("a"), inputs=(Input(name="s"),)), s="x")
    await bench.ended(first)
    second = await bench.engine.retry_run(ANN, first)
    run = await bench.ended(second)

    assert (run["retry_of"], run["inputs"], run["trigger"]["kind"]) == (first, {"s": "x"}, "retry")


async def test_a_run_that_goes_on_is_not_retried(bench):
    with refused(Code.CONFLICT):
        await bench.engine.retry_run(ANN, await bench.begin(ONE))


# events from outside


async def test_an_event_from_outside_is_durable_when_the_call_returns(bench):
    run_id = await bench.begin(chain_of(agent_of("a", emits="x"), agent_of("b", on="x")))
    await bench.engine.inject_event(ANN, run_id, "x", {"n": 1}, "k")

    assert "EventInjected" in await bench.kinds(run_id)
    await bench.runner.started(f"{run_id}-b-1-1")


async def test_a_name_that_the_chain_does_not_know_is_refused(bench):
    with refused(Code.INVALID_INPUT):
        await bench.engine.inject_event(ANN, await bench.begin(ONE), "x", None, "k")


async def test_data_that_no_journal_can_hold_is_refused_and_the_run_goes_on(bench):
    run_id = await bench.begin(chain_of(agent_of("a", emits="x")))
    with refused(Code.INVALID_INPUT):
        await bench.engine.inject_event(ANN, run_id, "x", "\ud800", "k")
    (await bench.runner.started(f"{run_id}-a-1-1")).exits(0)

    assert (await bench.ended(run_id))["outcome"] == "succeeded"


async def test_what_has_ended_takes_nothing_more(bench):
    bench.runner.part = lambda session: session.exits(0)
    run_id = await bench.begin(chain_of(agent_of("a", emits="x")))
    await bench.ended(run_id)

    with refused(Code.CONFLICT):
        await bench.engine.inject_event(ANN, run_id, "x", None, "k")
    with refused(Code.CONFLICT):
        await bench.engine.cancel_run(ANN, run_id)


# asking


async def test_a_run_is_found_by_a_prefix_or_as_the_last(bench):
    first, second = await bench.begin(ONE), await bench.begin(ONE)

    assert await bench.engine.find(ANN, "@last") == second
    assert await bench.engine.find(ANN, first) == first
    with refused(Code.AMBIGUOUS):
        await bench.engine.find(ANN, first[:3])
    with refused(Code.NOT_FOUND):
        await bench.engine.find(ANN, "zzz")


async def test_an_ended_run_is_explained_from_its_journal(bench):
    bench.runner.part = lambda session: session.exits(3)
    run_id = await bench.begin(ONE)
    await bench.ended(run_id)
    explained = await bench.engine.explain(ANN, run_id, "a")

    assert "  attempt 1: failed (exit): exit code 3" in explained
    with refused(Code.NOT_FOUND):
        await bench.engine.explain(ANN, run_id, "b")


# taking over


async def test_a_run_survives_its_daemon(bench):
    """I2 and I5: attached to, not started again, and its end recorded once."""
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.reaches(run_id, "SessionStarted")
    await bench.restart()
    session.exits(0)

    assert (await bench.ended(run_id))["outcome"] == "succeeded"
    assert bench.runner.starts == [f"{run_id}-a-1-1"]
    assert (await bench.kinds(run_id)).count("SessionExited") == 1


async def test_what_ended_while_nobody_was_there_is_told(bench):
    run_id = await bench.begin(chain_of(agent_of("a", emits="x"), agent_of("b", on="x")))
    session = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.reaches(run_id, "SessionStarted")
    await bench.close()
    session.emits("x")
    session.exits(0)
    await bench.open()

    (await bench.runner.started(f"{run_id}-b-1-1")).exits(0)
    assert (await bench.ended(run_id))["outcome"] == "succeeded"


async def test_events_are_read_on_from_where_they_were_recorded(bench):
    """I6: also the ones that have no key of their own."""
    run_id = await bench.begin(chain_of(agent_of("a", emits="x")))
    session = await bench.runner.started(f"{run_id}-a-1-1")
    session.drops("x.json", "{")
    session.emits("x")
    await bench.reaches(run_id, "EventEmitted")
    await bench.restart()
    session.emits("x", key="another")
    session.exits(0)
    await bench.ended(run_id)

    kinds = await bench.kinds(run_id)
    assert (kinds.count("EventFileRefused"), kinds.count("EventEmitted")) == (1, 2)


async def test_a_retrys_delay_goes_on_through_a_restart(bench):
    """Its due time is the journal's."""
    bench.runner.part = lambda session: session.exits(0 if session.spec.id.endswith("-2") else 1)
    run_id = await bench.begin(chain_of(agent_of("a", retry=Retry(max=1, delay_s=60))))
    first = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.runner.until(lambda: first.acknowledged, "the first end")
    await bench.close()
    bench.clock.advance(61)
    await bench.open()

    assert (await bench.ended(run_id))["outcome"] == "succeeded"


async def test_a_run_that_cannot_be_understood_keeps_no_other_down(bench, monkeypatch):
    """It ends as internal; the daemon comes up."""
    strange, sound = await bench.begin(ONE), await bench.begin(chain_of(agent_of("b"), id="other"))
    await bench.runner.started(f"{strange}-a-1-1")
    session = await bench.runner.started(f"{sound}-b-1-1")
    await bench.reaches(sound, "SessionStarted")
    await bench.close()
    real = bench.engine.__class__.definition

    async def definition(engine, digest):
        if digest == "digest of test":
            raise Refusal(Code.NOT_FOUND, "the compiled chain is not in the store")
        return await real(engine, digest)

    monkeypatch.setattr(bench.engine.__class__, "definition", definition)
    await bench.open()
    session.exits(0)

    assert (await bench.ended(sound))["outcome"] == "succeeded"
    run = await bench.store.run(strange)
    assert (run["outcome"], run["reason"]) == ("failed", "internal")


async def test_a_daemon_that_goes_down_starts_nothing(bench):
    await bench.engine.close()

    with refused(Code.UNAVAILABLE):
        await bench.begin(ONE)


async def test_every_journal_holds(bench):
    """I7: gapless, chained, in time."""
    bench.runner.part = lambda session: session.exits(0)
    run_id = await bench.begin(chain_of(agent_of("a"), agent_of("b", needs=("a",))))
    await bench.ended(run_id)
    rows = await bench.store.journal(run_id)

    assert await bench.store.verify(run_id) is None
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    assert all(ENTRY_JSON.validate_json(row.body).kind == row.kind for row in rows)
