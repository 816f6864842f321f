"""Events from outside into a live run: which ones its chain knows, and what they have to carry (semantics 12)."""

from typing import Any

from chainwright.daemon.core.graph import Emit
from chainwright.daemon.core.payloads import payload_problems
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import RunState


def require_injectable(state: RunState, name: str, data: Any) -> None:
    """Raises :class:`Refusal` for an event that the chain does not know, or whose data is not of the type that it declares.

    Where agents declare it in several ways, one of them is enough; the contract of the chain is part of all of them.
    """
    known = _known(state)
    if name not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise Refusal(Code.INVALID_INPUT, f'event "{name}" is unknown to this chain', f"it knows: {listed}")
    emits: list[Emit | None] = [agent.emits[name] for agent in state.chain.agents.values() if name in agent.emits]
    problems = [payload_problems(state.chain, name, emit, data) for emit in emits or [None]]
    if all(problems):
        raise Refusal(Code.INVALID_INPUT, f'event "{name}" is declared otherwise', "; ".join(problems[0]))


def injected_before(state: RunState, key: str) -> int | None:
    """The number of an event from outside with this key; no key is like no other."""
    events = (event for event in state.events if event is not None and event.agent is None)
    return next((event.number for event in events if event.key == key), None) if key else None


def _known(state: RunState) -> set[str]:
    emitted = {name for agent in state.chain.agents.values() for name in agent.emits}
    listened = {name for name in state.edges.listeners if name.partition(".")[0] not in state.agents}
    return emitted | listened
