"""The port of the store: the journal of every run, what people query, and what must happen only once.

The journal is the truth; the tables behind the queries are projections that ``append`` writes in the same transaction. The
daemon is a member of a cluster: every write carries the epoch under which it owns the run, and raises :class:`NotOwner` when that
has passed to another. Implementations: ``sqlite.SqliteStore``. All adapters pass ``tests/conformance/store``.

Times are seconds since the epoch, UTC.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.change_requests import ChangeRequest, ChangeState
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.due import Pause
from chainwright.daemon.core.facts import Fact, RunRequested
from chainwright.daemon.core.hosts import HostEntry
from chainwright.daemon.core.journal import Row
from chainwright.daemon.core.keyed_requests import KeptAnswer, KeyedRequest, KnownRequest
from chainwright.daemon.core.letters import Letter
from chainwright.daemon.core.ref_telling import ToldMove
from chainwright.daemon.core.statistics import EndedAttempt, EndedRun


class StoreError(Exception):
    """The store could not do what was asked; the message is for the operator."""


class StoreUnavailable(StoreError):
    """Nothing can be written now, through no fault of what was to be written: try again later."""


class StoreFull(StoreUnavailable):
    """The disk under the store is full: nothing was written, try again once there is room."""


class StoreBusy(StoreUnavailable):
    """Another process holds the database: nothing was written, try again once it has let go."""


class StoreLocked(StoreError):
    """Another daemon holds this state folder; the message names its process."""


class NotOwner(StoreError):
    """Another daemon owns the run now: stop working on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """What makes a run happen only once: the same (scope, key) always leads to the same run.

    ``scope`` is ``api`` for an Idempotency-Key, ``call`` for the attempt that a child run is, ``announcement`` for what a chain was told, or ``schedule:<id>`` for a fire time, whose ``key`` is made by :meth:`of_fire`.
    """

    scope: str
    key: str

    @classmethod
    def of_fire(cls, schedule: str, due: float) -> "Once":
        """For the run that a due time of a schedule becomes."""
        return cls(scope=f"schedule:{schedule}", key=repr(float(due)))

    @property
    def fire(self) -> tuple[str, float] | None:
        """The schedule and its due time, if it is about one."""
        kind, _, schedule = self.scope.partition(":")
        return (schedule, float(self.key)) if kind == "schedule" else None


Fate = Literal["accepted", "filtered", "unfit", "refused", "duplicate"]
"""What became of a delivery: a run; nothing, as its ``if`` says; nothing, because its payload does not fit; its sender was not proven;
it is a repeat of one that became a run."""

