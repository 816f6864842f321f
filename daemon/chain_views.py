"""Chains in force, as the API lists them."""

from dataclasses import asdict
from typing import Any

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.schedule import fires


def described(chain: Chain, where: str, commit: str | None, now: float) -> dict[str, Any]:
    """A ``schemas.api.ChainSummary``; ``where`` is its organization and environment, ``organization/environment``."""
    return {
        "id": chain.id,
        "name": chain.name,
        "description": chain.description,
        "path": chain.path,
        "commit": commit,
        "schedules": [
            {
                "cron": one.written or one.cron,
                "timezone": one.timezone,
                "next": next(fires(one.cron, one.timezone, now), None),
            }
            for one in chain.schedules
        ],
        "webhooks": [
            {"id": hook.id, "scheme": hook.verify.scheme, "path": f"/hooks/{where}/{hook.id}"}
            for hook in chain.webhooks
        ],
        "inputs": [asdict(one) for one in chain.inputs],
        "agents": list(chain.agents),
    }
