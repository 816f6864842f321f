"""The triggers ``push`` and ``pull_request`` of a chain file as the daemon reads them."""

from typing import Any

from chainwright.daemon.core import listening
from chainwright.daemon.definition.compiled_listening import lists
from chainwright.daemon.definition.conditions import bare
from chainwright.schemas.chain import ChainFile
from chainwright.schemas.pushes import Patterns, PullRequestTrigger, PushTrigger
from chainwright.schemas.triggers import Triggers


def on_push(file: ChainFile) -> listening.PushTrigger | None:
    """Which pushes start it: any, where the trigger is only named."""
    if not lists(file, "push"):
        return None
    written = file.on.push if isinstance(file.on, Triggers) else None
    if written is None:
        return listening.PushTrigger()
    return listening.PushTrigger(
        tags=_listed(written.tags), tags_ignore=_listed(written.tags_ignore), **_filters(written)
    )


def on_pull_request(file: ChainFile) -> listening.PullRequestTrigger | None:
    """Which pull requests start it: those into any branch, where the trigger is only named."""
    if not lists(file, "pull_request"):
        return None
    written = file.on.pull_request if isinstance(file.on, Triggers) else None
    if written is None:
        return listening.PullRequestTrigger()
    return listening.PullRequestTrigger(types=tuple(dict.fromkeys(written.types)), **_filters(written))


def _filters(written: PushTrigger | PullRequestTrigger) -> dict[str, Any]:
    return {
        "branches": _listed(written.branches),
        "branches_ignore": _listed(written.branches_ignore),
        "paths": _listed(written.paths),
        "paths_ignore": _listed(written.paths_ignore),
        "condition": bare(written.if_),
        "inputs": written.inputs,
    }


def _listed(patterns: Patterns | None) -> tuple[str, ...]:
    return (patterns,) if isinstance(patterns, str) else tuple(patterns or ())