REPEATED_WITHIN_S: Final = 30 * 86_400.0
"""For so long a repeat is known as one (semantics 40)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookDelivery:
    """One delivery to a webhook. ``keys`` are what a repeat of it would share; ``folded`` joins rows that are only counted.

    ``headers`` and ``body`` are those of a proven sender; without a body nothing of the request is kept.
    """

    id: str
    organization: str
    environment: str
    hook: str
    chain: str
    fate: Fate
    received_at: float
    reason: str = ""
    run_id: str | None = None
    first: str | None = None
    remote: str = ""
    keys: tuple[str, ...] = ()
    folded: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)

    @property
    def source(self) -> str:
        """The webhook, over all environments."""
        return f"{self.organization}/{self.environment}/{self.hook}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDelivery:
    """What a repeat needs to know of the delivery that it repeats."""

    id: str
    run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRef:
    """Where a ref led when it was looked at last: ``commit`` is None for one that was gone. ``moves`` counts its movements."""

    commit: str | None
    moves: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedPush:
    """A push that was not let in. ``updates`` are refs, each with the ids that it was to move between; ``lines`` what the pusher read."""

    repository: str
    updates: Sequence[tuple[str, str, str]]
    actor: str
    at: float
    lines: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """Entries of one run to make durable together, in order, each with its time.

    ``offsets`` are the consumed positions of ``events.log`` by attempt, recorded in the same transaction. ``follows`` is the number
    of the entry that these come after: a repeat of what was written, by a caller who was told that it had failed, is then known as
    one. None appends whatever is there.
    """

    run_id: str
    epoch: int
    entries: Sequence[tuple[float, Fact | Decision]]
    offsets: dict[str, int] = field(default_factory=dict)
    follows: int | None = None
    announcements: Sequence[Announcement] = ()
    """What these entries tell other chains, recorded in the same transaction; one that is on record already stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A chain repository at a commit, in force in an environment. Immutable."""

    repository: str
    environment: str
    commit: str
    deployed_at: float
    chains: dict[str, str]
    """Chain id → hash of its compiled form."""
    hash: str
    """Over all chains."""
    head: str = ""
    """The tip of the branch when this was put in force, which stays until that moves on; empty: its own commit."""
    cause: str = "commit"
    """``commit``, ``rollback`` or ``promotion``."""
    actor: str = ""
    message: str = ""
    id: int = 0
    """Its number, given by the store."""

    @property
    def answers(self) -> str:
        """The tip of the branch that this is the answer to."""
        return self.head or self.commit


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedPush:
    """A commit that was let in, and by whom; written before its ref moves."""

    repository: str
    commit: str
    actor: str
    message: str
    pushed_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedDeployment:
    """A commit that did not load; the deployment before it stays in force."""

    repository: str
    environment: str
    commit: str
    refused_at: float
    diagnostics: tuple[str, ...]
    """As people read them, ``file:line:column: …``."""
    id: int = field(default=0, compare=False)
    """Its number, given by the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """A due time of a schedule: the run that it became, or why it became none."""

    schedule: str
    due: float
    run_id: str | None
    missed: str
    outcome: str | None = None
    """Of the run, once it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of telling a chain something."""

    fate: Literal["started", "filtered", "unfit", "refused"]
    """A run began, or its ``if`` did not hold, or its inputs did not fit, or it cannot be started."""
    at: float
    run_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInput:
    """Typed terminal input, kept until the session has taken it."""

    seq: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRun:
    """A run that has not finished, as found at start."""

    run_id: str
    rows: tuple[Row, ...]
    offsets: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPull:
    """A pull request whose plan was made: from what, and what is to be told of it."""

    forge: str
    number: int
    seen: str
    letters: Sequence[Letter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A letter that did not arrive: when to try again, or never again."""

    letter: Letter
    due_at: float
    fault: str
    is_dead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What has not arrived: how many letters wait, and the dead ones (subject and fault), newest first."""

    waiting: int
    dead: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs of a history. ``text`` is a part of a chain's name or the beginning of an id, ``since`` the lowest id."""

    chain: str | None = None
    repository: str | None = None
    environment: str | None = None
    state: str | None = None
    outcome: str | None = None
    trigger: str | None = None
    text: str | None = None
    since: str | None = None


EVERY_RUN: Final = RunFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """RunSummaries, newest first. There may be more exactly when there is a ``next``, also where these are few."""

    rows: list[dict[str, Any]]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events: of a name, or those that were routed and that no agent took."""

    name: str | None = None
    unmatched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Events with their run; ``next`` as of :class:`RunPage`."""

    rows: list[dict[str, Any]]
    next: tuple[str, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """A change, numbered in the order of the commits. Of the topic ``runs`` the subject is the run, and ``rows`` what was added to its
    journal, without their hashes; of every other topic ``kind`` and ``at`` tell what has happened."""

    seq: int
    topic: str
    subject: str
    kind: str
    at: float | None
    rows: list[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreStatistics:
    """Since the store was opened: how many commits carried how many writes, how many commits took at most so many seconds and how long all
    took together; and how much room it takes on the disk now."""

    commits: int
    writes: int
    commits_within: Mapping[float, int]
    commits_s: float
    size_bytes: int


class Store(Protocol):
    """What is known, durably."""

    epoch: int
    """The epoch of this daemon, given at ``open``; higher than that of any before it."""

    async def open(self) -> None:
        """Migrate and take ownership. Raises :class:`StoreLocked`, :class:`StoreError`."""

    async def close(self) -> None:
        """Write what is pending and let go."""

    def statistics(self) -> StoreStatistics:
        """What it has done, and how large it is."""

    # what changes

    async def create_run(
        self,
        request: RunRequested,
        entries: Sequence[tuple[float, Fact | Decision]],
        once: Once | None = None,
        delivery: HookDelivery | None = None,
        announcements: Sequence[Announcement] = (),
    ) -> str:
        """Store a new run with its first entries (``request`` is the first) and return its id when durable.

        If ``once``, or a key of ``delivery``, was seen before, nothing is written and the id of the run it led to is returned. A
        schedule's fire row, the delivery that the run comes of, and what the entries tell other chains, are written in the same
        transaction.
        """

    async def append(self, append: Append) -> None:
        """Write entries of a run and their projections; returns when durable. Many calls share one commit.

        Calls for the same run are written in the order in which they were made, without waiting for each other. Raises
        :class:`StoreUnavailable` (the same append may be made again), :class:`NotOwner`, :class:`StoreError`.
        """

    async def record_missed(self, schedule: str, reasons: Mapping[float, str]) -> int:
        """Leave a row for each due time that became no run, all or none; how many of them had none yet."""

    async def announce(self, announcements: Sequence[Announcement]) -> None:
        """Record what chains have to be told, all of it or nothing; what is on record already stays as it is."""

    async def see_refs(
        self, repository: str, seen: Mapping[str, SeenRef], at: float, moves: Sequence[ToldMove] = ()
    ) -> None:
        """Remember where these refs of a repository lead, what moved, and what chains have to be told of that: all of it or nothing."""

    async def refuse_push(self, push: RefusedPush) -> None:
        """Remember a push that was not let in."""

    async def settle_announcement(self, key: str, told: Told) -> None:
        """What became of an announcement, once: the first answer stays."""

    async def pause_schedules(self, chain: str, pause: Pause) -> None:
        """Remember that somebody keeps the schedules of a chain from starting runs, in place of whoever did before."""

    async def resume_schedules(self, chain: str, actor: str, at: float) -> None:
        """Remember who let them start runs again."""

    async def keep_definition(self, digest: str, chain_json: bytes) -> None:
        """Keep a compiled chain under its hash."""

    async def record_deployment(self, deployment: Deployment) -> int:
        """Put a deployment in force; its number."""

    async def record_push(self, push: AcceptedPush) -> None:
        """Remember who pushed a commit."""

    async def record_refusal(self, refusal: RefusedDeployment) -> None:
        """Remember a commit that did not load."""

    async def keep_input(self, attempt_id: str, data: bytes) -> int:
        """Store typed input before it is sent; returns its sequence number, from 1 for each attempt."""

    async def acknowledge_input(self, attempt_id: str, seq: int) -> None:
        """The session has taken input up to ``seq``: its bytes are forgotten, length and number stay."""

    async def record_delivery(self, delivery: HookDelivery) -> None:
        """Keep a delivery of a webhook that became no run; one whose id or ``folded`` is known already is counted there."""

    async def prune_deliveries(self, now: float, room_bytes: int) -> int:
        """Forget deliveries whose repeats are known no longer, and the oldest contents beyond so many bytes, a part at a time; how
        many rows went, 0 when nothing is left to forget."""

    async def open_change(self, change: ChangeRequest) -> int:
        """Keep a new change request, which has one entry; its number."""

    async def record_change(self, change: ChangeRequest) -> None:
        """Keep the last entry of a change request. Raises :class:`StoreError` when another was written since it was read."""

    async def record_host(self, organization: str, entry: HostEntry) -> None:
        """Remember what was done to a host."""

    async def begin_request(self, organization: str, request: KeyedRequest) -> KnownRequest | None:
        """Keep that a request was begun, unless its key is known: then what is known of that."""

    async def answer_request(self, organization: str, request: KeyedRequest, answer: KeptAnswer) -> KnownRequest:
        """Keep what a request was answered, also of one whose beginning was not kept; what is known of its key then: the first answer
        stays."""

    async def drop_request(self, organization: str, key: str) -> None:
        """Forget a request that was begun and not answered."""

    async def next_number(self, organization: str, repository: str, chain: str) -> int:
        """The number of the next run of this chain, from 1; each is given once, and higher than that of any run on record."""

    # what is asked

    async def known_request(self, organization: str, key: str) -> KnownRequest | None:
        """What is known of a request's key; None once it is too old."""

    async def open_announcements(self) -> list[Announcement]:
        """What chains have yet to be told, in the order in which it happened."""

    async def seen_refs(self, repository: str) -> dict[str, SeenRef] | None:
        """What is remembered of a repository's refs, by name; None when it was never looked at."""

    async def moves(self, repository: str | None, limit: int, before: int | None) -> list[dict[str, Any]]:
        """The newest movements of refs and refused pushes, in the shape of ``schemas.repositories.MoveView``; ``before`` is the id of the
        last one of the page before."""

    async def is_worked_on(self, repository: str, commit: str) -> bool:
        """Whether any run, of whatever time, works at the commit."""

    async def told(self, keys: Sequence[str]) -> dict[str, Told]:
        """What became of these announcements; those that are open or unknown are not among them."""

    async def open_runs(self) -> list[OpenRun]:
        """Every run that has not finished, now owned by this daemon."""

    async def host_of(self, attempt_id: str) -> str | None:
        """The host on record for an attempt's session; None for one that was placed nowhere yet, or is not known."""

    async def journal(self, run_id: str) -> tuple[Row, ...]:
        """All rows of a run; empty if there is none."""

    async def verify(self, run_id: str) -> int | None:
        """The number of the first row that breaks the run's hash chain, or None."""

    async def definition(self, digest: str) -> bytes | None:
        """A compiled chain."""

    async def deployment(self, repository: str, environment: str) -> Deployment | None:
        """The deployment in force."""

    async def deployments(
        self, repository: str, environment: str, limit: int = 50, before: int | None = None
    ) -> list[Deployment]:
        """The deployments of an environment, the one in force first; ``before`` is the number of the last one of the page before."""

    async def push_of(self, repository: str, commit: str) -> AcceptedPush | None:
        """The newest push of a commit, if there was one."""

    async def refusal(self, repository: str, environment: str) -> RefusedDeployment | None:
        """The newest refused commit, if it is newer than the deployment in force."""

    async def refusals(
        self, repository: str, environment: str, limit: int, before: int | None = None
    ) -> list[RefusedDeployment]:
        """Commits that did not load, newest first, each as often as it was tried; ``before`` as of :meth:`deployments`."""

    async def child_of(self, attempt_id: str) -> str | None:
        """The run that an attempt is; None when it is none, or that was not begun."""

    async def last_input(self, attempt_id: str) -> int:
        """The sequence number of the newest input that was stored, taken or not; 0 for none."""

    async def pending_input(self, attempt_id: str, after: int) -> list[StoredInput]:
        """Input that the session has not taken, from sequence number ``after + 1``."""

    async def runs(
        self, organization: str, wanted: RunFilter = EVERY_RUN, *, limit: int = 50, before: str | None = None
    ) -> RunPage:
        """RunSummaries, newest first; ``before`` is the ``next`` of the page before."""

    async def recent_runs(
        self, organization: str, chains: Sequence[str], limit: int
    ) -> dict[str, list[dict[str, Any]]]:
        """RunSummaries of the last runs of each chain, newest first."""

    async def ended_of_chain(
        self, organization: str, chain: str, limit: int
    ) -> tuple[list[EndedRun], list[EndedAttempt]]:
        """The last runs of a chain that have ended, newest first, and their attempts that had started."""

    async def ended_since(self, organization: str, at: float) -> dict[str, int]:
        """How many runs have ended since then, by outcome."""

    async def all_events(
        self, organization: str, wanted: EventFilter, *, limit: int, before: tuple[str, int] | None
    ) -> EventPage:
        """EventViews with ``run_id`` and ``chain``: of the newest run first, and of each run its last first."""

    async def find_runs(self, organization: str, prefix: str, limit: int = 2) -> list[str]:
        """Ids that begin with ``prefix``, newest first; ``""`` gives the newest."""

    async def run(self, run_id: str) -> dict[str, Any] | None:
        """A run's row with its agents, turns and attempts, in the shape of ``schemas.api.RunDetail``."""

    async def events(self, run_id: str) -> list[dict[str, Any]]:
        """The run's events in their order, each with its fate and its deliveries."""

    async def fires(self, schedule: str, limit: int = 50, before: float | None = None) -> list[Fire]:
        """What became of a schedule's due times, or of those before a time, newest first."""

    async def pauses(self) -> dict[str, Pause]:
        """The newest pause of each chain whose schedules nobody has resumed since; its end may have come."""

    async def last_fire(self, schedule: str) -> float | None:
        """The newest due time that has a row."""

    async def known_delivery(self, source: str, keys: tuple[str, ...], now: float) -> KnownDelivery | None:
        """The delivery of a webhook that has one of these keys and is not too old to be repeated; one that became a run before
        others."""

    async def deliveries(
        self, organization: str, *, hook: str | None, fate: str | None, limit: int, before: str | None
    ) -> list[dict[str, Any]]:
        """Deliveries, newest first, in the shape of ``schemas.webhook_api.DeliveryView``."""

    async def find_deliveries(self, organization: str, prefix: str) -> list[str]:
        """Up to two ids of deliveries that begin with ``prefix``."""

    async def delivery(self, delivery_id: str) -> dict[str, Any] | None:
        """One of them."""

    async def delivered(self, delivery_id: str) -> tuple[dict[str, str], bytes] | None:
        """Headers and body of a delivery, while they are kept."""

    async def change(self, organization: str, number: int) -> ChangeRequest | None:
        """A change request."""

    async def unsettled_changes(self) -> list[ChangeRequest]:
        """Change requests that are neither merged nor closed, the oldest first."""

    async def changes(
        self,
        organization: str,
        *,
        repository: str | None,
        states: Sequence[ChangeState],
        limit: int,
        before: int | None,
    ) -> list[dict[str, Any]]:
        """Change requests in these states, newest first, in the shape of ``schemas.change_requests.ChangeView``."""

    # what live streams follow

    def watch(self, heard: Callable[[], None]) -> None:
        """Call ``heard``, in the event loop, after each commit; in place of whom was called before."""

    async def feed_head(self) -> int:
        """The number of the newest change; 0 when there was none."""

    async def feed(self, after: int, limit: int) -> list[Fed] | None:
        """The changes that follow number ``after``, in the order of their commits; None when some are kept no longer."""

    async def note(self, topic: str, subject: str, kind: str, at: float) -> None:
        """Add a change to the feed that is none of a table's."""

    async def host_entries(self, organization: str) -> list[HostEntry]:
        """Everything that was done to hosts, oldest first."""

    # what leaves for others

    async def plan_pull(self, planned: PlannedPull) -> None:
        """Keep what the plan of a pull request was made from and, in the same transaction, the letters that tell of it."""

    async def forget_pulls(self, forge: str, still: tuple[int, ...]) -> None:
        """Forget the pull requests of a forge but for these."""

    async def seen_pulls(self, forge: str) -> dict[int, str]:
        """What the last plan of each open pull request was made from."""

    async def due_letters(self, now: float, limit: int) -> list[Letter]:
        """Letters that are to be sent now, the longest due first."""

    async def letter_sent(self, letter: Letter) -> None:
        """Forget a letter that has arrived; one that took its place meanwhile stays."""

    async def letter_failed(self, failure: Failure) -> None:
        """Note that a letter has not arrived, and when it is tried again, if ever."""

    async def outgoing(self) -> Outgoing:
        """How many letters wait, and which are dead."""
