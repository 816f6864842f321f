"""Change requests in the shapes of ``schemas.change_requests``."""

from typing import Any

from chainwright.daemon.core.change_requests import ChangeRequest, ChangeState, Entry, Outlook, hindrances
from chainwright.daemon.core.plan.json import as_view
from chainwright.daemon.core.plan.text import as_text
from chainwright.daemon.reviews.change_requests import Opened


def change_view(change: ChangeRequest) -> dict[str, Any]:
    """A ``ChangeView``."""
    return {
        "number": change.number,
        "repository": change.repository,
        "branch": change.branch,
        "title": change.title,
        "author": change.author,
        "state": change.state,
        "head": change.head,
        "opened_at": change.entries[0].at,
        "changed_at": change.entries[-1].at,
    }


def change_detail(change: ChangeRequest, outlook: Outlook) -> dict[str, Any]:
    """A ``ChangeDetail``."""
    is_open = change.state is ChangeState.OPEN
    return change_view(change) | {
        "authors": sorted(change.authors),
        "entries": [_entry(one) for one in change.entries],
        "hindrances": list(hindrances(change, outlook)) if is_open else [],
        "plans": {name: as_view(plan).model_dump() for name, plan in outlook.plans.items()},
        "text": "\n".join(as_text(plan) for plan in outlook.plans.values()),
    }


def _entry(one: Entry) -> dict[str, Any]:
    told = {"at": one.at, "step": one.step, "actor": one.actor, "head": one.head}
    return told | {"commit": one.commit or None, "text": one.text}


def opened_lines(opened: Opened, outlook: Outlook) -> list[str]:
    """What the pusher reads."""
    change = opened.change
    fate = "opened" if opened.is_new else f"is at {change.head[:12]} now; answers to an earlier head no longer count"
    left = hindrances(change, outlook)
    waits = [f"in its way: {one}" for one in left] or [
        f"nothing is in its way: chainwright changes merge {change.number}"
    ]
    other = [] if opened.is_new else ["to open another one: git push -o change=new"]
    return [f"change {change.number} {fate}: {change.title}", *waits, *other]
