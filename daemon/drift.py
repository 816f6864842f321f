"""Where what is in force is not what git asks for: hooks that were touched, rollbacks that stand, branches that were not followed.

``doctor`` shows it with everything else that is unwell, and :func:`tell_drift` logs it, once when it appears and once when it is over.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import structlog

from chainwright.daemon.core.time_zones import stamp
from chainwright.daemon.following import Following
from chainwright.daemon.reconciler import Followed, Reconciler
from chainwright.daemon.sources.hosted import Hosted
from chainwright.daemon.sources.repository import Repository, UnknownRef
from chainwright.daemon.sources.source import Kind
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import StoreError

EVERY_S: Final = 60.0
"""Between two looks."""

Check = dict[str, Any]
"""``{check, ok, detail, hint}``, as ``doctor`` shows it."""

log = structlog.get_logger()


def check(name: str, ok: bool, detail: str, hint: str) -> Check:
    """What was looked at, and what to do about it unless it is well."""
    return {"check": name, "ok": ok, "detail": detail, "hint": "" if ok else hint}


async def drift_of(reconciler: Reconciler, socket: Path) -> list[Check]:
    """A check of each hosted repository's hooks, and one for each environment that is not at the tip of its branch."""
    found = []
    for followed in reconciler.followed.values():
        if followed.source.kind is Kind.HOSTED:
            found.append(await asyncio.to_thread(_hooks, followed, socket))
        for one in followed.environments:
            found += await asyncio.to_thread(_behind, one, followed.repository)
    return found


def _hooks(followed: Followed, socket: Path) -> Check:
    faults = Hosted(source=followed.source, socket=socket).faults()
    said = "; ".join(faults) or "as they were installed"
    hint = "pushes may pass unchecked: a restart of the daemon puts them right"
    return check(f"hooks of {followed.source.name}", not faults, said, hint)


def _behind(one: Following, repository: Repository) -> list[Check]:
    """Nothing while nothing is in force: that is told elsewhere."""
    current = one.deployments.current
    if current is None:
        return []
    try:
        head = repository.head(one.environment.branch)
    except (UnknownRef, SourceError):
        return []  # it cannot be read now, which is told elsewhere
    said = f"{current.commit[:12]} is in force, the branch is at {head[:12]}"
    if current.cause != "commit":
        said += f": {current.cause} by {current.actor} at {stamp(current.deployed_at)}"
    is_at_head = head == current.commit
    hint = "it stays until the branch moves on; chainwright deployments says why"
    return [check(f"branch of {one.deployments.address}", is_at_head, "in force" if is_at_head else said, hint)]


async def tell_drift(checks: Callable[[], Awaitable[list[Check]]], every_s: float = EVERY_S) -> None:
    """Log what ``checks`` finds to be unwell, each once, and when it is well again. Never returns by itself."""
    told: dict[str, str] = {}
    while True:
        await asyncio.sleep(every_s)
        try:
            found = {one["check"]: one["detail"] for one in await checks() if not one["ok"]}
        except (SourceError, StoreError, OSError) as error:
            log.warning("drift cannot be looked for now", action="drift.unknown", error=str(error))
            continue
        for name in found.keys() - told.keys():
            log.warning(found[name], action="drift.found", check=name)
        for name in told.keys() - found.keys():
            log.info("well again", action="drift.over", check=name)
        told = found
