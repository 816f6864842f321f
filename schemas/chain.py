"""The chain file: its fields as pydantic models, from which the published JSON Schema is generated.

Only what this version carries out has a field here. What the language also knows stands in ``schemas.unsupported`` and is
refused by name. Values are as the author wrote them, but for durations (seconds); defaults of the daemon are filled in when a
chain is compiled, not here.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from chainwright.schemas.fields import (
    CONFLICT,
    INCOMPLETE,
    AgentId,
    AgentIdOrAll,
    AgentReference,
    ChainId,
    CommandLine,
    Condition,
    Duration,
    Environment,
    EnvName,
    EventName,
    Expression,
    FilePath,
    Folder,
    Form,
    Given,
    Name,
    Reference,
    Script,
    TimeOut,
    also_in_schema,
    either,
    expected,
    shape,
)
from chainwright.schemas.listening import ChainTrigger, EventTrigger
from chainwright.schemas.pushes import OnPullRequest, OnPush
from chainwright.schemas.waits import Approval, Concurrency
from chainwright.schemas.webhooks import Webhooks


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

RetryReason = Literal["exit", "timeout", "stall", "check", "no-event", "output", "payload", "lost"]

Workspace = Literal["shared", "fresh", "worktree"]
"""Where an agent works: in the run's checkout, in one of its attempt's own, or in a git worktree of its turn's own."""

Missed = Literal["skip", "once", "all"]
Overlap = Literal["skip", "queue", "cancel", "allow"]

MAX_SCHEDULES = 100
"""Of one chain; what they do at changes of the clock is worked out for each."""


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


_CHECKS = ("run", "schema", "assert")
_OF_CHECK = {"output": "schema", "message": "assert"}
"""Field of a check → the kind of check that it is a part of."""


class Check(Form):
    """What has to hold before an attempt counts as succeeded: a script that exits 0, an output that fits a JSON Schema, or an
    expression that is true."""

    model_config = also_in_schema(
        {
            "oneOf": [{"required": [kind]} for kind in _CHECKS],
            "allOf": [
                {"not": {"required": [field, kind]}}
                for field, owner in _OF_CHECK.items()
                for kind in _CHECKS
                if kind != owner
            ],
        }
    )

    run: Given[Script] = None
    """A script that has to exit 0; what it prints is handed to the next attempt."""
    schema_: Given[FilePath] = None
    """A JSON Schema (2020-12), as a path within the chain repository; the file is read at the commit, never in the workspace."""
    output: Given[Name] = None
    """The output that `schema` is for; the only one of type json, when absent."""
    assert_: Given[Condition] = None
    """An expression that has to be true; the context `outputs` holds what the attempt gave."""
    message: Given[str] = None
    """What the next attempt is told when `assert` is false; a text in which expressions may stand."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = {name.rstrip("_") for name in self.model_fields_set}
        kinds = [kind for kind in _CHECKS if kind in given]
        if len(kinds) != 1:
            raise PydanticCustomError(
                CONFLICT if kinds else INCOMPLETE, f"a check has exactly one of {_listed(_CHECKS)}"
            )
        for field, owner in _OF_CHECK.items():
            if field in given and kinds[0] != owner:
                raise PydanticCustomError(CONFLICT, f'"{field}" is for a check by {owner}')
        return self


def _listed(names: tuple[str, ...]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"


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
