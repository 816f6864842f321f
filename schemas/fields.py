"""What the models of chain and agent files are made of: the base with its free ``x-…`` keys, names, durations, shapes.

Every check that a JSON Schema can express is written twice here, side by side: as a validator and as schema, because the
two must agree on every file. Checks that it cannot express belong to ``daemon.definition`` and ``daemon.lint``.

A validator that refuses raises the error type :data:`EXPECTED`, whose text completes the sentence "… must be …": the loader
turns it into a diagnostic.
"""

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

EXPECTED: Final = "expected"
"""Type of the error whose text says what the value must be."""

CONFLICT: Final = "conflict"
"""Type of the error about keys of one mapping that do not go together; its text is the whole message."""

INCOMPLETE: Final = "incomplete"
"""Type of the error about a mapping in which a key is missing; its text is the whole message."""

_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_DURATION: Final = r"^[0-9]{1,9}(\.[0-9]{1,3})?[smhd]$"

ENV_NAME: Final = r"^(?!(CHAINWRIGHT(_.*)?|GITHUB_(OUTPUT|ENV|PATH|STEP_SUMMARY))$)[A-Za-z_][A-Za-z0-9_]*$"
"""Of a variable that authors may set."""

FOLDER: Final = r"^(?!/)(?:[\s\S]*\$\{\{[\s\S]*|(?![\s\S]*(?:^|/)\.\.(?:/|$))[^\x00]*)$"
"""Of a folder that is within the workspace, as far as it is written out."""

_SHAPES: Final = {
    dict: "<map>",
    list: "<list>",
    str: "<text>",
    bool: "<bool>",
    int: "<number>",
    float: "<number>",
    type(None): "<nothing>",
}


def expected(what: str) -> PydanticCustomError:
    """The error of a value that must be ``what``."""
    return PydanticCustomError(EXPECTED, "{what}", {"what": what})


def shape(value: object) -> str:
    """The tag by which a field that takes several forms chooses one: ``<map>``, ``<list>``, ``<text>``, ….

    Tags stand in the paths of pydantic's errors, among the keys; in brackets they cannot be taken for one.
    """
    return _SHAPES.get(type(value), "<other>")


def either(what: str, choose: Callable[[Any], str] = shape) -> Discriminator:
    """Chooses the form of a value by its shape, and says ``what`` it must be when there is none for it."""
    return Discriminator(choose, custom_error_type=EXPECTED, custom_error_message=what)


def _key(field: str) -> str:
    """``idle_timeout`` is written ``idle-timeout``, ``if_`` is written ``if``."""
    return field.rstrip("_").replace("_", "-")


_FREE_KEYS: Final[JsonDict] = {"patternProperties": {"^x-": {}}}


def also_in_schema(more: JsonDict) -> ConfigDict:
    """The configuration of a form whose JSON Schema says ``more``: what its validators check across keys."""
    return ConfigDict(json_schema_extra={**_FREE_KEYS, **more})


class Form(BaseModel):
    """A mapping with known keys. Others are refused, except those that begin with ``x-``, which nobody reads."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=_key,
        use_attribute_docstrings=True,
        protected_namespaces=(),
        json_schema_extra=_FREE_KEYS,
    )

    @model_validator(mode="before")
    @classmethod
    def _without_free_keys(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if not (isinstance(key, str) and key.startswith("x-"))}


@dataclass(frozen=True, slots=True)
class Matching:
    """Annotates a text that fits ``pattern``, which has to mean the same in Python and in ECMAScript."""

    pattern: str
    what: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": self.pattern}

    def _checked(self, text: str) -> str:
        if re.search(self.pattern, text) is None:
            raise expected(self.what)
        return text


@dataclass(frozen=True, slots=True)
class NotNothing:
    """Annotates a field that may be left out, but not be left empty: ``run:`` alone is a mistake."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._given, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        found = handler(schema)
        forms = [form for form in found.get("anyOf", ()) if form != {"type": "null"}]
        return forms[0] if len(forms) == 1 else {**found, "anyOf": forms}

    def _given(self, value: object) -> object:
        if value is None:
            raise expected("given, or left out")
        return value


_T = TypeVar("_T")

Given = Annotated[_T | None, NotNothing()]
"""A field that may be absent (None)."""


