"""The runner of a host that is reached over SSH: what every runner does (``session_runner``), in the folders of that host."""

from random import Random

from chainwright.runners.session_runner import SessionRunner
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.folders import HostFolders
from chainwright.runners.ssh.porter_client import HostPorter


class SshRunner(SessionRunner):
    """Sessions on one host. ``connections`` and ``porter`` are the host's, and closed with it."""

    def __init__(self, connections: HostConnections, porter: HostPorter, *, chance: Random | None = None) -> None:
        self.name = connections.name
        self.connections = connections
        self.porter = porter
        self._folders = HostFolders(connections, porter, chance=chance or Random())
        super().__init__(self._folders)

    async def open(self) -> None:
        """Nothing yet: a host that is down keeps no daemon from starting. It is reached with the first question."""

    async def close(self) -> None:
        """Leave the host; sessions go on, and whoever waits for an answer is told that there is none."""
        self._folders.leave()
        await super().close()
        await self.porter.close()
        await self.connections.close()
