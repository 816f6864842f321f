"""What the HTTP API answers with: stable, versioned by the path ``/api/v1``.

Times are seconds since the epoch, UTC. An outcome is null until the thing has ended.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from chainwright.schemas.announcement_api import AnnouncementView
from chainwright.schemas.fields import EventName
from chainwright.schemas.log_api import AttemptQuery
from chainwright.schemas.pages import PageQuery


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StepView(_Answer):
    """A step of an attempt that was reached; outcome and conclusion are in GitHub's words."""

    step: int = Field(description="its place, from 1")
    id: str
    name: str
    state: str
    outcome: str | None
    conclusion: str | None = Field(description="the outcome after continue-on-error")
    detail: str
    exit_code: int | None
    signal: int | None
    outputs: dict[str, Any]
    started_at: float | None
    ended_at: float | None


class ArtifactReference(_Answer):
    """A file by its content: the value of an input of type file."""

    sha256: str
    name: str
    size: int


class ArtifactView(ArtifactReference):
    """An artifact of a run. Of an input ``agent`` and ``turn`` are null; ``event`` names the event whose data holds it."""

    field: str
    agent: str | None
    turn: int | None
    event: str | None


class UploadQuery(_Request):
    """What a file that is sent is called."""

    name: str = Field(min_length=1, max_length=255)


class AttentionView(_Answer):
    """Why an agent waits for a person: at its terminal, as far as that can be told from what it shows, or for room on a disk."""

    cause: Literal["prompt", "bell", "title", "idle", "disk-full"]
    since: float
    excerpt: str = Field(description="the last lines of its screen, as plain text; of a full disk, which one")


class AttemptView(_Answer):
    """One try of a turn."""

    id: str
    attempt: int
    leg: str | None
    state: str
    outcome: str | None
    reason: str | None
    detail: str
    exit_code: int | None
    signal: int | None
    started_at: float | None
    ended_at: float | None
    host: str | None
    size: int | None = Field(description="bytes of terminal output, once it has ended")
    child: str | None = Field(description="the run that it is, when its agent calls a chain")
    steps: list[StepView]
    attention: AttentionView | None = Field(default=None, description="null while it does not wait for a person")
    branch: str | None = Field(
        default=None, description="on which it worked, in cache/repository.git of the home; null but for a worktree"
    )


class LegView(_Answer):
    """A leg of a matrix. ``leg`` is its number within the turn; its attempts name it."""

    leg: str
    name: str
    matrix: dict[str, Any]
    state: str
    outcome: str | None
    reason: str | None
    detail: str
    outputs: dict[str, Any]


class TurnView(_Answer):
    """One start of an agent."""

    turn: int
    state: str
    outcome: str | None
    reason: str | None
    detail: str
    outputs: dict[str, Any]
    events: list[int] = Field(description="numbers of the events that it consumed")
    adopted_from: str | None = Field(description="the run in which it was done, when this one has it from there")
    attempts: list[AttemptView]
    legs: list[LegView] = Field(description="of a matrix; empty for an agent that has none")


class AgentView(_Answer):
    """An agent of a run. Its state and outcome are those of its last turn that was not skipped."""

    state: str
    outcome: str | None
    reason: str | None
    detail: str
    turns: list[TurnView]


class RunSummary(_Answer):
    """A run, as a list shows it."""

    id: str
    number: int
    organization: str
    repository: str
    environment: str
    chain: str
    commit: str = Field(
        description="the one in its workspaces: pushed, or the head of a pull request, else that of its definition"
    )
    trigger: dict[str, Any]
    state: str
    outcome: str | None
    reason: str | None
    detail: str
    created_at: float
    started_at: float | None
    ended_at: float | None
    retry_of: str | None
    parent: str | None = Field(description="the run that called this one; the trigger's key is the attempt that it is")
    attention: int = Field(default=0, description="how many of its agents wait for a person at their terminals")


class RunDetail(RunSummary):
    """A run with everything in it."""

    definition_commit: str = Field(description="where its chain was read")
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    retries: list[str] = Field(description="runs that retry this one")
    told: list[AnnouncementView] = Field(description="what it told chains that listen, and what became of that")
    agents: dict[str, AgentView]


