"""What the HTTP API says about deliveries of webhooks, and what their senders are answered."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Fate = Literal["accepted", "filtered", "unfit", "refused", "duplicate"]


class HookAnswer(BaseModel):
    """What became of a delivery. ``run_id`` and ``url`` are those of the run that it became, or that the first like it became."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fate: Fate
    delivery: str
    run_id: str | None
    url: str | None
    reason: str


class DeliveryView(BaseModel):
    """A delivery; refusals of one hour and one reason, and repeats of one delivery, are one row with their count."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    organization: str
    environment: str
    hook: str
    chain: str
    fate: Fate
    reason: str
    run_id: str | None
    first: str | None = Field(description="of a duplicate what it repeats, of a replay what it replays")
    remote: str = Field(description="the address that it came from; of a replay, who asked for it")
    received_at: float
    last_at: float
    count: int
    size: int
    kept: bool = Field(description="whether it can be shown whole, and replayed")


class DeliveryDetail(DeliveryView):
    """A delivery with what was sent, while that is kept."""

    headers: dict[str, str] = Field(description="those that carry secrets are left out")
    body: str | None = Field(description="as text; bytes that are none are replaced")


class DeliveryPage(BaseModel):
    """Deliveries, newest first; ``next`` is the cursor of the following page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[DeliveryView]
    next: str | None


class DeliveriesQuery(BaseModel):
    """Which deliveries; ``cursor`` is the ``next`` of the page before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hook: str | None = None
    fate: Fate | None = None
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = None
