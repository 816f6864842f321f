"""Session hosts that nobody has told of what is on record: a daemon that dies between recording an end and saying so leaves one.

Such a host would wait for its whole linger time and keep its folder from ever being removed; and its run may be over, so that no
scope would come back to it. Once at each start, therefore, what has ended and is followed by nobody is let go.
"""

from collections.abc import Callable

import structlog

from chainwright.daemon.engine.ports import World
from chainwright.runners.port import Exited, Lost, RunnerError

log = structlog.get_logger()


async def let_go(world: World, is_followed: Callable[[str], bool]) -> None:
    """Forget every ended session that is not followed. A running one is left alone, whoever it belongs to."""
    for session_id in await world.runner.unacknowledged():
        if is_followed(session_id):
            continue
        try:
            if isinstance(await world.runner.poll(session_id), Exited | Lost):
                await world.runner.forget(session_id, token=world.token(session_id), epoch=world.store.epoch)
        except RunnerError as error:
            log.warning("a session is not let go", action="session.left", session=session_id, error=str(error))
