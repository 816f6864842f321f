"""Which events an agent listens to, what it needs, and which events it may emit."""

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from chainwright.schemas.fields import (
    AgentId,
    AgentIdOrAll,
    EventName,
    FilePath,
    Form,
    Given,
    Name,
    also_in_schema,
    either,
    expected,
    shape,
)
from chainwright.schemas.value_forms import GivenType


class Quorum(Form):
    """So many of these events, of different names."""

    of: list[EventName] = Field(min_length=1)
    """The names that count."""
    count: int = Field(ge=1)
    """How many different ones are enough."""


_MODES = ("any", "all", "quorum", "first")


class Listen(Form):
    """The events that start a turn: any of them, one of each, so many different ones, or the first."""

    model_config = also_in_schema({"oneOf": [{"required": [mode]} for mode in _MODES]})

    any: list[EventName] = Field(default_factory=list, min_length=1)
    """Each event of any of these starts a turn."""
    all: list[EventName] = Field(default_factory=list, min_length=1)
    """One event of each of these starts a turn, first in first out."""
    quorum: Given[Quorum] = None
    """Events of so many different ones of these start a turn."""
    first: list[EventName] = Field(default_factory=list, min_length=1)
    """A race: the agents that would have emitted the others are cancelled."""

    @model_validator(mode="after")
    def _one_mode(self) -> Self:
        if len(self.model_fields_set & set(_MODES)) != 1:
            raise expected("exactly one of any, all, quorum and first")
        return self


AgentOn = Annotated[
    Annotated[EventName, Tag("<text>")]
    | Annotated[list[EventName], Field(min_length=1), Tag("<list>")]
    | Annotated[Listen, Tag("<map>")],
    either(
        "an event's name, a list of names, or one of {any: […]}, {all: […]}, {quorum: {of: […], count: n}}, {first: […]}"
    ),
]

Needs = Annotated[
    Annotated[AgentIdOrAll, Tag("<text>")] | Annotated[list[AgentId], Field(min_length=1), Tag("<list>")],
    either("an agent's id, a list of ids, or '*'"),
]

Payload = dict[Name, GivenType]


Contract = Annotated[
    Annotated[FilePath, Tag("<text>")] | Annotated[Payload, Tag("<map>")],
    either("the path of a JSON Schema of this repository, or a mapping of the payload's fields to types"),
]


class EmitOptions(Form):
    """The long form of an event that an agent may emit."""

    data: Given[Payload] = None
    """The fields of its payload and their types."""
    deliver: Literal["on-success", "now"] = "on-success"
    """When it is routed: when the attempt has succeeded, or at once."""


def _emit_form(value: object) -> str:
    """Options are told from a payload by their values: no type is called ``now``, and of those that are written out as mappings
    only a choice has a list in it."""
    if not isinstance(value, dict):
        return shape(value)
    data = value.get("data")
    has_payload = isinstance(data, dict) and not isinstance(data.get("options"), list)
    is_options = has_payload or value.get("deliver") in ("now", "on-success")
    return "<options>" if is_options else "<map>"


Emission = Annotated[
    Annotated[None, Tag("<nothing>")] | Annotated[EmitOptions, Tag("<options>")] | Annotated[Payload, Tag("<map>")],
    either("a mapping of the payload's fields to types, or {data, deliver}", _emit_form),
]

Emits = Annotated[
    Annotated[EventName, Tag("<text>")]
    | Annotated[list[EventName], Tag("<list>")]
    | Annotated[dict[EventName, Emission], Tag("<map>")],
    either("an event's name, a list of names, or a mapping of names to payloads"),
]
