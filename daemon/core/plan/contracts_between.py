"""What chains promise each other, compared: events that cross their borders, and ends of runs that others wait for."""

from collections.abc import Iterator, Mapping

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.plan.contracts import Payload, narrowed
from chainwright.daemon.core.plan.sentences import Sentence, said

Chains = Mapping[str, Chain]


def broken_between(base: Chains, head: Chains) -> tuple[Sentence, ...]:
    """Chains that listened to somebody and now listen to nobody, or to something else. Events that people send are not known here."""
    return (*_starved(base, head), *_payloads(base, head), *_without_end(base, head))


def _starved(base: Chains, head: Chains) -> Iterator[Sentence]:
    lost = _promised(base).keys() - _promised(head).keys()
    for event, hearers in _hearers(head).items():
        if event in lost:
            yield said("{} starts on {}, which no chain lets out any more", ", ".join(hearers), event)


def _payloads(base: Chains, head: Chains) -> Iterator[Sentence]:
    old, new = _promised(base), _promised(head)
    for event, hearers in _hearers(head).items():
        if event in old and event in new:
            yield from narrowed(event, old[event], new[event], hearers)


def _without_end(base: Chains, head: Chains) -> Iterator[Sentence]:
    for chain in head.values():
        for name in chain.on_chain.chains if chain.on_chain else ():
            if name in base and name not in head:
                yield said("{} starts when {} ends, and there is no such chain any more", chain.id, name)


def _hearers(chains: Chains) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for chain in chains.values():
        for event in chain.on_event.names if chain.on_event else ():
            found.setdefault(event, []).append(chain.id)
    return found


def _promised(chains: Chains) -> dict[str, Payload]:
    """Of several chains that let out an event of one name, the last one counts."""
    return {name: contract.payload for chain in chains.values() for name, contract in chain.events.items()}
