"""The chain file: its fields as pydantic models, from which the published JSON Schema is generated.

Only what this version carries out has a field here. What the language also knows stands in ``schemas.unsupported`` and is
refused by name. Values are as the author wrote them, but for durations (seconds); defaults of the daemon are filled in when a
chain is compiled, not here.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from chainwright.schemas.agent_events import AgentOn, Contract, Emits, Needs
from chainwright.schemas.checks import Check
from chainwright.schemas.fields import (
    CONFLICT,
    INCOMPLETE,
    AgentId,
    AgentReference,
    ChainId,
    CommandLine,
    Condition,
    Duration,
    Environment,
    EnvName,
    EventName,
    Folder,
    Form,
    Given,
    Name,
    Reference,
    Script,
    TimeOut,
    also_in_schema,
    either,
)
from chainwright.schemas.parts import Steps, Strategy
from chainwright.schemas.triggers import On
from chainwright.schemas.value_forms import GivenType, Input
from chainwright.schemas.waits import Approval, Concurrency, RunsOn

RetryReason = Literal["exit", "timeout", "stall", "check", "no-event", "output", "payload", "lost"]

Workspace = Literal["shared", "fresh", "worktree"]
"""Where an agent works: in the run's checkout, in one of its attempt's own, or in a git worktree of its turn's own."""


class RetryOptions(Form):
    """Further attempts after a failed one."""

    max: int = Field(ge=0, le=1_000)
    """How many, after the first."""
    delay: Duration = 5.0
    """Before the second attempt."""
    max_delay: Duration = 300.0
    """The longest that growing delays become."""
    backoff: Literal["fixed", "linear", "exponential"] = "fixed"
    """How the delay grows: not at all, by itself each time, or to its double each time."""
    jitter: bool = False
    """Whether each delay is shortened by chance, so that many do not come back at once."""
    on: Given[list[RetryReason]] = Field(default=None, min_length=1)
    """Reasons that allow a further attempt; all but lost, when absent."""
    exit_codes: list[Annotated[int, Field(ge=0, le=255)]] = Field(default_factory=list)
    """When given, reason exit allows one only for these codes."""


Retry = Annotated[
    Annotated[int, Field(ge=0, le=1_000), Tag("<number>")] | Annotated[RetryOptions, Tag("<map>")],
    either("a number of further attempts or a mapping with max"),
]


class Defaults(Form):
    """What agents have that do not say otherwise."""

    timeout: Given[TimeOut] = None
    """As of an agent."""
    idle_timeout: Given[TimeOut] = None
    """As of an agent."""
    retry: Given[Retry] = None
    """As of an agent."""
    shell: Given[CommandLine] = None
    """As of an agent; for the scripts of the chain, not for those of reusable agents."""
    working_directory: Given[Folder] = None
    """As of an agent."""
    env: Environment = Field(default_factory=dict)
    """Variables of every agent, over those of the chain."""
    uses: Given[AgentReference] = None
    """The agent that `prompt` means."""
    workspace: Given[Workspace] = None
    """As of an agent."""
    runs_on: Given[RunsOn] = None
    """As of an agent."""


class Limits(Form):
    """Bounds of a whole run."""

    duration: Given[TimeOut] = None
    """How long the run may take."""
    turns: Given[int] = Field(default=None, ge=1)
    """How many turns its agents may start altogether."""
    events: Given[int] = Field(default=None, ge=1)
    """How many declared events may be emitted."""
    on_limit: Literal["fail", "pause", "notify"] = "fail"
    """On reaching one: the run fails, begins nothing more until people have answered, or goes on and says so."""


class TurnLimits(Form):
    """Bounds of each turn of an agent, all its attempts together."""

    duration: Given[TimeOut] = None
    """How long a turn may take, retries and checks included; `timeout` is of each attempt."""
    events: Given[int] = Field(default=None, ge=1)
    """How many declared events a turn may emit."""
    on_limit: Literal["fail", "pause", "notify"] = "fail"
    """On reaching one: the turn fails, makes no further attempt until people have answered, or goes on and says so."""


_ACTION_KEYS = ("run", "steps", "uses", "prompt")
_NOT_TOGETHER = (
    ("run", "steps"),
    *((script, key) for script in ("run", "steps") for key in ("uses", "prompt", "with")),
    ("needs", "on"),
)
_ACTIONS = "exactly one of run, steps, uses and prompt says what an agent is"


