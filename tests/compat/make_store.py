"""Makes the database that ``test_store.py`` opens for ever after. Run it once for each migration that is released:

    PYTHONPATH=src python tests/compat/make_store.py

It writes ``stores/<number of the last migration>.db.gz`` and, beside it, what this version answers about it. It never replaces
files that exist: what a released version wrote is not to be made again by a later one.
"""

import asyncio
import dataclasses
import gzip
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chainwright.daemon.core.adoptions import EventAdopted, TurnAdopted, ValuesAdopted
from chainwright.daemon.core.decisions import (
    AgentExhausted,
    AgentSkipped,
    AttemptDue,
    AttemptFinished,
    AttemptScheduled,
    AttemptStopping,
    AutomaticEventRaised,
    CheckStarted,
    Decision,
    DeliveriesDropped,
    EventDiscarded,
    EventRefused,
    EventRouted,
    Leg,
    LegFinished,
    Resolved,
    ResolvedStep,
    RunFinished,
    RunStarted,
    RunStopping,
    StepFinished,
    StepOrdered,
    StepsFinished,
    TimerCleared,
    TimerSet,
    TurnFinished,
    TurnQueued,
    TurnStarted,
    TurnStopping,
)
from chainwright.daemon.core.due import Pause
from chainwright.daemon.core.facts import (
    CancelRequested,
    CheckFinished,
    EventEmitted,
    EventFileRefused,
    EventInjected,
    Fact,
    InternalErrorOccurred,
    RunRequested,
    SessionDelayed,
    SessionExited,
    SessionLost,
    SessionRefused,
    SessionStarted,
    StepExited,
    StepStarted,
    TimerFired,
    Trigger,
)
from chainwright.daemon.core.graph import CHAIN_JSON, Agent, Chain
from chainwright.daemon.core.hosts import HostEntry, HostStep
from chainwright.daemon.core.journal import ENTRY_JSON
from chainwright.daemon.core.states import Outcome, Reason, Result
from chainwright.daemon.store.migrate import migrations
from chainwright.daemon.store.port import Append, Deployment, Fate, HookDelivery, Once, RefusedDeployment, Store
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.schemas.hosts import HostSettings

STORES = Path(__file__).parent / "stores"

CHAIN = Chain(id="brief", name="Brief", agents={name: Agent(id=name) for name in ("write", "edit", "audit")})
DIGEST = "d1"

FINISHED, LIVE, RETRY, DELIVERED = "01-finished", "02-live", "03-retry", "04-delivered"

START: list[Fact | Decision] = [
    RunStarted(),
    TimerSet(timer="duration", due=86_400.0),
    TurnQueued(agent="write", turn=1),
    TurnStarted(agent="write", turn=1, resolved=Resolved(script="make draft", env={"LANG": "C"}, with_={"topic": "ä"})),
    AttemptScheduled(attempt_id="at-1", agent="write", turn=1, attempt=1),
]

FAILURE: list[Fact | Decision] = [
    SessionDelayed(at=3.0, attempt_id="at-1", reason="no-pty", detail="none left"),
    SessionStarted(at=4.0, attempt_id="at-1", host="local", pid=4711),
    EventFileRefused(at=5.0, attempt_id="at-1", file="oops.json", why="no JSON", offset=40),
    EventEmitted(at=6.0, attempt_id="at-1", key="k1", name="draft.ready", data={"file": "draft.md"}, offset=80),
    SessionExited(at=7.0, attempt_id="at-1", code=3, signal=None, ended_by="exit", size=512, tail="no luck"),
    EventDiscarded(number=2, why="attempt-failed"),
    AttemptFinished(attempt_id="at-1", outcome=Outcome.FAILED, reason=Reason.EXIT, detail="code 3"),
    AttemptScheduled(attempt_id="at-2", agent="write", turn=1, attempt=2, due=12.0, feedback="code 3"),
    TimerFired(at=12.0, timer="retry"),
    AttemptDue(attempt_id="at-2"),
]

