"""Deliveries that are kept, as the API shows them."""

from typing import Any

from chainwright.daemon.core import history_pages
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.store.port import Store


async def page(
    store: Store, organization: str, *, hook: str | None, fate: str | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """A ``schemas.webhook_api.DeliveryPage``."""
    rows = await store.deliveries(organization, hook=hook, fate=fate, limit=limit + 1, before=cursor)
    return history_pages.page(rows, limit, "id")


async def detail(store: Store, delivery_id: str) -> dict[str, Any]:
    """A ``schemas.webhook_api.DeliveryDetail`` of a delivery that there is."""
    found = await store.delivery(delivery_id)
    headers, body = await store.delivered(delivery_id) or ({}, None)
    return (found or {}) | {"headers": headers, "body": None if body is None else body.decode(errors="replace")}


async def whole_id(store: Store, organization: str, prefix: str) -> str:
    """The id that begins so. Raises Refusal when none or several do."""
    found = await store.find_deliveries(organization, prefix)
    if not found:
        raise Refusal(Code.NOT_FOUND, f"no delivery begins with {prefix!r}")
    if len(found) > 1 and prefix not in found:
        raise Refusal(Code.AMBIGUOUS, f"several deliveries begin with {prefix!r}", ", ".join(found))
    return found[0]