class Agent(Form):
    """A node of the chain. `uses` and `prompt` may stand together: what it is, and what it is told."""

    model_config = also_in_schema(
        {
            "anyOf": [{"required": [key]} for key in _ACTION_KEYS],
            "allOf": [{"not": {"required": list(pair)}} for pair in _NOT_TOGETHER],
        }
    )

    name: str = ""
    """What people call it."""
    needs: Given[Needs] = None
    """Agents that have to settle first; it starts once."""
    on: Given[AgentOn] = None
    """Events that start a turn of it."""
    if_: Given[Condition] = None
    """Whether a turn starts; success() for an agent with needs, unless it asks how those went."""
    run: Given[Script] = None
    """A script for the shell."""
    uses: Given[Reference] = None
    """A reusable agent of this repository, agents/<name>, one of another, git+<url>//<path>@<40-digit commit>, or a chain, chains/<id>."""
    steps: Given[Steps] = None
    """Instead of one script, several, each with its own condition and result."""
    prompt: Given[Script] = None
    """What the agent is told: of the one that it uses, or of the default one."""
    with_: dict[str, Any] = Field(default_factory=dict)
    """Inputs of the used agent."""
    env: Environment = Field(default_factory=dict)
    """Variables of its process, over those of the chain."""
    secrets: list[EnvName] = Field(default_factory=list)
    """Names of secrets that its process gets as variables; all that it prints of them is masked."""
    shell: Given[CommandLine] = None
    """The command line that runs its script; bash -e, else sh -e."""
    working_directory: Given[Folder] = None
    """A folder of the workspace to start in."""
    workspace: Given[Workspace] = None
    """The run's checkout, shared by its agents, a fresh one for each attempt, or a git worktree for each turn, on its own branch."""
    runs_on: Given[RunsOn] = None
    """Labels that its host must have, all of them; local, the daemon's own machine, when absent. Of a sub-chain: for those of its agents that say none."""
    outputs: dict[Name, GivenType] = Field(default_factory=dict)
    """What it gives to others, each with its type; it writes them to $CHAINWRIGHT_OUTPUT."""
    emits: Emits = Field(default_factory=list)
    """Events that it may choose to emit."""
    finish: Given[Literal["exit", "event"]] = None
    """What ends a turn: the end of the process, or its first declared event."""
    checks: list[Check] = Field(default_factory=list)
    """What has to hold before an attempt counts as succeeded, one after the other."""
    retry: Given[Retry] = None
    """Further attempts when one has failed."""
    max_turns: Given[int] = Field(default=None, ge=1)
    """Starts of this agent within a run; beyond it <id>.exhausted is emitted instead."""
    approval: Given[Approval] = None
    """People who have to agree before a turn of it starts."""
    concurrency: Given[Concurrency] = None
    """How many turns may be at work at once; without it, one of this agent in its run, in the order in which they were fed."""
    limits: Given[TurnLimits] = None
    """Bounds of each of its turns."""
    priority: int = Field(default=0, ge=-1_000, le=1_000)
    """Of those that wait for a place, of a group or of the host, the highest is first; equals go by who came first."""
    timeout: Given[TimeOut] = None
    """How long an attempt may take."""
    idle_timeout: Given[TimeOut] = None
    """Time without output."""
    continue_on_error: bool = False
    """Whether its failure leaves the run as it is."""
    strategy: Given[Strategy] = None
    """A matrix: its legs are one turn."""

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        given = self.model_fields_set
        scripts = given & {"run", "steps"}
        if not given & set(_ACTION_KEYS):
            raise PydanticCustomError(INCOMPLETE, _ACTIONS)
        if len(scripts) > 1 or (scripts and given & {"uses", "prompt"}):
            raise PydanticCustomError(CONFLICT, _ACTIONS)
        if scripts and "with_" in given:
            raise PydanticCustomError(
                CONFLICT, '"with" gives the inputs of a used agent; a script gets its values by env'
            )
        if {"needs", "on"} <= given:
            raise PydanticCustomError(CONFLICT, '"needs" and "on" do not go together')
        return self


class ChainFile(Form):
    """A chain: agents, what starts them and what bounds them."""

    name: str = ""
    """What people call it; the file's name when absent."""
    description: str = ""
    """What it is for, in a sentence."""
    id: Given[ChainId] = None
    """What other chains, the API and people call it; the path below workflows/ when absent."""
    syntax: Literal[1] = 1
    """Version of this language."""
    on: On = "manual"
    """What starts a run."""
    inputs: dict[Name, Input] = Field(default_factory=dict)
    """What a run is given, the same for every trigger."""
    outputs: dict[Name, str] = Field(default_factory=dict)
    """What a run gives: expressions over its agents."""
    events: dict[EventName, Contract] = Field(default_factory=dict)
    """Events that cross the borders of the chain, each with the types of what it carries, or with a JSON Schema of this repository."""
    vars: dict[Name, Any] = Field(default_factory=dict)
    """Static values for expressions."""
    env: Environment = Field(default_factory=dict)
    """Given to every process."""
    defaults: Defaults = Defaults()
    """What agents have that do not say otherwise."""
    limits: Limits = Limits()
    """Bounds of a whole run."""
    concurrency: Given[Concurrency] = None
    """How many runs may be at work at once."""
    agents: dict[AgentId, Agent] = Field(min_length=1)
    """Its nodes by id, in an order that people like to read."""
