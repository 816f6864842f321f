"""What the API needs of the daemon: the use cases. ``daemon.engine`` and ``daemon.supervisor`` provide them.

Every method may raise :class:`~chainwright.daemon.core.refusals.Refusal`, which ``problems`` turns into an answer. Ids of runs may be
given as a unique prefix or as ``@last``; answers carry the whole id. Dictionaries have the shapes of ``schemas.api``.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.keyed_requests import KeptAnswer, KeyedRequest, KnownRequest
from chainwright.daemon.core.live_changes import Change, Step
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.verdicts import Answer
from chainwright.schemas.api import LogQuery
from chainwright.schemas.hosts import HostSettings
from chainwright.schemas.log_api import AttemptQuery, LogLinesQuery, LogMatchesQuery
from chainwright.schemas.session_api import SignalName


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Terminal output of one attempt. ``chunks`` ends when the attempt has ended or, without follow, at the end so far."""

    attempt_id: str
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is measured: its values by those of its labels."""

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    values: Mapping[tuple[str, ...], float]
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many of something were at most so large, by each bound, of which the last is infinite; and all of them together."""

    name: str
    help: str
    within: Mapping[float, int]
    total: float
    kind: Literal["histogram"] = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The bytes of a file."""

    size: int
    chunks: AsyncIterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What arrived at the address of a webhook, from whoever it was."""

    organization: str
    environment: str
    hook: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    remote: str


class TerminalLink(Protocol):
    """A person's hold on a session's terminal."""

    def __aiter__(self) -> AsyncIterator[tuple[Literal["output", "notice", "exit"], bytes]]:
        """Raw output, notices (JSON: somebody took over, the disk is full), and at last the exit record as JSON."""

    @property
    def offset(self) -> int:
        """Of the byte that comes next."""

    @property
    def typist(self) -> str | None:
        """Who has the keys, if anybody."""

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def input_seq(self) -> int:
        """Number of the last piece of typed input that was stored before this was opened; 0 for none, and for a viewer."""

    async def type(self, data: bytes) -> int:
        """Store, then send what was typed; its number, which follows the last one.

        Refused with ``denied`` for a viewer, ``conflict`` when another has the keys, ``unavailable`` when it cannot be stored now.
        """

    async def resize(self, rows: int, cols: int) -> None:
        """Set the terminal's size."""

    async def close(self) -> None:
        """Leave; the agent goes on."""


