"""The compiled chain: what the run machine reads, free of YAML, positions and files.

Made by ``daemon.definition`` from a chain file that loaded without errors, stored with every deployment as JSON, and loaded
again for as long as a run of it exists: a field may be added with a default, never renamed or removed.

Texts that may hold ``${{ }}`` are kept as written (type :data:`Template`); ``core.expressions`` compiles and caches them.
Durations are seconds.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import PlainSerializer, TypeAdapter

from chainwright.daemon.core.listening import ChainTrigger, EventTrigger, PullRequestTrigger, PushTrigger

Template = str
"""Text in which ``${{ … }}`` stands for a value."""

ValueType = Literal["string", "number", "integer", "boolean", "choice", "json", "file"]
Options = dict[str, tuple[str, ...]]
"""Name of an output or a field that is a choice → what it is between."""
LimitName = Literal["turns", "events", "duration"]
Workspace = Literal["shared", "fresh", "worktree"]
"""``shared`` is the run's checkout on that host, ``fresh`` one of each attempt's own, ``worktree`` a git worktree of each turn's own."""

RetryReason = Literal["exit", "timeout", "stall", "check", "no-event", "output", "payload", "lost"]

RETRIED_BY_DEFAULT: Final[frozenset[RetryReason]] = frozenset(
    {"exit", "timeout", "stall", "check", "no-event", "output", "payload"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A typed input of a chain or of a reusable agent."""

    name: str
    type: ValueType = "string"
    required: bool = False
    default: Any = None
    options: tuple[str, ...] = ()
    pattern: str | None = None
    min: float | None = None
    max: float | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A cron line of a chain. ``id`` is the hash of chain id, cron, zone and inputs: it survives re-ordering.

    In ``cron`` H is worked out; ``written`` is the line as its author wrote it, where that differs. Two lines of one identity are one
    schedule.
    """

    id: str
    cron: str
    timezone: str = "UTC"
    inputs: dict[str, Any] = field(default_factory=dict)
    written: str = ""
    missed: Literal["skip", "once", "all"] = "skip"
    overlap: Literal["skip", "queue", "cancel", "allow"] = "skip"
    jitter_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """How the sender of a webhook proves who it is. ``secrets`` are names, any of which will do; the rest means something to its scheme."""

    scheme: Literal["github", "gitea", "forgejo", "gitlab", "slack", "stripe", "standard", "hmac", "token"]
    secrets: tuple[str, ...]
    tolerance_s: float = 300.0
    header: str | None = None
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    id_header: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address whose deliveries start runs: those that ``condition`` lets through, with inputs made of their payload."""

    id: str
    verify: Verify
    condition: str | None = None
    """An expression over ``event`` and ``vars``, without ``${{ }}`` around the whole."""
    inputs: dict[str, Any] = field(default_factory=dict)
    """JSON values whose texts may be templates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a whole run."""

    duration_s: float = 24 * 3600.0
    turns: int = 1_000
    events: int = 1_000
    on_limit: Literal["fail", "pause", "notify"] = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """Bounds of each turn of an agent, all its attempts and legs together; None is no bound."""

    duration_s: float | None = None
    events: int | None = None
    on_limit: Literal["fail", "pause", "notify"] = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """The events that start a turn of an agent.

    ``any`` takes one event of any name; ``all`` pairs one of each; ``quorum`` wants ``count`` distinct names; ``first`` is a race: it
    takes one, and who would have emitted the others is cancelled.
    """

    mode: Literal["any", "all", "quorum", "first"]
    names: tuple[str, ...]
    count: int = 1

    @property
    def takes_one(self) -> bool:
        """Whether each turn is started by a single event."""
        return self.mode in ("any", "first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Emit:
    """An event that an agent may choose to emit. ``payload`` maps field → type; None promises nothing about the data."""

    name: str
    payload: dict[str, ValueType] | None = None
    deliver: Literal["on-success", "now"] = "on-success"
    options: Options = field(default_factory=dict)
    """Of the fields of the payload."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What must hold before an attempt counts as succeeded, and why it does not is the feedback.

    A script has to exit 0; an output has to fit a schema; an assertion has to be true.
    """

    script: str = ""
    shell: tuple[str, ...] = ()
    assertion: str | None = None
    """An expression, without ``${{ }}`` around the whole; then there is no script."""
    message: Template = ""
    """What is said when the assertion is false."""
    schema_path: str = ""
    """The file of a schema, for people; then there is no script."""
    schema: dict[str, Any] | None = None
    """What stands in it at the commit."""
    output: str = ""
    """The output that has to fit it."""

    @property
    def needs_session(self) -> bool:
        """Whether it is a script; any other is decided by the core."""
        return self.assertion is None and self.schema is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A chain whose runs are the attempts of an agent."""

    chain: str
    definition: str = ""
    """Hash of its compiled form, of the same commit: what is called never changes under the caller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """The contract of an event that crosses the borders of its chain: types of fields, or a JSON Schema for all of its data."""

    payload: dict[str, ValueType] | None = None
    options: Options = field(default_factory=dict)
    """Of the fields of the payload."""
    schema: dict[str, Any] | None = None
    """As it stood at the commit: a retry holds its events against the same rules."""
    schema_path: str = ""
    """Of its file within the repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """``max`` further attempts after the first, the pause before each, and the reasons that allow one."""

    max: int = 0
    delay_s: float = 5.0
    max_delay_s: float = 300.0
    backoff: Literal["fixed", "linear", "exponential"] = "fixed"
    jitter: bool = False
    on: Annotated[frozenset[RetryReason], PlainSerializer(sorted, return_type=list[str])] = RETRIED_BY_DEFAULT
    """Written in order, so that equal chains are equal bytes."""
    exit_codes: tuple[int, ...] = ()
    """When not empty, reason ``exit`` is retried only for these codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """What splits a turn into legs. Values, and the lists themselves, may be templates; a whole matrix may be one."""

    matrix: dict[str, Any] | Template = field(default_factory=dict)
    include: tuple[Any, ...] | Template = ()
    exclude: tuple[Any, ...] | Template = ()
    fail_fast: bool = True
    max_parallel: int | None = None
    """Legs at a time; None is all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A part of an agent's script, in the order of the file; all run in one session."""

    id: str = ""
    """What expressions call it; empty when they cannot."""
    name: str = ""
    condition: str | None = None
    """As of an agent; None means ``success()``."""
    script: Template
    shell: tuple[str, ...] = ()
    working_directory: Template = ""
    env: dict[str, Template] = field(default_factory=dict)
    """Its own; the agent's is the session's."""
    timeout_s: float | None = None
    continue_on_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """``count`` different people of ``by`` (anybody when empty) agree before a turn starts, within ``timeout_s`` if there is one."""

    by: tuple[str, ...] = ()
    """User names, ``team:<name>``, ``role:<name>``."""
    count: int = 1
    timeout_s: float | None = None
    on_timeout: Literal["reject", "approve"] = "reject"
    message: Template = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concurrency:
    """At most ``max`` of a group are at work at once, ``queue`` more wait; with ``cancel_in_progress`` only the newest ``max`` stay.

    ``group`` is None for the default one: the runs of the chain, the turns of the agent in its run.
    """

    group: Template | None = None
    max: int = 1
    queue: int = 100
    cancel_in_progress: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A node of the chain: when it starts, what it runs, what it gives."""

    id: str
    name: str = ""
    """Of a matrix a template: that of each leg."""
    needs: tuple[str, ...] = ()
    """Ids; ``needs: '*'`` is already spelled out."""
    listens: Listen | None = None
    condition: str | None = None
    """The expression of ``if``, without ``${{ }}`` around the whole; None means the default of its kind."""
    script: str | None = None
    steps: tuple[Step, ...] = ()
    """Instead of a script."""
    prompt: Template | None = None
    shell: tuple[str, ...] = ()
    """Interpreter and its flags, to which the script's file is appended; empty: ``bash -e``, else ``sh -e``."""
    working_directory: Template = ""
    """Relative to the workspace."""
    workspace: Workspace = "shared"
    runs_on: tuple[Template, ...] = ()
    """Labels that its host must have; empty: the daemon's own machine, or what the calling agent asks for."""
    env: dict[str, Template] = field(default_factory=dict)
    """The chain's, the reusable agent's and its own, already merged."""
    secrets: tuple[str, ...] = ()
    """Names of the secrets that its process gets, each as the variable of that name; no other can be named in ``env`` and ``with``."""
    inputs: tuple[Input, ...] = ()
    """What the used agent declares; ``with_`` is checked against it."""
    with_: dict[str, Any] = field(default_factory=dict)
    """JSON values whose texts may be templates."""
    uses: str | None = None
    calls: Call | None = None
    """The chain that it is, where it is one; then it has no script."""
    outputs: dict[str, ValueType] = field(default_factory=dict)
    output_options: Options = field(default_factory=dict)
    emits: dict[str, Emit] = field(default_factory=dict)
    finish: Literal["exit", "event"] = "exit"
    checks: tuple[Check, ...] = ()
    retry: Retry = Retry()
    max_turns: int | None = None
    timeout_s: float = 3_600.0
    idle_timeout_s: float | None = None
    continue_on_error: bool = False
    strategy: Strategy | None = None
    approval: Approval | None = None
    concurrency: Concurrency | None = None
    limits: TurnLimits | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A chain as it runs: every default filled in, every reusable agent merged."""

    id: str
    name: str
    description: str = ""
    path: str = ""
    """Of its file within the repository."""
    syntax: int = 1
    manual: bool = True
    callable: bool = False
    """Whether other chains may call it."""
    schedules: tuple[Schedule, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    on_event: EventTrigger | None = None
    on_chain: ChainTrigger | None = None
    on_push: PushTrigger | None = None
    on_pull_request: PullRequestTrigger | None = None
    inputs: tuple[Input, ...] = ()
    outputs: dict[str, Template] = field(default_factory=dict)
    events: dict[str, EventType] = field(default_factory=dict)
    """What may cross its borders."""
    vars: dict[str, Any] = field(default_factory=dict)
    limits: Limits = Limits()
    concurrency: Concurrency | None = None
    agents: dict[str, Agent] = field(default_factory=dict)
    """In the order of the file."""


AUTOMATIC_EVENTS: Final = ("started", "succeeded", "failed", "skipped", "cancelled", "finished", "exhausted")
"""Emitted for every agent as ``<id>.<word>``; these names cannot be declared."""

RUN_STOP: Final = "run.stop"
"""The event by which an agent that declares it ends its run early, as succeeded."""

EXIT_CODE_STOP: Final = 78
"""The exit code that means the same as :data:`RUN_STOP`, where that is declared (EX_CONFIG elsewhere)."""

CHAIN_JSON: Final = TypeAdapter(Chain)
"""Turns a :class:`Chain` into the JSON that the store keeps, and back."""


def digest(chain: Chain) -> str:
    """SHA-256 of the compiled chain's JSON, in hexadecimal: equal for equal chains, in every process."""
    return hashlib.sha256(CHAIN_JSON.dump_json(chain)).hexdigest()
