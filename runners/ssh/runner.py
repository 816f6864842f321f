"""The runner of a host that is reached over SSH: what every runner does (``session_runner``), in the folders of that host."""

from pathlib import Path
from random import Random
from typing import Literal

from chainwright.runners.session_runner import SessionRunner
from chainwright.runners.ssh import person
from chainwright.runners.ssh.bound import BoundFolders
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.either import EitherFolders
from chainwright.runners.ssh.folders import HostFolders
from chainwright.runners.ssh.porter_client import HostPorter
from chainwright.runners.ssh.wishes import TerminalWish


class SshRunner(SessionRunner):
    """Sessions on one host. ``connections`` and ``porter`` are the host's, and closed with it.

    ``here`` is a folder of this machine for sessions that are bound to the connection; without one, or where the host's settings
    require durable ones, none are started.
    """

    def __init__(
        self,
        connections: HostConnections,
        porter: HostPorter,
        *,
        here: Path | None = None,
        chance: Random | None = None,
    ) -> None:
        self.name = connections.name
        self.connections = connections
        self.porter = porter
        self.folders = HostFolders(connections, porter, chance=chance or Random())
        self._bound = None
        if here is not None and connections.settings.durable == "preferred":
            self._bound = BoundFolders(here, connections, owner=porter.owner)
        super().__init__(EitherFolders(self.folders, self._bound))

    async def open(self) -> None:
        """Nothing yet: a host that is down keeps no daemon from starting. It is reached with the first question."""

    async def close(self) -> None:
        """Leave the host; durable sessions go on, bound ones are lost, and whoever waits for an answer is told that there is none."""
        self.folders.leave()
        await super().close()
        if self._bound is not None:
            await self._bound.close()
        await self.porter.close()
        await self.connections.close()

    async def person(
        self,
        session_id: str,
        *,
        token: str,
        epoch: int,
        role: Literal["viewer", "typist"],
        offset: int = 0,
        terminal: tuple[str, int, int] = ("xterm-256color", 40, 120),
    ) -> person.PersonTerminal:
        """A person's terminal on a session, on a channel with a terminal of its own: its type, rows and columns are ``terminal``.

        Output from byte ``offset`` on; it belongs to the caller, who closes it. Raises :class:`HostUnreachable`.
        """
        kind, rows, cols = terminal
        return await person.opened(
            self.connections,
            self.porter,
            await self.folders.folder(session_id),
            offset=offset,
            wish={"token": token, "epoch": epoch, "role": role},
            terminal=TerminalWish(type=kind, rows=rows, cols=cols),
        )