SUCCESS: list[Fact | Decision] = [
    SessionStarted(at=13.0, attempt_id="at-2", host="local", pid=4712),
    EventEmitted(at=14.0, attempt_id="at-2", key="k1", name="draft.ready", data={"file": "draft.md"}, offset=40),
    EventEmitted(at=14.5, attempt_id="at-2", key="k2", name="undeclared", offset=80),
    EventRefused(number=4, why="not declared"),
    EventInjected(at=15.0, actor="ann", key="i1", name="hint", data=["a", 1]),
    EventRouted(number=5, consumers=("edit",)),
    SessionExited(at=16.0, attempt_id="at-2", code=0, signal=None, ended_by="exit", size=2048, outputs={"n": "1"}),
    CheckStarted(attempt_id="at-2", index=0),
    CheckFinished(at=17.0, attempt_id="at-2", index=0, code=0, ended_by="exit"),
    EventRouted(number=3, consumers=("edit", "audit")),
    AttemptFinished(attempt_id="at-2", outcome=Outcome.SUCCEEDED, outputs={"n": 1}),
    TurnFinished(agent="write", turn=1, outcome=Outcome.SUCCEEDED, outputs={"n": 1}),
    AutomaticEventRaised(agent="write", turn=1, name="write.succeeded", consumers=("audit",)),
    TurnQueued(agent="edit", turn=1, consumed=(3,)),
    DeliveriesDropped(agent="edit", numbers=(5,), why="surplus"),
    AgentExhausted(agent="audit", consumed=(3,)),
    TurnFinished(agent="edit", turn=1, outcome=Outcome.SKIPPED, reason=Reason.IF_FALSE, detail="inputs.edit"),
    AgentSkipped(agent="audit", reason=Reason.NEVER_FED),
    TimerCleared(timer="duration"),
    RunFinished(outcome=Outcome.SUCCEEDED, outputs={"report": "r.md"}),
]

MATRIX: list[Fact | Decision] = [
    TurnQueued(agent="audit", turn=1),
    TurnStarted(
        agent="audit",
        turn=1,
        resolved=Resolved(
            legs=tuple(
                Leg(leg=leg, name=f"audit ({leg})", matrix={"n": leg}, resolved=Resolved(script="audit"))
                for leg in ("1", "2", "3")
            )
        ),
    ),
    AttemptScheduled(attempt_id="at-5", agent="audit", turn=1, attempt=1, leg="1"),
    AttemptScheduled(attempt_id="at-6", agent="audit", turn=1, attempt=1, leg="2"),
    AttemptFinished(attempt_id="at-5", outcome=Outcome.FAILED, reason=Reason.EXIT, detail="code 3"),
    LegFinished(agent="audit", turn=1, leg="1", outcome=Outcome.FAILED, reason=Reason.EXIT, detail="code 3"),
    TurnStopping(agent="audit", turn=1, reason=Reason.FAIL_FAST, detail="leg audit (1) failed"),
    LegFinished(agent="audit", turn=1, leg="3", outcome=Outcome.CANCELLED, reason=Reason.FAIL_FAST),
    AttemptStopping(attempt_id="at-6", reason=Reason.FAIL_FAST),
]

STEPPED: list[Fact | Decision] = [
    StepOrdered(attempt_id="at-3", step=1, resolved=ResolvedStep(script="make", env={"X": "1"}, path=("/bin",))),
    StepStarted(at=4.1, attempt_id="at-3", step=1),
    StepExited(at=4.2, attempt_id="at-3", step=1, code=2, signal=None, ended_by="exit", outputs={"x": "1"}),
    StepFinished(attempt_id="at-3", step=1, outcome=Result.FAILURE, conclusion=Result.SUCCESS, detail="exit code 2"),
    StepsFinished(attempt_id="at-3", code=0),
]

