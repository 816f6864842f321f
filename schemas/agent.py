"""The file of a reusable agent, ``workflows/agents/<name>.yaml``: what ``uses: agents/<name>`` fills in."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chainwright.schemas.agent_events import Emits
from chainwright.schemas.chain import Retry
from chainwright.schemas.checks import Check
from chainwright.schemas.fields import (
    CONFLICT,
    INCOMPLETE,
    CommandLine,
    Environment,
    EnvName,
    Folder,
    Form,
    Given,
    Name,
    Script,
    TimeOut,
    also_in_schema,
)
from chainwright.schemas.parts import Steps
from chainwright.schemas.value_forms import GivenType, Input


class AgentFile(Form):
    """A script with declared inputs, outputs and events. It is told its inputs as files and as ``INPUT_<NAME>``."""

    model_config = also_in_schema({"oneOf": [{"required": [key]} for key in ("run", "steps")]})

    name: str = ""
    """What people call it."""
    description: str = ""
    """What it does, in a sentence."""
    syntax: Literal[1] = Field(default=1)
    """Version of this language."""
    inputs: dict[Name, Input] = Field(default_factory=dict)
    """What its user gives it by with."""
    run: Given[Script] = None
    """A script for the shell."""
    steps: Given[Steps] = None
    """Instead of one script, several, each with its own condition and result."""
    env: Environment = Field(default_factory=dict)
    """Variables of its process; those of its user win."""
    secrets: list[EnvName] = Field(default_factory=list)
    """Secrets that it asks for: whoever uses it has to list them."""
    shell: Given[CommandLine] = None
    """As of an agent of a chain."""
    working_directory: Given[Folder] = None
    """As of an agent of a chain."""
    outputs: dict[Name, GivenType] = Field(default_factory=dict)
    """As of an agent of a chain."""
    emits: Emits = Field(default_factory=list)
    """Events that it may choose to emit."""
    checks: list[Check] = Field(default_factory=list)
    """What has to hold before an attempt counts as succeeded; its user's checks follow."""
    finish: Given[Literal["exit", "event"]] = None
    """As of an agent of a chain."""
    retry: Given[Retry] = None
    """As of an agent of a chain."""
    timeout: Given[TimeOut] = None
    """As of an agent of a chain."""
    idle_timeout: Given[TimeOut] = None
    """As of an agent of a chain."""

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        given = self.model_fields_set & {"run", "steps"}
        if len(given) != 1:
            raise PydanticCustomError(CONFLICT if given else INCOMPLETE, "a reusable agent has either run or steps")
        return self
