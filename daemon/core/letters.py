"""What leaves for others: at least once, the newest of each subject, later and later while it fails, and given up in the end."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 600.0
GIVEN_UP_AFTER_S: Final = 3 * 86_400.0
"""A receiver that is down over a weekend hears of everything on Monday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Something for a receiver. A later one of the same subject takes its place; times in seconds since the epoch."""

    receiver: str
    subject: str
    body: Mapping[str, Any]
    made_at: float
    tries: int = 0

    @property
    def id(self) -> str:
        """Tells this content of the subject from another; the same at each try."""
        text = json.dumps([self.subject, self.body], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def wait_s(tries: int, chance: float) -> float:
    """How long to wait after so many failed tries; ``chance`` in [0, 1) spreads those who failed together."""
    longest = min(FIRST_WAIT_S * 2.0 ** min(tries, 20), LONGEST_WAIT_S)
    return longest * (0.5 + chance / 2)
