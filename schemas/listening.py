"""The triggers ``event`` and ``chain``: what of other chains starts a run, and with which inputs."""

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from chainwright.schemas.fields import Condition, EventName, Form, Given, Matching, Name, either
from chainwright.schemas.pushes import Patterns

ChainId = Annotated[
    str, Matching(r"^[^/\s](?:[^\s]{0,198}[^/\s])?$", "the id of a chain: its path below workflows/, without ending")
]
Outcome = Literal["succeeded", "failed", "timed_out", "cancelled", "skipped", "lost"]

Names = Annotated[
    Annotated[EventName, Tag("<text>")]
    | Annotated[list[EventName], Field(min_length=1, max_length=100), Tag("<list>")],
    either("an event's name or a list of names"),
]
ChainIds = Annotated[
    Annotated[ChainId, Tag("<text>")] | Annotated[list[ChainId], Field(min_length=1, max_length=100), Tag("<list>")],
    either("the id of a chain or a list of ids"),
]


class EventOptions(Form):
    """Which events start a run, when, and with which inputs."""

    names: Names
    """Events that another chain lists in its `events`, or that `chainwright emit` sends."""
    if_: Given[Condition] = None
    """Which of them count; sees `event` and `vars`."""
    inputs: dict[Name, Any] = Field(default_factory=dict)
    """What the run is given, such as `${{ event.data.draft }}`."""


EventTrigger = Annotated[
    Annotated[EventName, Tag("<text>")]
    | Annotated[list[EventName], Field(min_length=1, max_length=100), Tag("<list>")]
    | Annotated[EventOptions, Tag("<map>")],
    either("an event's name, a list of names, or {names, if, inputs}"),
]


class ChainTrigger(Form):
    """Which ends of other chains' runs start a run."""

    chains: ChainIds
    """Whose runs."""
    outcomes: list[Outcome] = Field(default=["succeeded"], min_length=1)
    """How they have to have ended."""
    branches: Given[Patterns] = None
    """Of which branch they have to have been: the one that was pushed, else the one that their chain is deployed from."""
    if_: Given[Condition] = None
    """Which of them count; `event.data` holds `outcome`, `reason` and the chain's `outputs`."""
    inputs: dict[Name, Any] = Field(default_factory=dict)
    """What the run is given, such as `${{ event.data.outputs.report }}`."""
