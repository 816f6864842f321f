"""The file of a reusable agent, ``workflows/agents/<name>.yaml``: what ``uses: agents/<name>`` fills in."""

from typing import Literal

from pydantic import Field

from chainwright.schemas.chain import Check, Emits, GivenType, Input, Retry
from chainwright.schemas.fields import CommandLine, Environment, EnvName, Form, Given, Name, Script, TimeOut


class AgentFile(Form):
    """A script with declared inputs, outputs and events. It is told its inputs as files and as ``INPUT_<NAME>``."""

    name: str = ""
    description: str = ""
    syntax: Literal[1] = Field(default=1)
    """Version of this language."""
    inputs: dict[Name, Input] = Field(default_factory=dict)
    run: Script
    """A script for the shell."""
    env: Environment = Field(default_factory=dict)
    secrets: list[EnvName] = Field(default_factory=list)
    """Secrets that it asks for: whoever uses it has to list them."""
    shell: Given[CommandLine] = None
    working_directory: Given[str] = None
    outputs: dict[Name, GivenType] = Field(default_factory=dict)
    emits: Emits = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    finish: Given[Literal["exit", "event"]] = None
    retry: Given[Retry] = None
    timeout: Given[TimeOut] = None
    idle_timeout: Given[TimeOut] = None
