"""What an operator should know of hosts: `chainwright doctor`, and what is logged as drift."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from chainwright.daemon.core.hosts import HostEntry, KnownHost, Sighting
from chainwright.daemon.core.time_zones import stamp
from chainwright.daemon.drift import Check, check
from chainwright.daemon.hosts.askers import Asked, unmet
from chainwright.daemon.hosts.register import Hosts
from chainwright.schemas.hosts import LOCAL

LEAST_FREE_BYTES: Final = 200 << 20


class HostHealth:
    """Looks at what is known of hosts; nothing is asked of them for it.

    ``sighted`` tells how each answered last, ``asked`` gives what agents in force ask for, ``local`` the labels of the daemon's machine.
    """

    def __init__(
        self, hosts: Hosts, sighted: Callable[[str], Sighting], asked: Callable[[], Asked], local: Iterable[str]
    ) -> None:
        self._hosts = hosts
        self._sighted = sighted
        self._asked = asked
        self._local = frozenset({LOCAL, *local})

    def checks(self) -> list[Check]:
        """One for each host, one for what people have changed of this machine, one for labels that no host has."""
        known = self._hosts.current()
        of_each = [self._host(one) for one in known.values()]
        return [*of_each, *self._own_machine(), *self._labels(known)]

    def _host(self, known: KnownHost) -> Check:
        name = f"host {known.name}"
        for look in (self._way, self._trust, self._answers, _drain, self._room):
            if (fault := look(known)) is not None:
                return check(name, False, *fault)
        seen = self._sighted(known.name)
        return check(name, True, "connected" if seen.state == "connected" else "not asked yet", "")

    def _way(self, known: KnownHost) -> tuple[str, str] | None:
        try:
            self._hosts.way(known.name)
        except ValueError as fault:
            return str(fault), "add its jump host again, or say another: chainwright hosts add --replace"
        return None

    def _trust(self, known: KnownHost) -> tuple[str, str] | None:
        if known.settings.host_key is None:
            return "no key is pinned: nothing is sent there", f"chainwright hosts trust {known.name}"
        return None

    def _answers(self, known: KnownHost) -> tuple[str, str] | None:
        seen = self._sighted(known.name)
        if seen.state in ("connected", "idle"):
            return None
        since = f" since {stamp(seen.since)}" if seen.since is not None else ""
        return f"{seen.state}{since}: {seen.why}", f"chainwright hosts test {known.name} says how to mend it"

    def _room(self, known: KnownHost) -> tuple[str, str] | None:
        free = self._sighted(known.name).free_bytes
        if free is None or free >= LEAST_FREE_BYTES:
            return None
        return f"{free >> 20} MiB free", "free some: agents there wait on a full disk"

    def _own_machine(self) -> list[Check]:
        entry = self._hosts.drained(LOCAL)
        if entry is None:
            return []
        return [check(f"host {LOCAL}", False, _drained(entry), f"chainwright hosts resume {LOCAL}")]

    def _labels(self, known: Mapping[str, KnownHost]) -> list[Check]:
        """Nothing where nobody asks for any."""
        asked = self._asked()
        if not asked:
            return []
        missing = unmet(asked, [self._local, *(one.labels for one in known.values())])
        said = "; ".join(f"{_together(labels)}, for {', '.join(askers)}" for labels, askers in missing.items())
        hint = "agents that ask for them wait: add a host that has them, or change their runs-on"
        return [check("labels of hosts", not missing, f"no host has {said}" if missing else "every one is had", hint)]


def _drain(known: KnownHost) -> tuple[str, str] | None:
    if known.drained is None:
        return None
    return _drained(known.drained), f"chainwright hosts resume {known.name}"


def _drained(entry: HostEntry) -> str:
    return f"drained by {entry.actor} since {stamp(entry.at)}" + (f": {entry.reason}" if entry.reason else "")


def _together(labels: Iterable[str]) -> str:
    return " + ".join(sorted(labels))
