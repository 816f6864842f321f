"""Ended sessions that nobody told so are let go at the next start; all others are left alone."""

from typing import Any

from chainwright.daemon.testing import agent_of, chain_of


async def test_a_session_whose_run_is_over_is_let_go(rig: Any) -> None:
    """As a daemon leaves it that dies between recording the end and telling the session host."""
    run_id = await rig.start(chain_of(agent_of("a")))
    await rig.eventually(lambda: rig.host.started)
    rig.host.exits(f"{run_id}-a-1-1")
    await rig.finished(run_id)
    await rig.eventually(lambda: rig.host.forgotten)
    await rig.close()
    rig.host.forgotten.clear()
    await rig.open()

    await rig.eventually(lambda: rig.host.forgotten == [f"{run_id}-a-1-1"])


async def test_a_running_session_is_left_alone(rig: Any) -> None:
    """Also one of a run that nobody here knows."""
    run_id = await rig.start(chain_of(agent_of("a")))
    await rig.eventually(lambda: rig.host.started)
    rig.host.statuses["unknown-a-1-1"] = rig.host.statuses[f"{run_id}-a-1-1"]
    await rig.close()
    await rig.open()
    rig.host.exits(f"{run_id}-a-1-1")
    await rig.finished(run_id)
    await rig.eventually(lambda: rig.host.forgotten)

    assert rig.host.forgotten == [f"{run_id}-a-1-1"]