class UseCases(Protocol):
    """Everything that people and programs can ask for."""

    # runs
    async def start_run(
        self,
        actor: Actor,
        chain: str,
        inputs: dict[str, Any],
        *,
        ref: str | None = None,
        environment: str | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Check the inputs, make a run durable and return its summary. ``ref`` runs the chain as of another commit."""

    async def retry_run(
        self,
        actor: Actor,
        run: str,
        *,
        failed: bool,
        from_agent: str | None,
        on_new_definition: bool,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """A new run, linked to this one, with the same commit, definition and inputs, byte for byte.

        With ``failed`` or ``from_agent`` it keeps the turns that need not be done again. Conflict when there is nothing to do
        again, or when what is kept does not fit the new definition.
        """

    async def cancel_run(self, actor: Actor, run: str) -> dict[str, Any]:
        """End a run; a second time ends its cleaning agents too. Conflict when it has ended."""

    async def approvals(self, actor: Actor) -> list[dict[str, Any]]:
        """ApprovalViews of everything that waits for people, of the oldest run first."""

    async def answer_approval(self, actor: Actor, run: str, answer: Answer) -> dict[str, Any]:
        """Approve or reject. Conflict when nothing waits or the actor has agreed before, denied when others are asked."""

    async def inject_event(self, actor: Actor, run: str, name: str, data: Any, key: str | None) -> dict[str, Any]:
        """Send an event that the chain knows into a live run. Conflict when it has ended."""

    async def send_event(
        self, actor: Actor, name: str, data: Any, *, key: str | None, environment: str | None
    ) -> list[dict[str, Any]]:
        """Send an event to every chain that starts with it: AnnouncementViews. Not found when none does."""

    async def runs(self, actor: Actor, wanted: dict[str, Any], *, limit: int, cursor: str | None) -> dict[str, Any]:
        """``{"items": [RunSummary…], "next": cursor or null}``, newest first; ``wanted`` are the filters of RunsQuery."""

    async def run(self, actor: Actor, run: str) -> dict[str, Any]:
        """A RunDetail."""

    async def run_events(self, actor: Actor, run: str) -> list[dict[str, Any]]:
        """EventViews in their order."""

    async def journal(self, actor: Actor, run: str, *, after: int, limit: int | None) -> list[dict[str, Any]]:
        """The run's facts and decisions from number ``after + 1``: ``{seq, at, kind, body}``."""

    async def run_artifacts(self, actor: Actor, run: str) -> list[dict[str, Any]]:
        """ArtifactViews: inputs, outputs, what events hold."""

    async def artifact(self, actor: Actor, run: str, sha256: str) -> Content:
        """The content of one of the run's artifacts."""

    async def keep_artifact(self, actor: Actor, name: str, chunks: AsyncIterator[bytes]) -> dict[str, Any]:
        """Keep a file that somebody sends; its reference, which an input of type file takes."""

    async def run_graph(self, actor: Actor, run: str) -> dict[str, Any]:
        """A RunGraph."""

    async def run_timeline(self, actor: Actor, run: str) -> dict[str, Any]:
        """A RunTimeline."""

    async def explain(self, actor: Actor, run: str, agent: str) -> dict[str, Any]:
        """``{"agent", "state", "outcome", "lines": [text…]}``: why it is where it is."""

    async def log(self, actor: Actor, run: str, asked: LogQuery) -> Log:
        """What an agent wrote; control sequences are stripped unless ``raw``."""

    async def recording(self, actor: Actor, run: str, asked: AttemptQuery) -> Log:
        """What an agent's terminal showed so far, as an asciicast."""

    async def log_lines(self, actor: Actor, run: str, asked: LogLinesQuery) -> dict[str, Any]:
        """LogLines from number ``first`` on, or the last ones."""

    async def log_matches(self, actor: Actor, run: str, asked: LogMatchesQuery) -> dict[str, Any]:
        """LogMatches of a text."""

    def changes(self, actor: Actor, run: str, *, after: int) -> AsyncIterator[Change]:
        """Changes of one run from journal number ``after`` on, up to its end."""

    def feed(self, actor: Actor, *, after: int | None) -> AsyncGenerator[Sequence[Step], None]:
        """What changes from now on, or from step ``after`` on, in parts; first a step without changes, which says where it begins, and
        an empty part for each second of silence.

        Raises FeedLost when what follows ``after`` is kept no longer.
        """

    # the whole

    async def overview(self, actor: Actor) -> dict[str, Any]:
        """An Overview."""

    async def inbox(self, actor: Actor) -> list[dict[str, Any]]:
        """InboxItems, the longest waiting first."""

    async def all_events(
        self, actor: Actor, *, name: str | None, unmatched: bool, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        """An EventsPage."""

    async def calendar(self, actor: Actor, *, since: float, until: float) -> dict[str, Any]:
        """A Calendar."""

    async def settings(self, actor: Actor) -> list[dict[str, Any]]:
        """SettingViews."""

    # sessions
    async def sessions(self, actor: Actor, *, everything: bool) -> dict[str, Any]:
        """A SessionListing of every host: of running sessions, or of all."""

    async def terminal(
        self, actor: Actor, session: str, *, offset: int, take_over: bool, tail: int | None, live: bool
    ) -> TerminalLink:
        """Open a session's terminal, to watch or, by taking over, to type.

        With ``tail`` it begins at most so many bytes before the end. A ``live`` one leaves out what nobody could read, with a notice.
        """

    async def signal_session(self, actor: Actor, session: str, name: SignalName) -> dict[str, Any]:
        """A SentSignal, once the session's host was told. Conflict when it has ended."""

    # hosts; what changes one answers with its HostDetail, and all but the list with not-found for a name of none
    async def hosts(self, actor: Actor) -> list[dict[str, Any]]:
        """HostViews, the daemon's own machine first."""

    async def host(self, actor: Actor, name: str) -> dict[str, Any]:
        """A HostDetail."""

    async def add_host(self, actor: Actor, name: str, settings: HostSettings, *, replace: bool) -> dict[str, Any]:
        """Add a host. Conflict when there is one of this name, unless it was added too and is to be replaced."""

    async def trust_host(self, actor: Actor, name: str, host_key: str, *, replace: bool) -> dict[str, Any]:
        """Pin its key. Conflict when another is pinned, unless it is to be replaced, and where the configuration has one."""

    async def shown_host_key(self, actor: Actor, name: str) -> dict[str, Any]:
        """The HostKeyView of what it shows now; nothing is offered to it. Unavailable when it gives no answer."""

    async def test_host(self, actor: Actor, name: str) -> AsyncIterator[dict[str, Any]]:
        """HostChecks, each as it is found."""

    async def drain_host(self, actor: Actor, name: str, reason: str) -> dict[str, Any]:
        """Let no new session go there; those that run go on."""

    async def resume_host(self, actor: Actor, name: str) -> dict[str, Any]:
        """Let sessions go there again. Conflict when it is not drained."""

    async def clear_host(self, actor: Actor, name: str, *, dry: bool) -> dict[str, Any]:
        """A HostClearing. Unavailable when the host gives no answer."""

    async def remove_host(self, actor: Actor, name: str, *, force: bool) -> dict[str, Any]:
        """Forget a host that was added. Conflict for one of the configuration, and while sessions run there, unless forced."""

    # schedules
    async def schedules(self, actor: Actor, *, chain: str | None) -> list[dict[str, Any]]:
        """ScheduleDetails of what is in force; of one chain, if that is named."""

    async def schedule_fires(self, actor: Actor, schedule: str, *, limit: int, cursor: float | None) -> dict[str, Any]:
        """A FirePage of a schedule, by the beginning of its id."""

    async def pause_schedules(self, actor: Actor, chain: str, *, until: float | None) -> list[dict[str, Any]]:
        """Keep the schedules of a chain from starting runs; answers like ``schedules``. Conflict when it has none."""

    async def resume_schedules(self, actor: Actor, chain: str) -> list[dict[str, Any]]:
        """Let them start runs again; answers like ``schedules``. Conflict when they are not paused."""

    async def run_schedule(
        self, actor: Actor, chain: str, *, schedule: str, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """The RunSummary of a new run of a schedule, also of a paused one."""

    # definitions
    async def chains(self, actor: Actor) -> list[dict[str, Any]]:
        """``{id, repository, environment, name, description, path, commit, schedules: [{cron, timezone, next}], inputs, agents}`` of the deployment."""

    async def chain(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        """The compiled chain as JSON."""

    async def chain_inputs(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        """The JSON Schema of its inputs."""

    async def chain_source(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        """A ChainSource: its file, as in force or at ``ref``."""

    async def chain_statistics(self, actor: Actor, chain: str, *, last: int) -> dict[str, Any]:
        """ChainStatistics of so many of its last runs."""

    async def chain_versions(self, actor: Actor, chain: str, *, limit: int) -> list[dict[str, Any]]:
        """At most so many ChainVersions, newest first; the one in force is the newest that what is in force contains."""

    async def deployments(self, actor: Actor) -> list[dict[str, Any]]:
        """DeploymentViews of every environment, the main one first."""

    async def deployment_history(
        self, actor: Actor, *, repository: str | None, environment: str | None, limit: int, cursor: int | None
    ) -> dict[str, Any]:
        """A HistoryPage of one environment, the deployment in force first."""

    async def deployment_refusals(
        self, actor: Actor, *, repository: str | None, environment: str | None, limit: int, cursor: int | None
    ) -> dict[str, Any]:
        """A RefusalPage of one environment, newest first."""

    async def rollback(
        self, actor: Actor, *, repository: str | None, environment: str | None, to: str | None, message: str
    ) -> dict[str, Any]:
        """Put an earlier deployment, or any commit, in force until the branch moves on; the DeploymentView.

        Runs in flight keep their commit. Conflict when there was no other, or the commit does not load.
        """

    async def promote(
        self, actor: Actor, *, repository: str | None, source: str, target: str, message: str
    ) -> dict[str, Any]:
        """Put what one environment has in force in another; the DeploymentView of that."""

    async def reconcile(self, actor: Actor) -> list[dict[str, Any]]:
        """Look at the repositories now; answers like ``deployments``."""

    # repositories
    async def repositories(self, actor: Actor) -> list[dict[str, Any]]:
        """RepositoryViews, the main one first."""

    async def host_repository(self, actor: Actor, name: str) -> dict[str, Any]:
        """The RepositoryView of a hosted repository, made if there is none. Conflict when another kind has the name."""

    async def judge_push(self, actor: Actor, repository: str, pushed: dict[str, Any]) -> dict[str, Any]:
        """A PushVerdict on PushedRefs; nothing is changed by asking. Who is refused is on record."""

    def fetch_soon(self, repository: str) -> None:
        """Have a mirror fetched within seconds. Anybody may ask; however often that happens, it is fetched every two seconds at most."""

    async def moves(self, actor: Actor, *, repository: str | None, limit: int, cursor: int | None) -> dict[str, Any]:
        """A MovePage: what has moved, whom it was told, and pushes that were refused."""

    async def reconcile_repository(self, actor: Actor, repository: str) -> dict[str, Any]:
        """Look at one repository now; ``{lines}`` for people."""

    # change requests; what is asked about one answers with its ChangeView, and not-found for a number of none
    async def change_requests(
        self, actor: Actor, *, repository: str | None, state: str, limit: int, cursor: int | None
    ) -> dict[str, Any]:
        """``{"items": [ChangeView…], "next": cursor or null}`` of those in a state, or in any for ``all``; newest first."""

    async def change_request(self, actor: Actor, number: int) -> dict[str, Any]:
        """A ChangeDetail."""

    async def diff_of_change(self, actor: Actor, number: int) -> str:
        """What it brings, as a patch."""

    async def open_change_request(self, actor: Actor, repository: str, pushed: dict[str, Any]) -> dict[str, Any]:
        """A ReviewedChange for a ReviewedPush whose objects git has taken."""

    async def comment_on_change(self, actor: Actor, number: int, text: str) -> dict[str, Any]:
        """Say something about it, whatever its state."""

    async def answer_change(
        self, actor: Actor, number: int, *, agrees: bool, head: str | None, comment: str
    ) -> dict[str, Any]:
        """Approve or reject its head. Denied to who pushed to it; conflict when ``head`` is not what it is at now."""

    async def merge_change(self, actor: Actor, number: int, message: str) -> dict[str, Any]:
        """Move its branch, and deploy. Conflict when anything is in its way: the detail has a line for each."""

    async def close_change(self, actor: Actor, number: int, comment: str) -> dict[str, Any]:
        """Give it up."""

    # webhooks
    def require_hook(self, organization: str, environment: str, hook: str) -> None:
        """Refuse an address at which there is no webhook."""

    async def receive_delivery(self, delivered: Delivered) -> dict[str, Any]:
        """``{fate, delivery, run_id, reason}``; the fate is ``challenge``, with the answer as its reason, where a sender only asks
        whether somebody is there."""

    async def deliveries(
        self, actor: Actor, *, hook: str | None, fate: str | None, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        """``{"items": [DeliveryView…], "next": cursor or null}``, newest first."""

    async def delivery(self, actor: Actor, delivery: str) -> dict[str, Any]:
        """A DeliveryDetail."""

    async def replay_delivery(self, actor: Actor, delivery: str) -> dict[str, Any]:
        """Decide anew on a delivery; answers like ``receive_delivery``. Conflict when what was sent is not kept."""

    async def plan(self, actor: Actor, head: str, *, base: str | None, from_common: bool, branch: str) -> Plan:
        """What deploying ``head`` would do, in place of ``base`` or of what is in force. Not found for what git cannot name."""

    # requests under a key
    async def known_request(self, actor: Actor, key: str) -> KnownRequest | None:
        """What is on record of a key."""

    async def begin_request(self, actor: Actor, request: KeyedRequest) -> KnownRequest | None:
        """Make durable that a request was begun, unless its key is known: then what is on record of that."""

    async def answer_request(self, actor: Actor, request: KeyedRequest, answer: KeptAnswer) -> KnownRequest:
        """Make durable what it was answered; what is on record of its key then."""

    async def drop_request(self, actor: Actor, key: str) -> None:
        """Free the key of a request that was begun and refused."""

    # the daemon
    def require_ready(self) -> None:
        """Refuse, as unavailable, once the daemon is going down."""

    async def status(self, actor: Actor) -> dict[str, Any]:
        """``{version, pid, home, epoch, started_at, runs: {state: count}, sessions}``."""

    def measures(self, actor: Actor) -> Iterable[Measure | Distribution]:
        """What is measured, as of now."""

    async def doctor(self, actor: Actor) -> list[dict[str, Any]]:
        """``{check, ok, detail, hint}``: everything that an operator should know."""

    async def secrets(self, actor: Actor) -> list[dict[str, Any]]:
        """SecretViews of what chains in force ask for, by name; never a value."""

    async def shut_down(self, actor: Actor) -> None:
        """Begin an orderly end; sessions go on."""