STILL_RUNNING: list[Fact | Decision] = [
    SessionStarted(at=4.0, attempt_id="at-3", host="local", pid=4713),
    CancelRequested(at=5.0, actor="ann"),
    RunStopping(outcome=Outcome.CANCELLED, reason=Reason.CANCELLED, detail="by ann"),
    AttemptStopping(attempt_id="at-3", reason=Reason.CANCELLED),
    SessionLost(at=6.0, attempt_id="at-4", group_gone=True, detail="rebooted"),
    SessionRefused(at=7.0, attempt_id="at-4", detail="no interpreter"),
    InternalErrorOccurred(at=8.0, detail="ours"),
]


ADOPTED: list[Fact | Decision] = [
    EventAdopted(at=14.0, name="draft.ready", data=["a", 1], agent="write", turn=1, emitter="at-2", key="k1"),
    EventAdopted(at=15.0, name="hint", key="i1", consumers=("edit",)),
    TurnAdopted(at=20.0, agent="edit", turn=1, run_id=FINISHED, outcome=Outcome.SUCCEEDED, consumed=(2,)),
    ValuesAdopted(at=20.0, agent="write", resolved=Resolved(script="make draft")),
]


def timed(entries: list[Fact | Decision]) -> list[tuple[float, Fact | Decision]]:
    return [(getattr(entry, "at", 10.0), entry) for entry in entries]


def request(run_id: str, number: int) -> RunRequested:
    return RunRequested(
        at=1.0,
        run_id=run_id,
        number=number,
        organization="default",
        repository="notes",
        environment="main",
        chain="brief",
        commit="c0ffee",
        definition=DIGEST,
        trigger=Trigger(kind="manual", actor="ann", key="k"),
        inputs={"topic": "ä", "edit": False},
    )


async def live(store: Store) -> None:
    """One run that has finished, one that has not, and everything that stands outside of runs."""
    await store.keep_definition(DIGEST, CHAIN_JSON.dump_json(CHAIN))
    where = {"repository": "notes", "environment": "main"}
    chains = {"brief": DIGEST}
    await store.record_deployment(Deployment(**where, commit="c0ffee", deployed_at=1.0, chains=chains, hash="h"))
    await store.record_refusal(
        RefusedDeployment(**where, commit="bad", refused_at=2.0, diagnostics=("x.yaml:1:1: no",))
    )
    for run_id, once in ((FINISHED, Once(scope="api", key="k-1")), (LIVE, Once.of_fire("nightly", 3600.0))):
        asked = request(run_id, await store.next_number("default", "notes", "brief"))
        await store.create_run(asked, timed([asked]), once)
    await store.record_missed("nightly", {7200.0: "overlap"})
    await store.pause_schedules("brief", Pause(actor="ann", at=60.0, until=120.0))
    gpu1 = HostSettings(address="10.0.0.7", labels=["gpu"], jump="gate", environment={"A": "1"})
    for step, told in (("added", {"settings": gpu1}), ("drained", {"reason": "new disk"})):
        await store.record_host("default", HostEntry(at=9.0, actor="ann", host="gpu1", step=HostStep(step), **told))
    for entries in (START, FAILURE, SUCCESS):
        await store.append(Append(run_id=FINISHED, epoch=store.epoch, entries=timed(entries), offsets={"at-1": 80}))
    begun = [*START[:-1], AttemptScheduled(attempt_id="at-3", agent="write", turn=1, attempt=1)]
    for entries in (begun, STEPPED, MATRIX, STILL_RUNNING):
        await store.append(Append(run_id=LIVE, epoch=store.epoch, entries=timed(entries), offsets={"at-3": 7}))
    again = dataclasses.replace(request(RETRY, await store.next_number("default", "notes", "brief")), retry_of=FINISHED)
    await store.create_run(again, timed([again, *ADOPTED, RunStarted()]))
    asked = request(DELIVERED, await store.next_number("default", "notes", "brief"))
    await store.create_run(asked, timed([asked]), None, delivery("d-1", "accepted", run_id=DELIVERED, keys=("id:1",)))
    await store.record_delivery(delivery("d-2", "unfit", reason="no", keys=("id:2",)))
    for number in ("d-3", "d-4"):
        await store.record_delivery(delivery(number, "refused", reason="no signature", folded="refused", body=None))
    for data in (b"yes\n", b"no\xff\n"):
        await store.keep_input("at-3", data)
    await store.acknowledge_input("at-3", 1)


