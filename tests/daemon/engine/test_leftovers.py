"""Ended sessions that nobody told so are let go at the next start; all others are left alone."""

from chainwright.daemon.testing import agent_of, chain_of


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


async def test_a_running_session_is_left_alone(bench):
    """Also one of an attempt that nobody here follows."""
    run_id = await bench.begin(chain_of(agent_of("a")))
    session = await bench.runner.started(f"{run_id}-a-1-1")
    bench.runner.lives["unknown-a-1-1"] = session
    await bench.restart()
    session.exits(0)
    await bench.ended(run_id)
    await bench.runner.until(lambda: session.acknowledged, "the followed one to be let go")

    assert session.stops == 0
