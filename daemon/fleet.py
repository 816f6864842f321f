"""The hosts of the engine: the daemon's own machine, and those that are gone."""

import asyncio
import os
from collections.abc import Callable, Sequence
from typing import Final

from chainwright.daemon.artifacts.port import HostArtifacts
from chainwright.daemon.config import Config
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.engine.hosts import INHERITED, Host, Surroundings
from chainwright.daemon.engine.workplaces import Workspaces
from chainwright.runners.gone import GoneRunner
from chainwright.runners.port import Runner

STARTS_AT_ONCE: Final = 4


def local_host(config: Config, runner: Runner, workspaces: Workspaces, files: HostArtifacts) -> Host:
    """This machine, with the slots and labels that the configuration gives it."""
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    around = Surroundings(env=env, path_prefix=str(config.home.bin))

    async def surroundings() -> Surroundings:
        return around

    return Host(
        name=LOCAL,
        labels=frozenset({LOCAL, *config.settings.sessions.labels}),
        slots=config.settings.sessions.slots,
        runner=runner,
        workspaces=workspaces,
        files=files,
        surroundings=surroundings,
        starts=asyncio.Semaphore(STARTS_AT_ONCE),
    )


class Fleet:
    """Implements :class:`~chainwright.daemon.engine.hosts.Hosts`."""

    def __init__(self, local: Host) -> None:
        self._local = local

    def every(self) -> Sequence[Host]:
        """See the port."""
        return (self._local,)

    def named(self, name: str) -> Host:
        """See the port."""
        return self._local if name in ("", LOCAL) else gone(name, self._local)

    async def of_session(self, session_id: str) -> Host:
        """See the port."""
        return self._local

    def subscribe(self, changed: Callable[[], None]) -> None:
        """See the port."""


def gone(name: str, local: Host) -> Host:
    """A host that nobody describes any more: whatever is asked of it is answered as of a machine that does not exist."""
    return Host(
        name=name,
        labels=frozenset(),
        slots=0,
        runner=GoneRunner(name),
        workspaces=local.workspaces,
        files=local.files,
        surroundings=local.surroundings,
        starts=local.starts,
        closed=lambda: "it was removed",
    )
