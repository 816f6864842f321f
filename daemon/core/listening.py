"""What a chain listens to of others: the triggers ``event`` and ``chain`` in compiled form."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger:
    """Events of other chains, or sent from outside, that start a run; each of them one."""

    names: tuple[str, ...]
    condition: str | None = None
    """An expression over ``event`` and ``vars``, without ``${{ }}`` around the whole."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """JSON values whose texts may be templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTrigger:
    """Ends of other chains' runs that start a run; ``event.data`` holds how each ended, and its outputs."""

    chains: tuple[str, ...]
    outcomes: tuple[str, ...] = ("succeeded",)
    condition: str | None = None
    inputs: dict[str, Any] = field(default_factory=dict)
