"""Whether a trigger waits for a movement of a ref, by GitHub's rules, and why not: people ask why nothing has started."""

from collections.abc import Sequence

from chainwright.daemon.core.filters import lets_start
from chainwright.daemon.core.listening import PullRequestTrigger, PushTrigger
from chainwright.daemon.core.ref_moves import Changes, PullRequest, RefMove

GONE = "a ref that is deleted starts nothing"


def against_push(trigger: PushTrigger, move: RefMove, changes: Changes) -> str:
    """Why a push is none that the trigger waits for; empty when it is."""
    if move.after is None:
        return GONE
    if move.tag is not None:
        others = trigger.branches or trigger.branches_ignore
        return _names("tags", trigger.tags, trigger.tags_ignore, move.tag, others)
    if move.branch is None:
        return f"{move.ref} is neither a branch nor a tag"
    others = trigger.tags or trigger.tags_ignore
    found = _names("branches", trigger.branches, trigger.branches_ignore, move.branch, others)
    return found or _paths(trigger, changes)


def against_request(trigger: PullRequestTrigger, move: RefMove, changes: Changes, request: PullRequest) -> str:
    """Why what became of a pull request is nothing that the trigger waits for; empty when it is."""
    if move.became not in trigger.types:
        return f"`types` does not have {move.became}"
    found = _names("branches", trigger.branches, trigger.branches_ignore, request.base, ())
    return found or _paths(trigger, changes)


def _names(kind: str, patterns: Sequence[str], ignore: Sequence[str], name: str, others: Sequence[str]) -> str:
    """``others`` are the filters of the other kind of refs, which alone mean none of this one."""
    if not patterns and not ignore:
        return f"it has no `{kind}`, only filters of other refs" if others else ""
    if lets_start(patterns, ignore, [name]):
        return ""
    return f'`{kind if patterns else f"{kind}-ignore"}` leaves out "{name}"'


def _paths(trigger: PushTrigger | PullRequestTrigger, changes: Changes) -> str:
    if not changes.are_all or lets_start(trigger.paths, trigger.paths_ignore, changes.paths):
        return ""
    return f"`{'paths' if trigger.paths else 'paths-ignore'}` leaves out every file that differs"
