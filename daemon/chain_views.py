"""Chains in force, as the API lists them."""

from dataclasses import asdict
from typing import Any

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.schedule import fires
from chainwright.daemon.deployments import Deployments


def described(chain: Chain, organization: str, deployed: Deployments, now: float) -> dict[str, Any]:
    """A ``schemas.api.ChainSummary`` of a chain that is in force there."""
    where = f"{organization}/{deployed.environment}"
    return {
        "id": chain.id,
        "repository": deployed.name,
        "environment": deployed.environment,
        "name": chain.name,
        "description": chain.description,
        "path": chain.path,
        "commit": deployed.current and deployed.current.commit,
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
