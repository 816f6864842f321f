"""The store of what starts runs by itself: due times and deliveries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from chainwright.daemon.core.due import Pause

Fate = Literal["accepted", "filtered", "unfit", "refused", "duplicate"]
"""What became of a delivery: a run; nothing, as its ``if`` says; nothing, because its payload does not fit; its sender was not proven;
it is a repeat of one that became a run."""


REPEATED_WITHIN_S: Final = 30 * 86_400.0
"""For so long a repeat is known as one (semantics 40)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDelivery:
    """One delivery to a webhook. ``keys`` are what a repeat of it would share; ``folded`` joins rows that are only counted.

    ``headers`` and ``body`` are those of a proven sender; without a body nothing of the request is kept.
    """

    id: str
    organization: str
    environment: str
    hook: str
    chain: str
    fate: Fate
    received_at: float
    reason: str = ""
    run_id: str | None = None
    first: str | None = None
    remote: str = ""
    keys: tuple[str, ...] = ()
    folded: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)

    @property
    def source(self) -> str:
        """The webhook, over all environments."""
        return f"{self.organization}/{self.environment}/{self.hook}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDelivery:
    """What a repeat needs to know of the delivery that it repeats."""

    id: str
    run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A due time of a schedule: the run that it became, or why it became none."""

    schedule: str
    due: float
    run_id: str | None
    missed: str
    outcome: str | None = None
    """Of the run, once it has ended."""


class TriggerStore(Protocol):
    """Schedules and webhooks."""

    async def record_missed(self, schedule: str, reasons: Mapping[float, str]) -> int:
        """Leave a row for each due time that became no run, all or none; how many of them had none yet."""

    async def pause_schedules(self, chain: str, pause: Pause) -> None:
        """Remember that somebody keeps the schedules of a chain from starting runs, in place of whoever did before."""

    async def resume_schedules(self, chain: str, actor: str, at: float) -> None:
        """Remember who let them start runs again."""

    async def fires(self, schedule: str, limit: int = 50, before: float | None = None) -> list[Fire]:
        """What became of a schedule's due times, or of those before a time, newest first."""

    async def pauses(self) -> dict[str, Pause]:
        """The newest pause of each chain whose schedules nobody has resumed since; its end may have come."""

    async def last_fire(self, schedule: str) -> float | None:
        """The newest due time that has a row."""

    async def record_delivery(self, delivery: HookDelivery) -> None:
        """Keep a delivery of a webhook that became no run; one whose id or ``folded`` is known already is counted there."""

    async def prune_deliveries(self, now: float, room_bytes: int) -> int:
        """Forget deliveries whose repeats are known no longer, and the oldest contents beyond so many bytes, a part at a time; how
        many rows went, 0 when nothing is left to forget."""

    async def known_delivery(self, source: str, keys: tuple[str, ...], now: float) -> KnownDelivery | None:
        """The delivery of a webhook that has one of these keys and is not too old to be repeated; one that became a run before
        others."""

    async def deliveries(
        self, organization: str, *, hook: str | None, fate: str | None, limit: int, before: str | None
    ) -> list[dict[str, Any]]:
        """Deliveries, newest first, in the shape of ``schemas.webhook_api.DeliveryView``."""

    async def find_deliveries(self, organization: str, prefix: str) -> list[str]:
        """Up to two ids of deliveries that begin with ``prefix``."""

    async def delivery(self, delivery_id: str) -> dict[str, Any] | None:
        """One of them."""

    async def delivered(self, delivery_id: str) -> tuple[dict[str, str], bytes] | None:
        """Headers and body of a delivery, while they are kept."""