class RunPage(_Answer):
    """Runs, newest first; ``next`` is the cursor of the following page."""

    items: list[RunSummary]
    next: str | None


class EventView(_Answer):
    """An event of a run and what became of it."""

    number: int
    name: str
    agent: str | None = Field(description="null when a person or program injected it")
    attempt_id: str | None
    at: float
    data: Any
    fate: str = Field(description="staged, routed, refused, discarded, late, automatic or adopted")
    why: str
    deliveries: list[dict[str, Any]] = Field(description="{agent, state: queued|consumed|surplus|withdrawn, turn}")


class JournalEntry(_Answer):
    """A fact or a decision of a run, as it was recorded."""

    seq: int
    at: float
    kind: str
    body: dict[str, Any]


class Explanation(_Answer):
    """Why an agent is where it is, in sentences."""

    agent: str
    state: str
    outcome: str | None
    lines: list[str]


class ChangeView(_Answer):
    """The data of a ``change`` on the stream. Of runs ``seq`` and ``kind`` are those of the journal's entry; of other topics ``subject``
    names what changed."""

    topic: str = "runs"
    subject: str = ""
    run_id: str
    seq: int
    at: float
    kind: str
    agent: str | None
    data: dict[str, Any]


class SessionView(_Answer):
    """A session of a host; its id is that of the attempt. ``owner`` is null when it runs though no run of this daemon claims it.

    ``daemon`` is null for this daemon's own; else the name of another one's folder below the root of the host, which both share.
    """

    id: str
    daemon: str | None
    run_id: str | None
    agent: str | None
    turn: int | None
    leg: str | None
    attempt: int | None
    host: str
    status: str
    pid: int | None
    started_at: float | None
    ended_at: float | None
    acknowledged: bool
    owner: str | None


class SilentHost(_Answer):
    """A host whose sessions are not known now."""

    host: str
    why: str


class SessionListing(_Answer):
    """Sessions of all hosts but those that give no answer; ``next`` is the cursor of the following page."""

    items: list[SessionView]
    silent: list[SilentHost]
    next: str | None = None


class ScheduleView(_Answer):
    """A cron line of a deployed chain and its next fire time."""

    cron: str
    timezone: str
    next: float | None


class WebhookView(_Answer):
    """A webhook of a deployed chain; ``path`` is where its deliveries go, below the daemon's address."""

    id: str
    scheme: str
    path: str


class RunBar(_Answer):
    """What a small picture shows of a run."""

    id: str
    number: int
    state: str
    outcome: str | None
    created_at: float
    started_at: float | None
    ended_at: float | None


class ChainSummary(_Answer):
    """A deployed chain."""

    id: str
    repository: str
    environment: str
    name: str
    description: str
    path: str
    commit: str | None
    schedules: list[ScheduleView]
    webhooks: list[WebhookView]
    inputs: list[dict[str, Any]]
    agents: list[str]
    recent: list[RunBar] = Field(default=[], description="its last thirty runs, oldest first")


class DaemonStatus(_Answer):
    """The daemon and its load; ``runs`` counts by state."""

    version: str
    node: str = Field(default="local", description="the daemon's name among those that share a store")
    pid: int
    home: str
    epoch: int
    started_at: float
    runs: dict[str, int]
    sessions: int
    listen: str | None = Field(description="address of the API and the webhooks over TCP")


class SecretView(_Answer):
    """A secret that chains in force ask for, by name: its value is never told."""

    name: str
    provider: str | None = Field(description="file, environment or command; null: nobody has it")
    problem: str = Field(description="why it could not be given to an agent now; empty when it could")
    chains: list[str] = Field(description="ids of the chains that ask for it")


class Well(_Answer):
    """It is so."""

    ok: bool


class DoctorCheck(_Answer):
    """One thing that was looked at; ``hint`` says what to do when it is not ok."""

    check: str
    ok: bool
    detail: str
    hint: str


