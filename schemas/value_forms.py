"""The types of inputs, outputs and payloads, as they are written."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, Tag, model_validator

from chainwright.schemas.fields import (
    Form,
    Given,
    also_in_schema,
    either,
    expected,
)


def _with_options(word: object) -> object:
    if word == "choice":
        raise expected("a choice with its options: {type: choice, options: [one, other]}")
    return word


TypeWord = Annotated[
    Literal["string", "number", "integer", "boolean", "json", "file"],
    BeforeValidator(
        _with_options, json_schema_input_type=Literal["string", "number", "integer", "boolean", "json", "file"]
    ),
]
"""What an output or a field of a payload may be, but for a choice."""

InputType = Literal["string", "number", "integer", "boolean", "choice", "json", "file"]


class Input(Form):
    """A typed input."""

    type: InputType = "string"
    """What values it takes. A value of a file is its path on the command line, and a path again for the agent."""
    required: bool = False
    """Whether a run must be given it; an input with a default never lacks a value."""
    default: Any = None
    """Its value where none is given."""
    options: Given[list[str]] = Field(default=None, min_length=1)
    """What a choice is between."""
    pattern: Given[str] = None
    """A regular expression (RE2) that has to match somewhere in the text; ^ and $ are its very ends."""
    min: Given[float] = None
    """The least number, or the least length of a text."""
    max: Given[float] = None
    """The greatest number, or the greatest length of a text."""
    description: str = ""
    """What people are told who are to give it."""


class LongType(Form):
    """The type of an output or of a field of a payload, written out as that of an input is: what a choice needs."""

    model_config = also_in_schema(
        {
            "if": {"properties": {"type": {"const": "choice"}}},
            "then": {"required": ["options"]},
            "else": {"not": {"required": ["options"]}},
        }
    )

    type: InputType
    """What values it takes."""
    options: Given[list[str]] = Field(default=None, min_length=1)
    """What a choice is between."""

    @model_validator(mode="after")
    def _choice_has_options(self) -> Self:
        if self.type == "choice" and self.options is None:
            raise expected("a choice with its options: {type: choice, options: [one, other]}")
        if self.type != "choice" and self.options is not None:
            raise expected("without options, for only a choice has them")
        return self


GivenType = Annotated[
    Annotated[TypeWord, Tag("<text>")] | Annotated[LongType, Tag("<map>")],
    either("a type, such as string, or {type: choice, options: [one, other]}"),
]
"""What an output or a field of a payload may be."""
