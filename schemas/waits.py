"""What makes a turn or a run wait before it starts: approvals, concurrency groups and hosts."""

from typing import Annotated, Literal

from pydantic import Field, Tag

from chainwright.schemas.fields import Form, Given, Matching, TimeOut, either

Approver = Annotated[
    str,
    Matching(
        r"^((team|role):)?[A-Za-z0-9_][A-Za-z0-9._@+-]{0,99}$",
        "a user's name, team:<name> or role:<name>",
    ),
]

GroupName = Annotated[str, Matching(r"\S", "the name of a group")]

Approvers = Annotated[
    Annotated[Approver, Tag("<text>")] | Annotated[list[Approver], Field(min_length=1), Tag("<list>")],
    either("a user, team:<name> or role:<name>, or a list of them"),
]


class Approval(Form):
    """People who have to say yes before a turn starts."""

    by: Given[Approvers] = None
    """Who may: users, team:<name>, role:<name>; everybody who may approve at all, when absent."""
    count: int = Field(default=1, ge=1, le=100)
    """So many different people."""
    timeout: Given[TimeOut] = None
    """How long they have; for ever, when absent."""
    on_timeout: Literal["reject", "approve"] = "reject"
    """What it counts as when they have not answered by then."""
    message: str = ""
    """What they are asked."""


class ConcurrencyOptions(Form):
    """How many may be at work at once, and what becomes of the others."""

    group: Given[GroupName] = None
    """What shares the places, in the whole organization; when absent, the runs of this chain, or the turns of this agent in its run."""
    max: int = Field(default=1, ge=1, le=1_000)
    """Places of the group; of different numbers the smallest counts."""
    queue: int = Field(default=100, ge=0, le=100_000)
    """So many may wait for a place; what comes then is cancelled at once."""
    cancel_in_progress: bool = False
    """Whether what comes takes the place of what is at work or waits."""


Concurrency = Annotated[
    Annotated[GroupName, Tag("<text>")] | Annotated[ConcurrencyOptions, Tag("<map>")],
    either("the name of a group or a mapping with group, max, queue and cancel-in-progress"),
]

HostLabel = Annotated[
    str,
    Matching(
        r"^([A-Za-z0-9_][A-Za-z0-9._-]{0,63}|[\s\S]*\$\{\{[\s\S]*)$",
        "a label of a host: up to 64 of A-Z a-z 0-9 . _ -, beginning with a letter, a digit or _",
    ),
]
"""Or an expression, which gives one."""

RunsOn = Annotated[
    Annotated[HostLabel, Tag("<text>")] | Annotated[list[HostLabel], Field(min_length=1, max_length=64), Tag("<list>")],
    either("a label of a host, or a list of labels, all of which the host must have"),
]
