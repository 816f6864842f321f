"""A plan as JSON: what ``chainwright plan --format json`` prints and ``GET /api/v1/plan`` answers.

``version`` grows when a field changes its meaning or goes; fields may be added without. Times are seconds since the epoch, UTC.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


Level = Literal["low", "medium", "high"]


class PlanSide(_Part):
    """One of the two versions that are compared."""

    revision: str
    """As it was asked for."""
    commit: str
    """Empty for a working tree, and for nothing at all."""
    is_valid: bool
    """Whether it could be deployed."""


class PlanField(_Part):
    """A field that differs, in the author's word; values are cut to a line."""

    field: str
    before: str
    after: str


class PlanAgent(_Part):
    """An agent that comes, goes or changes."""

    kind: Literal["added", "removed", "changed"]
    id: str
    fields: list[PlanField]


class PlanEdge(_Part):
    """An agent that can start another by an event, or is needed by it when the event is empty."""

    source: str
    target: str
    event: str


class PlanEdges(_Part):
    """Edges that come and go: the first of them, and how many there are."""

    added: list[PlanEdge]
    added_count: int
    removed: list[PlanEdge]
    removed_count: int


class PlanInput(_Part):
    """An input or output that differs."""

    name: str
    breaks: bool
    """Whether what was right before is refused now, or missing."""
    loosens: bool
    """Whether it takes what it refused before."""
    what: str


class PlanDueTime(_Part):
    """A fire time: ``local`` is what the clock of the zone shows then, ISO 8601 with its offset."""

    at: float
    local: str
    note: str
    """What a change of the clock has to do with it."""


class PlanSchedule(_Part):
    """A cron line of a chain whose schedules differ."""

    kind: Literal["added", "removed", "kept"]
    cron: str
    timezone: str
    options: str
    next: list[PlanDueTime]
    """The next fire times."""
    notes: list[str]
    """What changes of the clock do to it."""


class PlanWebhook(_Part):
    """A webhook that comes, goes or changes; its address is ``/hooks/<organization>/<environment>/<id>``."""

    kind: Literal["added", "removed", "changed"]
    id: str
    fields: list[PlanField]


class PlanCycle(_Part):
    """Agents that come to start each other and did not before."""

    way: str
    bounds: list[str]
    """Empty when nothing bounds it."""


class PlanChain(_Part):
    """What becomes of a chain."""

    kind: Literal["added", "removed", "changed", "renamed"]
    id: str
    path: str
    was: str
    """Its id before, where that is another."""
    was_path: str
    fields: list[PlanField]
    agents: list[PlanAgent]
    edges: PlanEdges
    interface: list[PlanInput]
    schedules: list[PlanSchedule]
    webhooks: list[PlanWebhook]
    contracts: list[str]
    """Events whose producers or consumers break, or that nobody hears."""
    cycles: list[PlanCycle]
    graph: str
    """Mermaid; empty where no agent and no edge comes or goes."""


class PlanFinding(_Part):
    """Something that the change widens."""

    rule: str
    risk: Level
    what: str
    why: str
    chain: str
    agent: str
    path: str


class PlanApproval(_Part):
    """People who have to agree; anybody who may approve when ``by`` is empty."""

    by: list[str]
    """User names, team:<name>, role:<name>."""
    count: int
    """So many different ones, the author not among them."""
    because: list[str]


class PlanRun(_Part):
    """An open run of a chain that changes: it ends as of its own commit, and so does one that is still queued."""

    id: str
    chain: str
    commit: str
    state: str


class PlanEstimate(_Part):
    """What a chain took so far, and how often it starts by itself in a week."""

    chain: str
    runs: int
    """How many were looked at."""
    median_s: float | None
    weekly_before: int
    weekly_after: int


class PlanFile(_Part):
    """A file that differs."""

    kind: Literal["added", "removed", "changed"]
    path: str


class PlanDiagnostic(_Part):
    """What the head is told that the base is not, and every error of it."""

    path: str
    line: int
    column: int
    severity: Literal["error", "warning", "note"]
    rule: str
    message: str
    hint: str


class PlanView(_Part):
    """What a change would do."""

    version: Literal[1]
    """Of this form."""
    base: PlanSide
    head: PlanSide
    risk: Level | None
    """The highest of what it widens."""
    is_empty: bool
    """Whether nothing that is in force would be different."""
    chains: list[PlanChain]
    contracts: list[str]
    """What chains promised each other and do not any more."""
    widening: list[PlanFinding]
    """The riskiest first."""
    approvals: list[PlanApproval]
    """Which people have to agree before this is deployed, by the policies."""
    violations: list[str]
    """What the policies forbid: no approval mends it."""
    policies: list[str]
    """Where the policies that judged it are from: the base's and the daemon's own, never the head's."""
    files: list[PlanFile]
    runs: list[PlanRun]
    """Only a daemon knows of any."""
    estimates: list[PlanEstimate]
    diagnostics: list[PlanDiagnostic]
    notes: list[str]
    """What a reader has to know about the comparison itself."""