class StartRun(_Request):
    """What is to run. ``inputs`` are typed as the chain declares them; ``ref`` runs it as of another commit."""

    chain: str = Field(min_length=1, max_length=400)
    inputs: dict[str, Any] = Field(default_factory=dict)
    ref: str | None = Field(default=None, min_length=1, max_length=400)
    environment: str | None = Field(default=None, min_length=1, max_length=48)


class RetryRun(_Request):
    """What is to be done again: all of the run, or ``failed``, or what comes ``from`` an agent, beside what failed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    failed: bool = False
    from_agent: str | None = Field(default=None, alias="from", min_length=1, max_length=48)
    on_new_definition: bool = Field(default=False, description="by the definition in force, not by the run's own")


class SendEvent(_Request):
    """An event for a live run; the same ``key`` is taken once."""

    name: EventName
    data: Any = None
    key: str | None = Field(default=None, min_length=1, max_length=200)


class RunsQuery(_Request):
    """Which runs; ``cursor`` is the ``next`` of the page before. A page may hold fewer than ``limit`` where more follow: what is looked
    through for one page is bounded."""

    chain: str | None = Field(default=None, max_length=400)
    repository: str | None = Field(default=None, max_length=100)
    environment: str | None = Field(default=None, max_length=100)
    state: Literal["queued", "waiting", "running", "stopping", "finished"] | None = None
    outcome: Literal["succeeded", "failed", "timed_out", "cancelled", "skipped", "lost"] | None = None
    trigger: str | None = Field(default=None, max_length=40, description="kind of what started it: manual, schedule …")
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="a part of the chain's id, or the beginning of the run's",
    )
    since: float | None = Field(default=None, ge=0, le=1e11, description="created at this time or later")
    limit: int = Field(default=50, ge=1, le=500)
    cursor: str | None = Field(default=None, max_length=100)


class LogQuery(AttemptQuery):
    """Whose output, and how."""

    raw: bool = Field(default=False, description="with the terminal's control sequences")
    follow: bool = Field(default=False, description="go on until the attempt has ended")


class SessionsQuery(PageQuery):
    """Running sessions, or with ``all`` every session folder."""

    all: bool = False


class TerminalTicketView(_Answer):
    """What opens a session's terminal once, as ``ticket`` of the WebSocket's query."""

    ticket: str
    expires_at: float


class TerminalQuery(_Request):
    """From which byte of the output on, whether to take the keyboard, and whether to be told when typed input is durable."""

    offset: int = Field(default=0, ge=0, le=2**53)
    ticket: str | None = Field(default=None, max_length=100, description="in place of a token, once: see …/tickets")
    take_over: bool = False
    acks: bool = False
    tail: int | None = Field(default=None, ge=0, le=1 << 30, description="begin at most so many bytes before the end")
    live: bool = Field(
        default=False, description="leave out what comes faster than anybody reads, with a notice of the gap"
    )
    hello: bool = Field(default=False, description="be told first where it begins, its size, and who types")
    flow: bool = Field(default=False, description="get no more than 256 KiB that were not acknowledged")


class ChainQuery(_Request):
    """At which commit; by default the deployed one."""

    ref: str | None = None


class PlanQuery(_Request):
    """Which change. ``base`` is by default what is in force; revisions are whatever git names."""

    head: str = Field(min_length=1, max_length=400)
    base: str | None = Field(default=None, min_length=1, max_length=400)
    from_common: bool = Field(
        default=False, description="from the newest commit that both come from, as a pull request"
    )
    branch: str = Field(default="", max_length=400, description="the branch that is to be moved, for policies that ask")
    format: Literal["json", "text", "markdown"] = "json"


_TOPIC = r"(runs|inbox|deployments|schedules|deliveries|changes|hosts|run:[^,\s]{1,80})"


class StreamQuery(_Request):
    """What to watch: topics with commas between them; ``run:<id>`` alone is the whole life of a run."""

    topics: str = Field(
        pattern=rf"^{_TOPIC}(,{_TOPIC}){{0,19}}$",
        description="runs, run:<id>, inbox, deployments, schedules, deliveries, changes, hosts",
    )


class Problem(_Answer):
    """RFC 9457: why a request was refused. ``code`` is stable and the same in logs and on the command line."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str = ""
    diagnostics: list[dict[str, Any]] = Field(default_factory=list)
