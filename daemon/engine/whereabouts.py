"""Where the session of an attempt is, or is to be; its checks are where it is."""

from collections.abc import Callable

from chainwright.daemon.core.facts import HostChosen
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.engine.ports import World
from chainwright.daemon.engine.sessions import Owner


class Whereabouts:
    """Of one attempt. ``state`` gives its run as it is now."""

    def __init__(self, world: World, owner: Owner, state: Callable[[], RunState], attempt_id: str) -> None:
        self._world = world
        self._owner = owner
        self._state = state
        self._id = attempt_id

    @property
    def labels(self) -> tuple[str, ...]:
        """What its host must have."""
        return self._state().labels_of(self._attempt)

    @property
    def host(self) -> str | None:
        """The one on record; None until one is chosen. Who asks for no labels is on the daemon's own machine without a word."""
        return self._attempt.host or (None if self.labels else "")

    async def choose(self, host: str) -> bool:
        """Put a host on record. Whether it stands there now, durable: not when the attempt needs none any more."""
        if self.host == host or (not self.labels and not self._attempt.host):
            return True
        self._owner.report(HostChosen(at=self._world.clock(), attempt_id=self._id, host=host))
        await self._owner.durable()
        return self._attempt.host == host

    @property
    def _attempt(self) -> AttemptState:
        return self._state().attempts[self._id]
