"""Whether a failed attempt is tried again, and after how long (semantics 19)."""

import hashlib
from collections.abc import Callable
from typing import Final, cast

from chainwright.daemon.core.graph import Retry, RetryReason
from chainwright.daemon.core.states import Reason

_GROWTH: Final[dict[str, Callable[[int], float]]] = {
    "fixed": lambda failed: 1.0,
    "linear": float,
    "exponential": lambda failed: 2.0 ** min(failed - 1, 60),
}


def allows(retry: Retry, *, failed: int, reason: Reason, exit_code: int | None) -> bool:
    """Whether another attempt follows after ``failed`` attempts, the last of which ended for this reason."""
    if failed > retry.max or cast(RetryReason, reason.value) not in retry.on:
        return False
    return reason is not Reason.EXIT or not retry.exit_codes or exit_code in retry.exit_codes


def delay_s(retry: Retry, *, failed: int, seed: str) -> float:
    """Seconds to wait after ``failed`` attempts.

    With jitter it lies between half of the nominal delay and all of it. The core has no random source: ``seed``, the next
    attempt's id, decides, so a rebuilt run chooses the same.
    """
    nominal = min(retry.delay_s * _GROWTH[retry.backoff](failed), retry.max_delay_s)
    return nominal * (0.5 + 0.5 * _fraction(seed)) if retry.jitter else nominal


def _fraction(seed: str) -> float:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") / 2**64
