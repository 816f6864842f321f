"""What every agent on a host is given by it: its environment, and the folder with the ``chainwright`` command."""

from collections.abc import Mapping

from chainwright.daemon.engine.hosts import INHERITED, Surroundings
from chainwright.daemon.remote.home import RemoteHome
from chainwright.runners.ssh.porter_client import About


class RemoteSurroundings:
    """Of one host, to which its operator has ``added`` variables. Asked once for each start of the porter there."""

    def __init__(self, home: RemoteHome, added: Mapping[str, str]) -> None:
        self._home = home
        self._added = added
        self._about: About | None = None
        self._found = Surroundings(env={}, path_prefix="")

    async def __call__(self) -> Surroundings:
        """What it is now. Raises HostUnreachable and OSError."""
        about = await self._home.about()
        if about is not self._about:
            folder = await self._home.call("tools")
            self._found = Surroundings(env=environment_of(about.facts["environment"], self._added), path_prefix=folder)
            self._about = about
        return self._found


def environment_of(login: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """The allow-listed part of what a login there gives (semantics 32), and over it what the host's operator has added."""
    return {name: login[name] for name in INHERITED if name in login} | dict(added)
