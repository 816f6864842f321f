"""Events, compared: producers and consumers that break, events that nobody hears any more, and new cycles with what bounds them.

What crosses the borders of a chain is promised by its ``events``; within it, by what its agents emit.
"""

from collections.abc import Iterator, Mapping

from chainwright.daemon.core.feeds import Feeds, agents_of, cycles, drawn, without_agents
from chainwright.daemon.core.graph import RUN_STOP, Chain, ValueType
from chainwright.daemon.core.plan.report import Cycle
from chainwright.daemon.core.plan.sentences import Sentence, said

Payload = Mapping[str, ValueType] | None


def broken_contracts(before: Chain | None, after: Chain) -> tuple[Sentence, ...]:
    """What no longer fits together, or fits no longer as it did."""
    if before is None:
        return tuple(_orphans(None, after))
    return (*_starved(before, after), *_payloads(before, after), *_orphans(before, after), *_promises(before, after))


def new_cycles(before: Chain | None, after: Chain) -> tuple[Cycle, ...]:
    """Cycles of agents that the chain did not have, automatic events included."""
    known = {frozenset(agents_of(cycle)) for cycle in Feeds(before).cycles} if before else set()
    feeds = Feeds(after)
    found = (cycle for cycle in feeds.cycles if frozenset(agents_of(cycle)) not in known)
    return tuple(
        Cycle(way=drawn(cycle, feeds.graph), bounds=_bounds(after, feeds, agents_of(cycle))) for cycle in found
    )


def _bounds(chain: Chain, feeds: Feeds, agents: list[str]) -> tuple[str, ...]:
    """None while a way round is left without the agents that have a bound (semantics 17)."""
    bounded = [name for name in agents if chain.agents[name].max_turns is not None]
    left = without_agents(feeds.graph, bounded)
    if any(set(agents_of(cycle)) <= set(agents) for cycle in cycles(left)):
        return ()
    return tuple(f"{name} at most {chain.agents[name].max_turns} turns" for name in bounded)


def _starved(before: Chain, after: Chain) -> Iterator[Sentence]:
    """Agents that listened to somebody and now listen to nobody."""
    old, new = Feeds(before).emitters, Feeds(after).emitters
    for agent in after.agents.values():
        for event in agent.listens.names if agent.listens else ():
            if event in old and event not in new:
                yield said("{} listens for {}, which nobody emits any more", agent.id, event)


def _payloads(before: Chain, after: Chain) -> Iterator[Sentence]:
    """Fields that somebody hears and that are gone or of another type."""
    old, new = _promised(before), _promised(after)
    for event, hearers in _hearers(after).items():
        if event in old and event in new:
            yield from narrowed(event, old[event], new[event], hearers)


def narrowed(event: str, old: Payload, new: Payload, hearers: list[str]) -> Iterator[Sentence]:
    """Fields of an event that are gone or of another type; who hears it could have relied on them."""
    if old is None:
        return
    who = ", ".join(hearers)
    for field, kind in old.items():
        now = None if new is None else new.get(field)
        if now is None:
            yield said("{} carries no {} any more, and {} hears it", event, field, who)
        elif now != kind:
            yield said("{} carries {} as {}, not {}, and {} hears it", event, field, now, kind, who)


def _orphans(before: Chain | None, after: Chain) -> Iterator[Sentence]:
    known = _unheard(before) if before else set()
    for event, emitters in _unheard_by_emitter(after).items():
        if event not in known:
            yield said("{} emits {}, and nobody hears it", ", ".join(emitters), event)


def _promises(before: Chain, after: Chain) -> Iterator[Sentence]:
    """The contracts with other chains."""
    for event, contract in before.events.items():
        kept = after.events.get(event)
        if kept is None:
            yield said("{} does not leave the chain any more: other chains hear nothing of it", event)
        else:
            yield from narrowed(event, contract.payload, kept.payload, ["other chains"])


def _promised(chain: Chain) -> dict[str, Payload]:
    """Event → what every emitter of it promises: the first that says less is what can be relied on."""
    found: dict[str, Payload] = {}
    for agent in chain.agents.values():
        for name, emit in agent.emits.items():
            found[name] = _common(found[name], emit.payload) if name in found else emit.payload
    return found


def _common(one: Payload, other: Payload) -> Payload:
    if one is None or other is None:
        return None
    return {field: kind for field, kind in one.items() if other.get(field) == kind}


def _hearers(chain: Chain) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for agent in chain.agents.values():
        for event in agent.listens.names if agent.listens else ():
            found.setdefault(event, []).append(agent.id)
    return found


def _unheard(chain: Chain) -> set[str]:
    return set(_unheard_by_emitter(chain))


def _unheard_by_emitter(chain: Chain) -> dict[str, list[str]]:
    heard = {*_hearers(chain), *chain.events, RUN_STOP}
    found: dict[str, list[str]] = {}
    for agent in chain.agents.values():
        for event in agent.emits:
            if event not in heard:
                found.setdefault(event, []).append(agent.id)
    return found
