"""The runner of a host that is reached over SSH: what every runner does (``session_runner``), in the folders of that host."""

from random import Random
from typing import TYPE_CHECKING, Literal

from chainwright.runners.session_runner import SessionRunner
from chainwright.runners.ssh.connections import HostConnections
from chainwright.runners.ssh.folders import HostFolders
from chainwright.runners.ssh.porter_client import HostPorter

if TYPE_CHECKING:
    from chainwright.runners.ssh.person import PersonTerminal


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
        """Leave the host; sessions go on."""
        await super().close()
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
    ) -> "PersonTerminal":
        """A person's terminal on a session, on a channel with a terminal of its own: its type, rows and columns are ``terminal``.

        Output from byte ``offset`` on; it belongs to the caller, who closes it. Raises :class:`HostUnreachable`.
        """
        from chainwright.runners.ssh import person, wire

        kind, rows, cols = terminal
        return await person.opened(
            self.connections,
            self.porter,
            await self._folders.folder(session_id),
            offset=offset,
            wish={"token": token, "epoch": epoch, "role": role},
            terminal=wire.TerminalWish(type=kind, rows=rows, cols=cols),
        )
