"""A plan of a pull request as letters, and how such a letter becomes a comment or a status at its forge."""

from collections.abc import Mapping, Sequence
from typing import Final

from chainwright.daemon.core.access import DEFAULT_ORGANIZATION
from chainwright.daemon.core.change_requests import ChangeRequest, Entry, Outlook, Step, hindrances
from chainwright.daemon.core.letters import Letter
from chainwright.daemon.core.plan.markdown import MARKER, MAX_CHARACTERS, as_markdown
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.forges.port import Answer, Forge, Pull
from chainwright.daemon.outbox import Never

CONTEXT: Final = "chainwright/plan"
MOST_DESCRIBED: Final = 140
"""Characters of a status's description: GitHub's bound, the smallest."""


def letters_of(forge: str, pull: Pull, plans: Mapping[str, Plan], answers: Sequence[Answer], at: float) -> list[Letter]:
    """The comment and the status of its plans, by environment. Of each subject only the newest is ever sent."""
    status = _status(plans, hindrances(_as_change(pull, answers), Outlook(plans=plans)))
    room = MAX_CHARACTERS // len(plans)
    text = "\n".join(as_markdown(plan, limit=room) for plan in plans.values())
    about = {"kind": "comment", "number": pull.number, "text": text}
    marked = {"kind": "status", "commit": pull.head, "ref": pull.mark_ref, "status": status}
    return [
        Letter(receiver=forge, subject=f"{forge}/comment/{pull.number}", body=about, made_at=at),
        Letter(receiver=forge, subject=f"{forge}/status/{pull.head}/{CONTEXT}", body=marked, made_at=at),
    ]


async def delivered(forge: Forge, letter: Letter) -> None:
    """Send a letter. Raises Later, Never."""
    if letter.body["kind"] == "comment":
        await forge.say(letter.body["number"], MARKER, letter.body["text"])
    elif letter.body["kind"] == "status":
        await forge.mark(letter.body["commit"], letter.body.get("ref", ""), letter.body["status"])
    else:
        raise Never(f"a forge takes no {letter.body['kind']}")


def _as_change(pull: Pull, answers: Sequence[Answer]) -> ChangeRequest:
    """The same rules decide here and for change requests of our own."""
    opened = Entry(at=0.0, step=Step.OPENED, actor=pull.author, head=pull.head)
    said = (
        Entry(at=0.0, step=Step.APPROVED if one.agrees else Step.REJECTED, actor=one.actor, head=pull.head)
        for one in answers
    )
    return ChangeRequest(
        number=pull.number,
        organization=DEFAULT_ORGANIZATION,
        repository="",
        branch=pull.base,
        title="",
        entries=(opened, *said),
    )


def _status(plans: Mapping[str, Plan], found: Sequence[str]) -> dict[str, str]:
    if not found:
        return {"state": "success", "context": CONTEXT, "description": "nothing is in its way"}
    is_bad = any(plan.violations or not plan.head.is_valid for plan in plans.values())
    state = "failure" if is_bad else "pending"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    room = MOST_DESCRIBED - len(more)
    return {"state": state, "context": CONTEXT, "description": found[0][:room] + more}
