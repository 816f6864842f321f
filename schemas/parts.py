"""The parts of an agent: the legs of its matrix and the steps of its session."""

from typing import Annotated, Any

from pydantic import Field, Tag

from chainwright.schemas.fields import (
    AgentId,
    CommandLine,
    Condition,
    Environment,
    Expression,
    Folder,
    Form,
    Given,
    Name,
    Script,
    TimeOut,
    either,
)

Combinations = Annotated[
    Annotated[Expression, Tag("<text>")] | Annotated[list[dict[Name, Any]], Tag("<list>")],
    either("a list of mappings, or an expression that gives one"),
]

MatrixValues = Annotated[
    Annotated[Expression, Tag("<text>")] | Annotated[list[Any], Tag("<list>")],
    either("a list of values, or an expression that gives one"),
]

Matrix = Annotated[
    Annotated[Expression, Tag("<text>")] | Annotated[dict[Name, MatrixValues], Tag("<map>")],
    either("a mapping of names to lists, or an expression that gives one"),
]


class Strategy(Form):
    """Splits each turn into legs: one for each combination of the matrix's values."""

    matrix: Given[Matrix] = None
    """Lists of values by name."""
    include: Given[Combinations] = None
    """Values that are added to the legs that they fit, else legs of their own."""
    exclude: Given[Combinations] = None
    """Combinations that are left out."""
    fail_fast: bool = True
    """Whether a leg that fails ends the others."""
    max_parallel: Given[int] = Field(default=None, ge=1)
    """Legs at a time; all of them when absent."""


class Step(Form):
    """A part of an agent's script. All steps run one after the other, in one terminal and one folder."""

    id: Given[AgentId] = None
    """What expressions of later steps call it: steps.<id>."""
    name: str = ""
    """What people call it."""
    if_: Given[Condition] = None
    """Whether it runs; success(), unless it asks how the steps before it went."""
    run: Script
    """A script for the shell."""
    env: Environment = Field(default_factory=dict)
    """Variables of this step, over those of the agent and those that steps before it have set."""
    shell: Given[CommandLine] = None
    """What runs its script; the agent's, when absent."""
    working_directory: Given[Folder] = None
    """A folder of the workspace; the agent's, when absent."""
    timeout: Given[TimeOut] = None
    """How long it may take; it fails then, and the session goes on."""
    continue_on_error: bool = False
    """Whether its failure leaves the agent as it is."""


MAX_STEPS = 200
"""Of one agent."""

Steps = Annotated[list[Step], Field(min_length=1, max_length=MAX_STEPS)]
