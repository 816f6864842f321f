"""What no run claims is let go when it has ended and stopped when it runs; what a run claims is left alone."""

from chainwright.daemon.engine.leftovers import EVERY_S, STOPS_AT_ONCE
from chainwright.daemon.testing import agent_of, chain_of
from chainwright.runners.port import HostUnreachable
from chainwright.schemas.session import SessionSpec


async def test_a_session_whose_run_is_over_is_let_go(bench):
    """As a daemon leaves it that dies between recording the end and telling the session host."""
    run_id = await bench.begin(chain_of(agent_of("a")))
    session = await bench.runner.started(f"{run_id}-a-1-1")
    session.exits(0)
    await bench.ended(run_id)
    await bench.close()
    session.acknowledged = False
    await bench.open()

    await bench.runner.until(lambda: session.acknowledged, "the session to be let go")


async def orphan(runner, session_id="unknown-a-1-1"):
    """A session that runs on a host, and that no run knows."""
    await runner.start(SessionSpec(id=session_id, token="", epoch=1, interpreters=()))
    return runner.lives[session_id]


async def looks(bench, times, apart_s=EVERY_S):
    for _ in range(times):
        bench.clock.advance(apart_s)
        await bench.engine.leftovers.look()


async def test_an_orphan_is_stopped_once_it_was_seen_for_long_enough_and_then_let_go(bench):
    there = bench.adds("g1")
    found = await orphan(there)
    await looks(bench, 1)
    assert found.stops == 0
    await looks(bench, 1, bench.world.orphan_s)
    assert found.stops == 1
    await looks(bench, 1)

    assert found.acknowledged


async def test_two_looks_close_together_are_no_reason(bench):
    found = await orphan(bench.runner)
    await looks(bench, 3, bench.world.orphan_s / 4)

    assert found.stops == 0


async def test_what_a_run_follows_is_left_alone_and_so_are_its_checks(bench):
    run_id = await bench.begin(chain_of(agent_of("a")))
    session = await bench.runner.started(f"{run_id}-a-1-1")
    check = await orphan(bench.runner, f"{run_id}-a-1-1.c0")
    await looks(bench, 4)

    assert (session.stops, check.stops) == (0, 0)


async def test_what_a_run_has_given_up_is_an_orphan_and_its_other_agents_are_not(bench):
    """A host was taken away for good, and is back."""
    there = bench.adds("g1")
    run_id = await bench.begin(chain_of(agent_of("a", runs_on=("g1",)), agent_of("b")))
    first = await there.started(f"{run_id}-a-1-1")
    second = await bench.runner.started(f"{run_id}-b-1-1")
    bench.removes("g1")
    await bench.restart()
    await bench.runner.until(lambda: not bench.engine.claims(f"{run_id}-a-1-1"), "the session to be given up")
    bench.adds("g1", runner=there)
    await looks(bench, 3)

    assert (first.stops > 0, second.stops) == (True, 0)


async def test_a_session_of_a_run_that_has_ended_is_an_orphan(bench):
    run_id = await bench.begin(chain_of(agent_of("a")))
    (await bench.runner.started(f"{run_id}-a-1-1")).exits(0)
    await bench.ended(run_id)
    left = await orphan(bench.runner, f"{run_id}-a-1-2")
    await looks(bench, 3)

    assert left.stops > 0


async def test_no_more_are_stopped_at_once_than_is_safe(bench):
    found = [await orphan(bench.runner, f"unknown{number}-a-1-1") for number in range(STOPS_AT_ONCE + 1)]
    await looks(bench, 2)

    assert sum(one.stops for one in found) == STOPS_AT_ONCE


async def test_a_host_that_gives_no_answer_keeps_no_other_from_being_tidied(bench):
    away = bench.adds("g1")
    away.fails("unacknowledged", *[HostUnreachable("away")] * 3)
    found = await orphan(bench.runner)
    await looks(bench, 2)

    assert found.stops == 1
