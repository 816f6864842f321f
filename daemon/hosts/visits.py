"""What is looked at on a host because somebody asks: the key that it shows, and a trial of everything."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.hosts import KnownHost, algorithm, fingerprint, is_same_key
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.hosts.askers import asked_labels
from chainwright.daemon.hosts.register import Hosts
from chainwright.daemon.hosts.trial import Check, trial


class Visits:
    """``owner`` names the daemon's folder below the roots of its hosts; ``chains`` gives those in force."""

    def __init__(self, hosts: Hosts, home: Path, owner: str, chains: Callable[[], Iterable[Chain]]) -> None:
        self._hosts = hosts
        self._home = home
        self._owner = owner
        self._chains = chains

    async def shown_key(self, name: str) -> dict[str, Any]:
        """A HostKeyView. Refused when the host does not show one now."""
        from chainwright.daemon.hosts.findings import HINTS
        from chainwright.daemon.hosts.reaching import shown_host_key
        from chainwright.runners.ssh.unreached import Unreached

        way = self._way(name)
        try:
            shown = await shown_host_key(way, self._home)
        except Unreached as problem:
            raise Refusal(Code.UNAVAILABLE, str(problem), HINTS[problem.kind]) from problem
        pinned = way[0].settings.host_key
        return {
            "host_key": shown,
            "algorithm": algorithm(shown),
            "fingerprint": fingerprint(shown),
            "pinned": fingerprint(pinned) if pinned is not None else None,
            "pinned_algorithm": algorithm(pinned) if pinned is not None else None,
            "is_pinned": pinned is not None and is_same_key(pinned, shown),
        }

    def trial(self, name: str) -> AsyncIterator[Check]:
        """HostChecks, one after the other, as they are found. Refused at once where there is no such host."""
        return trial(self._way(name), home=self._home, owner=self._owner, asked=asked_labels(self._chains()))

    def _way(self, name: str) -> Sequence[KnownHost]:
        self._hosts.one(name)
        try:
            return [self._hosts.one(each) for each in self._hosts.way(name)]
        except ValueError as fault:
            raise Refusal(Code.CONFLICT, f'host "{name}" cannot be reached', str(fault)) from None
