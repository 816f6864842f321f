"""What the hooks of hosted repositories ask and are told, between the API's shapes and ours."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from chainwright.daemon.reconciler import Followed
from chainwright.daemon.sources.push import Push, Update
from chainwright.daemon.sources.repository import Quarantine
from chainwright.daemon.sources.source import Source


def push_of(told: Mapping[str, Any]) -> tuple[Push, Quarantine | None]:
    """A push in the shape of ``schemas.repositories.PushedRefs``."""
    updates = tuple(Update(ref=one["ref"], old=one["old"], new=one["new"]) for one in told["updates"])
    return Push(updates=updates, options=tuple(told["options"])), _quarantine(told["quarantine"])


def _quarantine(told: Mapping[str, Any] | None) -> Quarantine | None:
    if told is None:
        return None
    return Quarantine(objects=Path(told["objects"]), alternates=tuple(map(Path, told["alternates"])))


def repository_view(source: Source) -> dict[str, Any]:
    """A ``schemas.repositories.RepositoryView``."""
    return {
        "name": source.name,
        "kind": source.kind,
        "path": str(source.path),
        "url": source.url,
        "environments": [one.name for one in source.environments],
    }


async def in_force(followed: Followed) -> AsyncIterator[str]:
    """What the pusher reads once the refs have moved: of each environment what is in force, and why if that is not the newest."""
    for deployments in followed.deployments:
        told = await deployments.described()
        commit = told["commit"]
        yield f"{deployments.address}: {f'in force at {commit[:12]}' if commit else 'nothing is in force'}"
        if told["problem"]:
            yield told["problem"]
        if told["refused"]:
            yield f"{told['refused']['commit'][:12]} does not load:"
            for line in told["refused"]["diagnostics"]:
                yield line
