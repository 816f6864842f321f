"""What makes a turn or a run wait before it starts: the fields of approvals."""

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
