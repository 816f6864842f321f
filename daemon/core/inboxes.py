"""The events that wait for an agent: how they come into its queues and leave them. Only ``evolve`` calls this."""

from collections import deque
from typing import Final

from chainwright.daemon.core.state import EventState, RunState

_MANY: Final = 16
"""From so many numbers on, queues are filtered in one pass instead of searched for each of them."""


def deliver(state: RunState, event: EventState, consumers: tuple[str, ...]) -> None:
    """To the end of each consumer's queue."""
    for consumer in consumers:
        state.agents[consumer].inbox[event.name].append(event.number)


def take(state: RunState, agent: str, numbers: tuple[int, ...]) -> None:
    """Out of the queues; one of many is the first of its queue, so that is quick, and many leave in one pass."""
    inbox = state.agents[agent].inbox
    if len(numbers) < _MANY:
        for number in numbers:
            inbox[state.event(number).name].remove(number)
        return
    gone = set(numbers)
    for name, queue in inbox.items():
        inbox[name] = deque(number for number in queue if number not in gone)
