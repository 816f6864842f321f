"""The field ``on`` of a chain: what starts its runs."""

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from chainwright.schemas.fields import (
    Duration,
    Form,
    Given,
    Name,
    either,
)
from chainwright.schemas.listening import ChainTrigger, EventTrigger
from chainwright.schemas.pushes import OnPullRequest, OnPush
from chainwright.schemas.webhooks import Webhooks

Missed = Literal["skip", "once", "all"]
Overlap = Literal["skip", "queue", "cancel", "allow"]

MAX_SCHEDULES = 100
"""Of one chain; what they do at changes of the clock is worked out for each."""


class Schedule(Form):
    """A time to start at."""

    cron: str
    """Five fields: minute, hour, day of month, month, day of week. H is a value that the chain keeps, other chains have others."""
    timezone: str = "UTC"
    """A name of the IANA database, such as Europe/Riga."""
    missed: Missed = "skip"
    """What becomes of times that passed while the daemon was away: nothing, one run for all of them, or a run for each."""
    overlap: Overlap = "skip"
    """What becomes of a time while an earlier run of this schedule goes on: no run, or one that waits, replaces it, or does not mind."""
    jitter: Duration = 0.0
    """Up to how much later each run starts; how much is always the same for a time, so a restart changes nothing."""
    inputs: dict[Name, Any] = Field(default_factory=dict)
    """Values for the chain's inputs."""


class NoOptions(Form):
    """A trigger that has nothing to say but that it is there."""


class Triggers(Form):
    """What starts a run."""

    manual: Annotated[
        Annotated[None, Tag("<nothing>")] | Annotated[NoOptions, Tag("<map>")],
        either("empty: a chain declares its inputs at the top, for every trigger"),
    ] = None
    """A person or the API may start it."""
    call: Annotated[
        Annotated[None, Tag("<nothing>")] | Annotated[NoOptions, Tag("<map>")],
        either("empty: a chain declares its inputs at the top, for every trigger"),
    ] = None
    """Other chains may call it."""
    schedule: list[Schedule] = Field(default_factory=list, min_length=1, max_length=MAX_SCHEDULES)
    """Times at which it starts by itself."""
    webhook: Given[Webhooks] = None
    """What others send starts it."""
    event: Given[EventTrigger] = None
    """Events of other chains, or sent by `chainwright emit`, start it."""
    chain: Given[ChainTrigger] = None
    """The ends of other chains' runs start it."""
    push: OnPush = None
    """Pushes to the chain repository start it."""
    pull_request: OnPullRequest = Field(default=None, alias="pull_request")
    """Pull requests of the chain repository start it."""


TriggerWord = Literal["manual", "call", "push", "pull_request"]
"""A trigger that may do without options."""

On = Annotated[
    Annotated[TriggerWord, Tag("<text>")]
    | Annotated[list[TriggerWord], Tag("<list>")]
    | Annotated[Triggers, Tag("<map>")],
    either("a trigger, a list of triggers or a mapping of triggers"),
]
