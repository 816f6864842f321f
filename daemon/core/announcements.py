"""What a run tells other chains: events that its chain lets out, and how it ended.

Decided here, from what was decided anyway, and stored in the transaction of those entries: whoever listens when it happens is told, once
each, through any crash. What the listening chain makes of it (its ``if``, its inputs, whether it is still there) is decided when it is
told, by what is then in force; ``daemon.announcing`` does that.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from chainwright.daemon.core.decisions import Decision, EventRouted, RunFinished
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.filters import lets_start
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.listening import ChainTrigger
from chainwright.daemon.core.state import RunState

Kind = Literal["event", "chain", "push", "pull_request"]
"""An event that left its chain, the end of a run, a movement of refs: also the kinds of the triggers that listen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something that one listening chain has to be told."""

    key: str
    """Of this occurrence and this listener: whatever is told twice counts once."""
    kind: Kind
    listener: str
    """Id of the chain that listens."""
    organization: str
    environment: str
    at: float
    run_id: str | None
    """The run that it comes from; None when it was sent from outside."""
    event: dict[str, Any]
    """What the listener's expressions see as ``event``."""
    depth: int
    """How many runs have led to one another to get here."""


class Listeners:
    """Which of the chains in force listen to what. Made once for each deployment."""

    def __init__(self, chains: Mapping[str, Chain]) -> None:
        self._events: dict[str, list[str]] = defaultdict(list)
        self._ends: dict[str, list[Chain]] = defaultdict(list)
        for chain in chains.values():
            for name in chain.on_event.names if chain.on_event else ():
                self._events[name].append(chain.id)
            for ended in chain.on_chain.chains if chain.on_chain else ():
                self._ends[ended].append(chain)

    def of_event(self, name: str) -> Sequence[str]:
        """Ids of the chains that start with an event of this name."""
        return self._events.get(name, ())

    def of_end(self, chain: str, outcome: str, branch: str) -> Iterator[str]:
        """Ids of the chains that start when a run of this chain ends so; ``branch`` is the run's, empty for one of none."""
        for listener in self._ends.get(chain, ()):
            if listener.on_chain and hears(listener.on_chain, chain, outcome, branch):
                yield listener.id


def hears(trigger: ChainTrigger, chain: str, outcome: str, branch: str) -> bool:
    """Whether the end of a run is one that the trigger waits for. A run of no branch is none of those that ``branches`` names."""
    is_named = not trigger.branches or (bool(branch) and lets_start(trigger.branches, (), [branch]))
    return chain in trigger.chains and outcome in trigger.outcomes and is_named


NOBODY: Final = Listeners({})


def announced(
    state: RunState, entries: Iterable[tuple[float, Fact | Decision]], listeners: Listeners
) -> list[Announcement]:
    """What these entries of a run, by which ``state`` has evolved, tell others."""
    found: list[Announcement] = []
    if listeners is NOBODY:
        return found
    for at, entry in entries:
        if isinstance(entry, EventRouted):
            found += _of_event(state, entry, at, listeners)
        elif isinstance(entry, RunFinished):
            found += _of_end(state, entry, at, listeners)
    return found


def of_outside(
    name: str, data: Any, at: float, *, key: str, sender: str, organization: str, environment: str, listeners: Listeners
) -> list[Announcement]:
    """What an event that somebody sends tells chains; ``key`` names the sending."""
    event = {"name": name, "data": data, "time": at, "source": {"actor": sender}}
    return [
        Announcement(
            key=f"{key}>{listener}",
            kind="event",
            listener=listener,
            organization=organization,
            environment=environment,
            at=at,
            run_id=None,
            event=event,
            depth=0,
        )
        for listener in listeners.of_event(name)
    ]


def _of_event(state: RunState, routed: EventRouted, at: float, listeners: Listeners) -> Iterator[Announcement]:
    found = state.event(routed.number)
    if found.name not in state.chain.events:
        return
    event = found.as_json()
    event["source"] = {**(event["source"] or {}), **_source(state)}
    for listener in listeners.of_event(found.name):
        yield _announcement(state, "event", f"#{found.number}>{listener}", at, event)


def _of_end(state: RunState, finished: RunFinished, at: float, listeners: Listeners) -> Iterator[Announcement]:
    event = {
        "name": f"{state.chain.id}.{finished.outcome.value}",
        "data": {
            "outcome": finished.outcome.value,
            "reason": finished.reason and finished.reason.value,
            "outputs": finished.outputs,
        },
        "time": at,
        "source": _source(state),
    }
    assert state.request is not None
    for listener in listeners.of_end(state.chain.id, finished.outcome.value, state.request.branch):
        yield _announcement(state, "chain", f">{listener}", at, event)


def _source(state: RunState) -> dict[str, Any]:
    assert state.request is not None
    request = state.request
    return {"chain": request.chain, "run": state.id, "commit": request.works_on, "branch": request.branch or None}


def _announcement(state: RunState, kind: Kind, place: str, at: float, event: dict[str, Any]) -> Announcement:
    """``place`` is what within the run is told, and to whom."""
    assert state.request is not None
    return Announcement(
        key=f"{state.id}{place}",
        kind=kind,
        listener=place.partition(">")[2],
        organization=state.request.organization,
        environment=state.request.environment,
        at=at,
        run_id=state.id,
        event=event,
        depth=state.request.depth,
    )