def _seconds(value: object) -> float:
    if not isinstance(value, str) or re.search(_DURATION, value) is None:
        raise expected("a duration such as 90s, 20m, 2h or 1d")
    return float(value[:-1]) * _SECONDS[value[-1]]


def _some_seconds(value: object) -> float:
    seconds = _seconds(value)
    if seconds == 0:
        raise expected("a duration longer than nothing")
    return seconds


def _environment_text(value: object) -> str:
    """GitHub's reading: what YAML takes for a boolean, a number or nothing becomes text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise expected("text, a number, true or false")


def _condition_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    raise expected("an expression, true or false")


def _command_line(text: str) -> str:
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    if not words:
        raise expected("a command line, such as bash -e or python3")
    return text


AgentId = Annotated[
    str,
    Matching(
        r"^(?!run$)[A-Za-z_][A-Za-z0-9_-]{0,47}$",
        'a name: a letter or _, then up to 47 of A-Z a-z 0-9 _ -; "run" is taken',
    ),
]
AgentIdOrAll = Annotated[
    str,
    Matching(
        r"^(\*|(?!run$)[A-Za-z_][A-Za-z0-9_-]{0,47})$", "an agent's name, or '*' for all that do not depend on this one"
    ),
]
Name = Annotated[str, Matching(r"^[A-Za-z_][A-Za-z0-9_-]{0,99}$", "a name: a letter or _, then A-Z a-z 0-9 _ -")]
EnvName = Annotated[
    str,
    Matching(
        ENV_NAME,
        'a variable name: a letter or _, then A-Z a-z 0-9 _; "CHAINWRIGHT…" and GitHub\'s names of files, such as GITHUB_OUTPUT, '
        "are set by Chainwright itself",
    ),
]
EventName = Annotated[
    str,
    Matching(
        r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$",
        "an event name: up to 64 of A-Z a-z 0-9 . _ : / -, beginning with a letter or digit",
    ),
]
ChainId = Annotated[str, Matching(r"^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$", "a chain id: A-Z a-z 0-9 . _ / -")]
AgentReference = Annotated[
    str,
    Matching(
        r"^(agents/[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*|git\+\S+)$",
        "agents/<name>, a file of this repository, or git+<url>//<path>@<commit>, one of another",
    ),
]
Reference = Annotated[
    str,
    Matching(
        r"^((agents|chains)/[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*|git\+\S+)$",
        "agents/<name>, a file of this repository, chains/<id>, a chain of it, or git+<url>//<path>@<commit>, an agent of another",
    ),
]

Folder = Annotated[
    str,
    Matching(
        FOLDER,
        "a folder within the workspace, such as web/app; a script may leave it by cd",
    ),
]
"""Where something starts. What an expression in it leads to is seen when it has a value."""

FilePath = Annotated[
    str,
    Matching(
        r"^(?!/)(?!.*(^|/)\.{0,2}(/|$))[^\\\x00-\x1f\x7f]{1,200}$",
        "the path of a file from the top of this repository, such as schemas/draft.json",
    ),
]

Duration = Annotated[float, BeforeValidator(_seconds), WithJsonSchema({"type": "string", "pattern": _DURATION})]
"""Written ``90s 20m 2h 1d``; read as seconds."""

TimeOut = Annotated[
    float,
    BeforeValidator(_some_seconds),
    WithJsonSchema({"type": "string", "pattern": _DURATION, "not": {"pattern": r"^[0.]+[smhd]$"}}),
]
"""A duration that is not zero."""

EnvText = Annotated[
    str, BeforeValidator(_environment_text), WithJsonSchema({"type": ["string", "number", "boolean", "null"]})
]
Condition = Annotated[str, BeforeValidator(_condition_text), WithJsonSchema({"type": ["string", "boolean"]})]
CommandLine = Annotated[str, AfterValidator(_command_line), Field(json_schema_extra={"pattern": r"\S"})]
Script = Annotated[str, Matching(r"\S", "a script")]
Expression = Annotated[str, Matching(r"^\s*\$\{\{[\s\S]*\}\}\s*$", "written out, or an expression: ${{ … }}")]
"""A text that is one expression, whose value counts in its own type."""
Environment = dict[EnvName, EnvText]
