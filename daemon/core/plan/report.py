"""What a plan says, as values: everything that a renderer shows, in the order in which it is worth reading.

A plan holds no code of the change and was made without executing any. Texts that others wrote stand in the parts of
:class:`~chainwright.daemon.core.plan.sentences.Sentence`, in names, or in ``before`` and ``after``; only renderers quote them.
"""

from dataclasses import dataclass, replace
from typing import Literal

from chainwright.daemon.core.forecast import DueTime
from chainwright.daemon.core.plan.risks import Risk
from chainwright.daemon.core.plan.sentences import Sentence
from chainwright.schemas.diagnostic import Diagnostic


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two versions that are compared. ``commit`` is empty for a working tree, and for nothing at all."""

    revision: str
    """As it was asked for."""
    commit: str = ""
    is_valid: bool = True
    """Whether it could be deployed; else what is compared is what could be read of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """A field in the author's word, and its values as far as they fit on a line; empty where there is none."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChange:
    """An agent that comes, goes or changes. Only one that changes has fields."""

    kind: Literal["added", "removed", "changed"]
    id: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """``source`` can start ``target`` by ``event``, or is needed by it when that is empty. Without a source, people or the run do."""

    source: str
    target: str
    event: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Edges that come and go: the first of them, and how many there are."""

    added: tuple[Edge, ...] = ()
    added_count: int = 0
    removed: tuple[Edge, ...] = ()
    removed_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InputChange:
    """What a caller, a person or a trigger has to know about the inputs and outputs of a chain."""

    name: str
    breaks: bool
    """Whether what was right before is refused now, or missing."""
    loosens: bool = False
    """Whether it takes what it refused before."""
    what: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleChange:
    """A cron line that comes, goes or stands in a chain that changes."""

    kind: Literal["added", "removed", "kept"]
    cron: str
    timezone: str
    options: str
    """What else it says; empty where that is nothing."""
    next: tuple[DueTime, ...]
    """The next fire times; none of one that goes."""
    notes: tuple[str, ...]
    """What changes of the clock do to it within a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChange:
    """A webhook that comes, goes or changes; its address, ``/hooks/<organization>/<environment>/<id>``, with it."""

    kind: Literal["added", "removed", "changed"]
    id: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Agents that come to start each other: one way round, and what bounds it, empty if nothing does."""

    way: str
    bounds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainChange:
    """What becomes of a chain. ``was`` and ``was_path`` are those of the base where they differ."""

    kind: Literal["added", "removed", "changed", "renamed"]
    id: str
    path: str
    was: str = ""
    was_path: str = ""
    fields: tuple[FieldChange, ...] = ()
    agents: tuple[AgentChange, ...] = ()
    edges: Edges = Edges()
    interface: tuple[InputChange, ...] = ()
    schedules: tuple[ScheduleChange, ...] = ()
    webhooks: tuple[WebhookChange, ...] = ()
    contracts: tuple[Sentence, ...] = ()
    """Events whose producers or consumers break, and events that nobody hears any more."""
    cycles: tuple[Cycle, ...] = ()
    """Those that the base does not have."""
    graph: str = ""
    """Mermaid, with what comes and goes marked; empty where no agent and no edge does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that the change widens, with what it is about."""

    rule: str
    risk: Risk
    what: Sentence
    why: str
    chain: str = ""
    agent: str = ""
    path: str = ""
    """Of the file that defines it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededApproval:
    """``count`` different people of ``by`` (user names, ``team:<name>``, ``role:<name>``; anybody who may approve when empty).

    The author of the change is never one of them.
    """

    by: tuple[str, ...] = ()
    count: int = 1
    because: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInFlight:
    """A run of a chain that changes. It ends as of the commit that it began with, and so does one that is still queued."""

    id: str
    chain: str
    commit: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a chain took so far, and how often it starts by itself in a week."""

    chain: str
    runs: int
    """How many were looked at."""
    median_s: float | None
    """Their duration; None where there were none."""
    weekly_before: int
    weekly_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A file of the repository that differs."""

    kind: Literal["added", "removed", "changed"]
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a change would do."""

    base: Side
    head: Side
    chains: tuple[ChainChange, ...] = ()
    contracts: tuple[Sentence, ...] = ()
    """What chains promised each other and do not any more."""
    widening: tuple[Finding, ...] = ()
    """The riskiest first."""
    approvals: tuple[NeededApproval, ...] = ()
    """Which people have to agree before this is deployed, by the policies."""
    violations: tuple[Sentence, ...] = ()
    """What the policies forbid: no approval mends it."""
    policies: tuple[str, ...] = ()
    """Where the policies that judged it are from."""
    files: tuple[FileChange, ...] = ()
    runs: tuple[RunInFlight, ...] = ()
    """Open runs of the chains that change."""
    estimates: tuple[Estimate, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    """Of the head: its errors, and what it is warned of that the base is not."""
    notes: tuple[Sentence, ...] = ()
    """What a reader has to know about the comparison itself."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing of what is in force would be different."""
        return not (self.chains or self.widening or self.files)

    @property
    def risk(self) -> Risk | None:
        """The highest there is."""
        return max((one.risk for one in self.widening), key=lambda risk: risk.rank, default=None)

    def with_notes(self, *notes: Sentence) -> "Plan":
        """The plan with further remarks on the comparison."""
        return replace(self, notes=(*self.notes, *notes))
