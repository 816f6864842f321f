"""Session hosts that nobody has told of what is on record: a daemon that dies between recording an end and saying so leaves one.

Such a host would wait for its whole linger time and keep its folder from ever being removed; and its run may be over, so that no
scope would come back to it. Once at each start, therefore, what has ended and is followed by nobody is let go.
"""

import asyncio
from collections.abc import Callable

import structlog

from chainwright.daemon.engine.hosts import Host
from chainwright.daemon.engine.ports import World
from chainwright.runners.port import Exited, Lost, RunnerError

log = structlog.get_logger()


async def let_go(world: World, is_followed: Callable[[str], bool]) -> None:
    """Forget every ended session that is not followed, on every host that answers. A running one is left alone, whoever it belongs to."""
    await asyncio.gather(*(_let_go(world, host, is_followed) for host in world.hosts.every()))


async def _let_go(world: World, host: Host, is_followed: Callable[[str], bool]) -> None:
    try:
        left = await host.runner.unacknowledged()
    except RunnerError as error:
        log.warning("a host does not say what is left there", action="host.silent", host=host.name, error=str(error))
        return
    for session_id in left:
        if is_followed(session_id):
            continue
        try:
            if isinstance(await host.runner.poll(session_id), Exited | Lost):
                await host.runner.forget(session_id, token=world.token(session_id), epoch=world.store.epoch)
        except RunnerError as error:
            log.warning("a session is not let go", action="session.left", session=session_id, error=str(error))
