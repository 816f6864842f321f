"""Which host gets which session: one that has all the labels, the least loaded first; and who waits when none has a place.

A place is a slot of a host, held until it is given back, whatever happens in between. Of those that wait the highest priority is
first, of equals who came first; who waits for another host is passed over.
"""

from asyncio import Future, get_running_loop
from bisect import insort
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chainwright.daemon.engine.hosts import Host, Hosts, wanted_labels

Held = Literal["no-slot", "no-host", "host-away"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a session needs: a host with these labels, or exactly the one that it was placed on before."""

    labels: frozenset[str]
    only: str | None = None

    @classmethod
    def by(cls, labels: Sequence[str]) -> "Wanted":
        """As ``runs-on`` says; without labels the daemon's own machine."""
        return cls(wanted_labels(labels))

    @classmethod
    def exactly(cls, host: str) -> "Wanted":
        """The host on which it may run already."""
        return cls(frozenset(), only=host)

    def fits(self, host: Host) -> bool:
        """Whether this host is one, whether or not it takes sessions now."""
        return host.name == self.only if self.only is not None else self.labels <= host.labels

    def may_use(self, host: Host) -> bool:
        """Whether it may begin there now: where it was placed already, also while the host takes nothing new."""
        return self.fits(host) and (self.only is not None or not host.closed())


@dataclass(slots=True)
class _Waiting:
    wanted: Wanted
    turn: "Future[Host]"


class Placement:
    """The places of all hosts."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self._held: Counter[str] = Counter()
        self._waiting: list[tuple[int, int, _Waiting]] = []
        """In the order in which they are served: priority, turned round, and the number of who came before."""
        self._came = 0
        hosts.subscribe(self._serve_all)

    def __repr__(self) -> str:
        of_each = ", ".join(f"{self._held[host.name]} of {host.slots} on {host.name}" for host in self.hosts.every())
        return f"<Placement {of_each}; {len(self._waiting)} waiting>"

    @property
    def held(self) -> int:
        """Places that are held, over all hosts."""
        return self._held.total()

    def held_on(self, host: str) -> int:
        """The same of one host."""
        return self._held[host]

    def claim(self, host: str) -> None:
        """Hold a place whether or not one is free: for sessions that already run."""
        self._held[host] += 1

    def try_claim(self, wanted: Wanted) -> Host | None:
        """Hold a place if one is free; then nobody who could have it waits."""
        free = [host for host in self.hosts.every() if wanted.may_use(host) and self._held[host.name] < host.slots]
        if not free:
            return None
        chosen = min(free, key=lambda host: self._held[host.name] / host.slots)
        self._held[chosen.name] += 1
        return chosen

    async def wait(self, wanted: Wanted, priority: int = 0) -> Host:
        """Hold a place as soon as it is this caller's turn."""
        if (host := self.try_claim(wanted)) is not None:  # it may have come free since the caller looked
            return host
        turn: Future[Host] = get_running_loop().create_future()
        self._came += 1
        entry = (-priority, self._came, _Waiting(wanted, turn))
        insort(self._waiting, entry)
        try:
            return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.give_back(turn.result().name)
            else:
                self._waiting.remove(entry)
            raise

    def give_back(self, host: str) -> None:
        """Let go of a place; the next in line who can use it gets it."""
        self._held[host] -= 1
        if not self._held[host]:
            del self._held[host]
        for entry in self._waiting:
            if entry[2].wanted.may_use(self.hosts.named(host)):
                self._serve(entry)
                return

    def why_not(self, wanted: Wanted) -> tuple[Held, str]:
        """Why there is no place now, for people."""
        fitting = [host for host in self.hosts.every() if wanted.fits(host)]
        if not fitting:
            return "no-host", f"no host has {_listed(wanted)}; there are: {_described(self.hosts.every())}"
        open_ones = [host for host in fitting if wanted.may_use(host)]
        if not open_ones:
            return "host-away", "; ".join(f"{host.name}: {host.closed()}" for host in fitting)
        return "no-slot", "; ".join(f"all {host.slots} slots of {host.name} are taken" for host in open_ones)

    def _serve_all(self) -> None:
        for entry in tuple(self._waiting):
            self._serve(entry)

    def _serve(self, entry: tuple[int, int, _Waiting]) -> None:
        waiting = entry[2]
        if waiting.turn.done():
            return
        if (host := self.try_claim(waiting.wanted)) is not None:
            self._waiting.remove(entry)
            waiting.turn.set_result(host)


def _listed(wanted: Wanted) -> str:
    if wanted.only is not None:
        return f"the name {wanted.only}"
    return f"the label{'s' if len(wanted.labels) > 1 else ''} {', '.join(sorted(wanted.labels))}"


def _described(hosts: Sequence[Host]) -> str:
    return ", ".join(f"{host.name} ({', '.join(sorted(host.labels - {host.name})) or 'no labels'})" for host in hosts)
