"""The secrets of webhooks, read when a delivery comes and kept for a moment.

Reading them anew for each delivery would let anybody who can send a request have a file read, or a command run, five hundred times a
second. A signature that does not hold under what is kept is tried again under what is there now, so a new secret holds at once; that
too is bounded.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.secrets.port import Secrets, SecretUnavailable

KEPT_S: Final = 5.0
"""How long a value stays in memory, and a withdrawn secret still counts."""
ASKED_ANEW_S: Final = 0.5
"""Between two readings that are asked for because a signature did not hold."""


@dataclass(frozen=True, slots=True)
class _Kept:
    values: tuple[str, ...]
    read_at: float


class LiveSecrets:
    """The values of secrets by their names."""

    def __init__(self, secrets: Secrets, clock: Callable[[], float] = time.monotonic) -> None:
        self._secrets = secrets
        self._clock = clock
        self._kept: dict[tuple[str, ...], _Kept] = {}

    async def of(self, names: tuple[str, ...], *, kept_s: float = KEPT_S) -> tuple[str, ...]:
        """The values of those that there are, as they were within the last ``kept_s``. Raises SecretUnavailable when there is none:
        while one secret takes the other's place, either may be missing."""
        kept = self._kept.get(names)
        if kept is None or self._clock() - kept.read_at > kept_s:
            kept = self._kept[names] = _Kept(await self._read(names), self._clock())
        return kept.values

    async def _read(self, names: tuple[str, ...]) -> tuple[str, ...]:
        values: list[str] = []
        missing: list[SecretUnavailable] = []
        for name in names:
            try:
                values += [secret.value for secret in await self._secrets.read((name,))]
            except SecretUnavailable as error:
                missing.append(error)
        if not values and missing:
            raise missing[0]
        return tuple(values)
