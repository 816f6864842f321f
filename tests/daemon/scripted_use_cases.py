"""Use cases that a test scripts: they answer what it put into them, and remember what they were asked."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.daemon.views import detail, event, summary

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.keyed_requests import KeptAnswer, KeyedRequest, KnownRequest
from chainwright.daemon.core.live_changes import Change, FeedLost, Step
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.statistics import chain_statistics
from chainwright.daemon.core.verdicts import Answer
from chainwright.daemon.web.port import Distribution, Log, Measure
from chainwright.schemas.api import LogQuery
from chainwright.schemas.host_api import HostView
from chainwright.schemas.hosts import HostSettings
from chainwright.schemas.log_api import AttemptQuery, LogLinesQuery, LogMatchesQuery


@dataclass
class ScriptedLink:
    """A terminal that shows what the test puts in and keeps what was typed."""

    shown: "asyncio.Queue[tuple[Literal['output', 'notice', 'exit'], bytes] | None]" = field(
        default_factory=asyncio.Queue
    )
    typed: bytearray = field(default_factory=bytearray)
    sizes: list[tuple[int, int]] = field(default_factory=list)
    refusal: Refusal | None = None
    closed: bool = False
    input_seq: int = 0
    offset: int = 0
    size: tuple[int, int] = (40, 120)
    typist: str | None = None
    heard: threading.Event = field(default_factory=threading.Event)
    """Set at every byte typed and every size; a test clears it."""

    async def __aiter__(self) -> AsyncIterator[tuple[Literal["output", "notice", "exit"], bytes]]:
        while (item := await self.shown.get()) is not None:
            self.offset += len(item[1]) if item[0] == "output" else 0
            yield item
            if item[0] == "exit":
                return

    async def type(self, data: bytes) -> int:
        if self.refusal:
            raise self.refusal
        self.typed += data
        self.input_seq += 1
        self.heard.set()
        return self.input_seq

    async def resize(self, rows: int, cols: int) -> None:
        self.sizes.append((rows, cols))
        self.heard.set()

    async def close(self) -> None:
        self.closed = True
        self.heard.set()


class Scripted:
    """UseCases that answer what the test put into them, and remember what they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.refusal: Exception | None = None
        self.details: dict[str, dict[str, Any]] = {"run-aaa111": detail()}
        self.output: list[bytes] = [b"hello\r\n", b"bye\r\n"]
        self.held: asyncio.Event | None = None
        """While set and not fired, a log stays open after its output."""
        self.journaled: list[Change] = []
        self.grown = asyncio.Condition()
        self.link: ScriptedLink | None = None
        self.listed: dict[str, list[dict[str, Any]]] = {}
        self.sources_closed = 0
        self.kept_from = 0
        self.shut = threading.Event()
        self.pictures: dict[str, dict[str, Any]] = {}
        self.silence_s = 0.02
        self.opened_by: list[str] = []
        self.requests: dict[str, KnownRequest] = {}

    def _ask(self, *what: Any) -> None:
        self.asked.append(what)
        if self.refusal:
            raise self.refusal

    def _find(self, run: str) -> dict[str, Any]:
        found = [one for key, one in self.details.items() if key.startswith(run) or run == "@last"]
        if not found:
            raise Refusal(Code.NOT_FOUND, f"there is no run {run}", "`chainwright runs` lists them")
        return found[-1]

    async def grow(self, change: Change, **changed: Any) -> None:
        """The run is different now."""
        async with self.grown:
            self.details[change.run_id] = {**self.details[change.run_id], **changed}
            self.journaled.append(change)
            self.grown.notify_all()

    async def tell(self, change: Change) -> None:
        """Something that is no run is different now."""
        async with self.grown:
            self.journaled.append(change)
            self.grown.notify_all()

    async def known_request(self, actor: Actor, key: str) -> KnownRequest | None:
        return self.requests.get(key)

    async def begin_request(self, actor: Actor, request: KeyedRequest) -> KnownRequest | None:
        known = self.requests.get(request.key)
        self.requests.setdefault(request.key, KnownRequest(fingerprint=request.fingerprint, answer=None))
        return known

    async def answer_request(self, actor: Actor, request: KeyedRequest, answer: KeptAnswer) -> KnownRequest:
        known = self.requests.get(request.key)
        if known is None or known.answer is None:
            self.requests[request.key] = KnownRequest(fingerprint=request.fingerprint, answer=answer)
        return self.requests[request.key]

    async def drop_request(self, actor: Actor, key: str) -> None:
        self.requests.pop(key, None)

    async def start_run(self, actor: Actor, chain: str, inputs: dict[str, Any], **options: Any) -> dict[str, Any]:
        self._ask("start_run", actor.name, chain, inputs, options)
        return summary(detail())

    async def retry_run(self, actor: Actor, run: str, **options: Any) -> dict[str, Any]:
        self._ask("retry_run", run, options)
        return summary(detail("run-bbb222", retry_of=run))

    async def cancel_run(self, actor: Actor, run: str) -> dict[str, Any]:
        self._ask("cancel_run", run)
        return summary({**self._find(run), "state": "stopping"})

    async def approvals(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("approvals")
        return self.listed.get("approvals", [])

    async def answer_approval(self, actor: Actor, run: str, answer: Answer) -> dict[str, Any]:
        self._ask("answer_approval", run, answer)
        return summary(self._find(run))

    async def inject_event(self, actor: Actor, run: str, name: str, data: Any, key: str | None) -> dict[str, Any]:
        self._ask("inject_event", run, name, data, key)
        self._find(run)
        return event(1, name, data=data)

    async def send_event(self, actor: Actor, name: str, data: Any, **asked: Any) -> list[dict[str, Any]]:
        self._ask("send_event", name, data, asked)
        return self.listed.get("told", [])

    async def runs(self, actor: Actor, wanted: dict[str, Any], **asked: Any) -> dict[str, Any]:
        self._ask("runs", wanted, asked)
        return {"items": [summary(one) for one in reversed(self.details.values())], "next": None}

    async def run(self, actor: Actor, run: str) -> dict[str, Any]:
        self._ask("run", run)
        return self._find(run)

    async def run_events(self, actor: Actor, run: str) -> list[dict[str, Any]]:
        self._ask("run_events", run)
        return self.listed.get("events", [])

    async def journal(self, actor: Actor, run: str, **part: Any) -> list[dict[str, Any]]:
        self._ask("journal", run, part)
        return [{"seq": 1, "at": 99.0, "kind": "RunRequested", "body": {}}]

    async def run_graph(self, actor: Actor, run: str) -> dict[str, Any]:
        self._ask("run_graph", run)
        return self.pictures["graph"]

    async def run_timeline(self, actor: Actor, run: str) -> dict[str, Any]:
        self._ask("run_timeline", run)
        return self.pictures["timeline"]

    async def chain_inputs(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        self._ask("chain_inputs", chain, ref)
        return {"type": "object"}

    async def explain(self, actor: Actor, run: str, agent: str) -> dict[str, Any]:
        self._ask("explain", run, agent)
        return {"agent": agent, "state": "queued", "outcome": None, "lines": ["It waits for draft.ready."]}

    async def log(self, actor: Actor, run: str, asked: LogQuery) -> Log:
        self._ask("log", run, asked.agent, asked.model_dump(exclude={"agent"}))
        return Log(attempt_id="att-1", chunks=self._chunks(follow=asked.follow))

    async def recording(self, actor: Actor, run: str, asked: AttemptQuery) -> Log:
        self._ask("recording", run, asked.model_dump())
        return Log(attempt_id="att-1", chunks=self._chunks(follow=False))

    async def signal_session(self, actor: Actor, session: str, name: str) -> dict[str, Any]:
        self._ask("signal_session", session, name)
        return {"session": session, "signal": name}

    async def log_lines(self, actor: Actor, run: str, asked: LogLinesQuery) -> dict[str, Any]:
        self._ask("log_lines", run, asked.model_dump())
        line = {"number": 1, "at": 2.0, "text": "hello"}
        return {"attempt_id": "att-1", "lines": [line], "total": 1, "size": 6, "is_growing": False}

    async def log_matches(self, actor: Actor, run: str, asked: LogMatchesQuery) -> dict[str, Any]:
        self._ask("log_matches", run, asked.model_dump())
        return {"attempt_id": "att-1", "numbers": [1], "is_whole": True}

    async def overview(self, actor: Actor) -> dict[str, Any]:
        self._ask("overview")
        return {"runs": {"running": 1}, "waiting": 0, "ended": {"failed": 2}, "next": []}

    async def inbox(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("inbox")
        return self.listed.get("inbox", [])

    async def all_events(self, actor: Actor, **asked: Any) -> dict[str, Any]:
        self._ask("all_events", asked)
        return {"items": self.listed.get("all_events", []), "next": None}

    async def calendar(self, actor: Actor, *, since: float, until: float) -> dict[str, Any]:
        self._ask("calendar", since, until)
        return {"items": [{"schedule": "5eed", "chain": "brief", "at": 5.0}], "is_whole": True}

    async def settings(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("settings")
        return [{"name": "log.level", "value": "info", "origin": "default"}]

    async def chain_source(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        self._ask("chain_source", chain, ref)
        return {"chain": chain, "path": f"workflows/{chain}.yaml", "commit": "c" * 40, "text": "agents: {}\n"}

    async def chain_statistics(self, actor: Actor, chain: str, *, last: int) -> dict[str, Any]:
        self._ask("chain_statistics", chain, last)
        return chain_statistics(chain, [], [])

    async def chain_versions(self, actor: Actor, chain: str, *, limit: int) -> list[dict[str, Any]]:
        self._ask("chain_versions", chain, limit)
        return [{"commit": "c" * 40, "at": 5.0, "author": "Ada", "message": "Change", "in_force": True}]

    async def _chunks(self, *, follow: bool) -> AsyncIterator[bytes]:
        try:
            for chunk in self.output:
                yield chunk
            if follow and self.held:
                await self.held.wait()
        finally:
            self.sources_closed += 1

    async def changes(self, actor: Actor, run: str, *, after: int) -> AsyncIterator[Change]:
        self._ask("changes", run, after)
        try:
            while True:
                for one in await self._newer(after):
                    yield one
                    after = one.seq
                if self.details[run]["state"] == "finished":
                    return
        finally:
            self.sources_closed += 1

    async def feed(self, actor: Actor, *, after: int | None) -> AsyncIterator[list[Step]]:
        self._ask("feed", after)
        if after is not None and after < self.kept_from:
            raise FeedLost
        begins = len(self.journaled) if after is None else after
        try:
            yield [Step(seq=begins, changes=())]
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.silence_s), self.grown:
                        await self.grown.wait_for(lambda: len(self.journaled) > begins)  # noqa: B023 - it is asked in this turn of the loop only
                newer = [Step(seq=seq, changes=(one,)) for seq, one in enumerate(self.journaled, 1) if seq > begins]
                begins += len(newer)
                yield newer
        finally:
            self.sources_closed += 1

    async def _newer(self, after: int) -> list[Change]:
        def newer() -> list[Change]:
            return [one for one in self.journaled if one.seq > after]

        async with self.grown:
            return await self.grown.wait_for(newer)

    async def sessions(self, actor: Actor, *, everything: bool) -> dict[str, Any]:
        self._ask("sessions", everything)
        return {"items": self.listed.get("sessions", []), "silent": self.listed.get("silent", [])}

    async def terminal(self, actor: Actor, session: str, *, offset: int, take_over: bool, **how: Any) -> ScriptedLink:
        self.opened_by.append(actor.name)
        self._ask("terminal", session, offset, take_over)
        self.opened = how
        self.link = self.link or ScriptedLink()
        return self.link

    async def schedules(self, actor: Actor, *, chain: str | None) -> list[dict[str, Any]]:
        self._ask("schedules", chain)
        return self.listed.get("schedules", [])

    async def schedule_fires(self, actor: Actor, schedule: str, *, limit: int, cursor: float | None) -> dict[str, Any]:
        self._ask("schedule_fires", schedule, limit, cursor)
        return {"items": self.listed.get("fires", []), "next": None}

    async def pause_schedules(self, actor: Actor, chain: str, *, until: float | None) -> list[dict[str, Any]]:
        self._ask("pause_schedules", chain, until)
        return self.listed.get("schedules", [])

    async def resume_schedules(self, actor: Actor, chain: str) -> list[dict[str, Any]]:
        self._ask("resume_schedules", chain)
        return self.listed.get("schedules", [])

    async def run_schedule(self, actor: Actor, chain: str, *, schedule: str, **_: Any) -> dict[str, Any]:
        self._ask("run_schedule", chain, schedule)
        return summary(detail())

    async def hosts(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("hosts")
        return [{name: one[name] for name in HostView.model_fields} for one in self.listed["hosts"]]

    async def host(self, actor: Actor, name: str) -> dict[str, Any]:
        self._ask("host", name)
        return self.listed["hosts"][0]

    async def add_host(self, actor: Actor, name: str, settings: HostSettings, *, replace: bool) -> dict[str, Any]:
        self._ask("add_host", name, settings, replace)
        return self.listed["hosts"][0]

    async def trust_host(self, actor: Actor, name: str, host_key: str, *, replace: bool) -> dict[str, Any]:
        self._ask("trust_host", name, host_key, replace)
        return self.listed["hosts"][0]

    async def shown_host_key(self, actor: Actor, name: str) -> dict[str, Any]:
        self._ask("shown_host_key", name)
        return self.listed["keys"][0]

    async def test_host(self, actor: Actor, name: str) -> AsyncIterator[dict[str, Any]]:
        self._ask("test_host", name)

        async def each() -> AsyncIterator[dict[str, Any]]:
            for one in self.listed["checks"]:
                yield one

        return each()

    async def drain_host(self, actor: Actor, name: str, reason: str) -> dict[str, Any]:
        self._ask("drain_host", name, reason)
        return self.listed["hosts"][0]

    async def resume_host(self, actor: Actor, name: str) -> dict[str, Any]:
        self._ask("resume_host", name)
        return self.listed["hosts"][0]

    async def clear_host(self, actor: Actor, name: str, *, dry: bool) -> dict[str, Any]:
        self._ask("clear_host", name, dry)
        return {"dry": dry, "items": [{"kind": "run", "name": "r1", "age_s": 90.0, "bytes": 3 << 20}]}

    async def remove_host(self, actor: Actor, name: str, *, force: bool) -> dict[str, Any]:
        self._ask("remove_host", name, force)
        return self.listed["hosts"][0]

    async def chains(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("chains")
        return self.listed.get("chains", [])

    async def chain(self, actor: Actor, chain: str, *, ref: str | None) -> dict[str, Any]:
        self._ask("chain", chain, ref)
        return {"id": chain, "inputs": [{"name": "count", "type": "integer"}], "agents": {}}

    async def deployments(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("deployments")
        return self.listed.get("deployments", [])

    async def reconcile(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("reconcile")
        return self.listed.get("deployments", [])

    async def repositories(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("repositories")
        return self.listed.get("repositories", [])

    async def host_repository(self, actor: Actor, name: str) -> dict[str, Any]:
        self._ask("host_repository", name)
        return {"name": name, "kind": "hosted", "path": f"/h/{name}.git", "url": "", "environments": ["main"]}

    async def judge_push(self, actor: Actor, repository: str, pushed: dict[str, Any]) -> dict[str, Any]:
        self._ask("judge_push", repository, pushed)
        return {"accepted": True, "lines": ["main: 1 chain"]}

    async def reconcile_repository(self, actor: Actor, repository: str) -> dict[str, Any]:
        self._ask("reconcile_repository", repository)
        return {"lines": ["in force"]}

    def require_ready(self) -> None:
        self._ask("require_ready")

    async def status(self, actor: Actor) -> dict[str, Any]:
        self._ask("status")
        told = {"version": "0.1.0", "pid": 0, "home": "/h", "epoch": 1, "started_at": 1.0, "listen": None}
        return {**told, "runs": {"running": 1}, "sessions": 1}

    def measures(self, actor: Actor) -> list[Measure | Distribution]:
        self._ask("measures")
        return [
            Measure("runs_open", "gauge", "Runs that have not ended", {("running",): 2.0}, ("state",)),
            Distribution("store_commit_seconds", "Time of a commit", {0.5: 1, float("inf"): 2}, 0.75),
        ]

    async def doctor(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("doctor")
        return [{"check": "store", "ok": True, "detail": "the journal verifies", "hint": ""}]

    async def secrets(self, actor: Actor) -> list[dict[str, Any]]:
        self._ask("secrets")
        return self.listed.get("secrets", [])

    async def shut_down(self, actor: Actor) -> None:
        self._ask("shut_down")
        self.shut.set()
