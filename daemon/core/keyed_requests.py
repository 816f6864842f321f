"""Requests that carry a key, so that whoever is not sure of having been heard may send them again, and what they were answered."""

from dataclasses import dataclass
from typing import Final

KNOWN_FOR_S: Final = 86_400.0
"""For so long the same key leads to the same answer. A key that led to a run leads to it for as long as the run is on record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedRequest:
    """A key, and a digest of all that was asked under it."""

    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What a request was answered; ``location`` is empty for none."""

    status: int
    location: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRequest:
    """What is on record of a key; without an ``answer`` it was begun, and how that ended is not known."""

    fingerprint: bytes
    answer: KeptAnswer | None
