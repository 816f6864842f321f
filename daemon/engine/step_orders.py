"""Carries out what the run machine asks of the steps of a session."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from chainwright.daemon.core.commands import EndSteps, RunStep, StopStep
from chainwright.daemon.core.state import RunState
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.ports import World
from chainwright.runners.port import Runner
from chainwright.schemas.session import StepOrder

Order = RunStep | StopStep | EndSteps
Outfit = Callable[[RunStep], Awaitable[StepOrder]]
"""Makes ready what a step is given."""


async def give(world: World, state: RunState, order: Order, outfit: Outfit) -> None:
    """Tell the session host; safe to repeat.

    Raises CannotStart for a step that can never run as it is, and whatever else a runner raises.
    """
    await _GIVE[type(order)](world, state, order, outfit)


async def _run(world: World, state: RunState, order: RunStep, outfit: Outfit) -> None:
    session = order.attempt_id
    step = await outfit(order)
    reach("step.before-order")
    await _runner_of(world, state, order).run_step(
        session, token=world.token(session), epoch=world.store.epoch, step=step
    )
    reach("step.after-order")


async def _stop(world: World, state: RunState, order: StopStep, _: Outfit) -> None:
    session = order.attempt_id
    n = state.attempts[session].steps[-1].number
    token, epoch = world.token(session), world.store.epoch
    await _runner_of(world, state, order).stop_step(session, token=token, epoch=epoch, n=n, grace_s=world.grace_s)


async def _end(world: World, state: RunState, order: EndSteps, _: Outfit) -> None:
    session = order.attempt_id
    reach("step.before-end")
    await _runner_of(world, state, order).end_steps(
        session, token=world.token(session), epoch=world.store.epoch, code=order.code
    )


def _runner_of(world: World, state: RunState, order: Order) -> Runner:
    return world.hosts.named(state.attempts[order.attempt_id].host).runner


_GIVE: Final[dict[type, Callable[[World, RunState, Any, Outfit], Awaitable[None]]]] = {
    RunStep: _run,
    StopStep: _stop,
    EndSteps: _end,
}