def delivery(name: str, fate: Fate, **more: Any) -> HookDelivery:
    """One to the webhook that this store knows."""
    about = {"organization": "default", "environment": "main", "hook": "forge", "chain": "brief", "received_at": 5.0}
    sent = {"headers": {"x-github-event": "push"}, "body": b"{}\xff"}
    return HookDelivery(id=name, fate=fate, **(about | sent | more))


async def answers(store: Store) -> dict[str, Any]:
    """What a store says about such a database, as JSON values. It is asked once: some questions leave a trace."""
    runs = sorted(row["id"] for row in (await store.runs("default")).rows)
    journals = [await store.journal(run_id) for run_id in runs]
    said = {
        "runs": (await store.runs("default")).rows,
        "details": [await store.run(run_id) for run_id in runs],
        "events": [await store.events(run_id) for run_id in runs],
        "entries": [[json.loads(ENTRY_JSON.dump_json(row.entry())) for row in journal] for journal in journals],
        "broken": [await store.verify(run_id) for run_id in runs],
        "open": [(run.run_id, len(run.rows), run.offsets) for run in await store.open_runs()],
        "deployment": fields(await store.deployment("notes", "main")),
        "refusal": fields(await store.refusal("notes", "main")),
        "fires": [fields(fire) for fire in await store.fires("nightly")],
        "pauses": {chain: fields(pause) for chain, pause in (await store.pauses()).items()},
        "hosts": [
            fields(entry) | {"settings": entry.settings and entry.settings.model_dump(mode="json")}
            for entry in await store.host_entries("default")
        ],
        "input": [(kept.seq, kept.data.hex()) for kept in await store.pending_input("at-3", 0)],
        "number": await store.next_number("default", "notes", "brief"),
        "definition": list(CHAIN_JSON.validate_json(await store.definition(DIGEST) or b"").agents),
        "deliveries": await store.deliveries("default", hook=None, fate=None, limit=50, before=None),
        "delivered": [(headers, body.hex()) for headers, body in [await store.delivered("d-2") or ({}, b"")]],
        "known": [
            fields(found)
            for key in ("id:1", "id:2")
            if (found := await store.known_delivery("default/main/forge", (key,), 5.0))
        ],
        "once": await store.create_run(
            request("09-new", 9), timed([request("09-new", 9)]), Once(scope="api", key="k-1")
        ),
    }
    return dict(json.loads(json.dumps(said)))


def fields(value: Any) -> dict[str, Any]:
    return dataclasses.asdict(value)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Store]:
    store = SqliteStore(path, clock=lambda: 0.0)
    await store.open()
    yield store
    await store.close()


async def filled(path: Path) -> None:
    async with opened(path) as store:
        await live(store)


async def asked(path: Path) -> dict[str, Any]:
    async with opened(path) as store:
        return await answers(store)


def main() -> None:
    """Write the files of this version, unless they exist."""
    name = f"{migrations()[-1].number:04}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        asyncio.run(filled(path))
        database = path.read_bytes()
        said = asyncio.run(asked(path))
    STORES.mkdir(exist_ok=True)
    with (STORES / f"{name}.db.gz").open("xb") as file:
        file.write(gzip.compress(database, mtime=0))
    with (STORES / f"{name}.json").open("x") as file:
        file.write(json.dumps(said, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
