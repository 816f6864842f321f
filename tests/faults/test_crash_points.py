"""The daemon dies once at every labelled place; the next one makes up for it."""

import asyncio
import sqlite3
import subprocess
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import Any

import aiohttp
import pytest

from chainwright.daemon.crash_points import EXIT_CODE, LABELS

QUICK = {"lines": 2, "pause": 0.0, "typed": 2}


async def finish_a_run(faults: Any) -> None:
    """A whole run, its daemon restarted once it has died."""
    reviving = asyncio.create_task(revive(faults), name="revive")
    detail = await faults.load.run("only", **QUICK)
    await reviving

    assert detail["outcome"] == "succeeded"


async def revive(faults: Any) -> None:
    """The death at the label, and the next daemon."""
    assert await faults.daemon.ended() == EXIT_CODE, faults.daemon.said()
    await faults.daemon.up()


async def while_a_run_goes_on(faults: Any, label: str) -> None:
    """Armed from the start; a run leads there."""
    await faults.daemon.up(crash_at=label)
    await finish_a_run(faults)


async def while_deploying(faults: Any, label: str) -> None:
    """The first deployment leads there, before anybody could ask for anything."""
    faults.daemon.spawn(crash_at=label)
    await revive(faults)
    detail = await faults.load.run("only", **QUICK)

    assert detail["outcome"] == "succeeded"


async def while_fetching(faults: Any, label: str) -> None:
    """A chain uses an agent of a repository; the next daemon has it, fetched anew or not."""
    agent = faults.commit_of({"elsewhere.yaml": "run: echo fetched"})
    uses = f"git+file://{faults.repository}//elsewhere@{agent}"
    asked = (faults.repository / "workflows/asked.yaml").read_text().partition("agents:")[0]
    faults.commit_of({"workflows/reaching.yaml": f"{asked}agents: {{go: {{uses: '{uses}'}}}}\n"})
    faults.daemon.spawn(crash_at=label)
    await revive(faults)
    detail = await faults.daemon.until(await faults.load.start("only", chain="reaching"))

    assert detail["outcome"] == "succeeded"


async def while_recovering(faults: Any, label: str) -> None:
    """A run is open when a daemon starts that will die over it."""
    await faults.daemon.up()
    working = asyncio.create_task(faults.load.run("only", **QUICK), name="run")
    await faults.until(lambda: list(faults.books.iterdir()))
    faults.daemon.kill()
    faults.daemon.spawn(crash_at=label)
    await revive(faults)

    assert (await working)["outcome"] == "succeeded"


async def while_cancelling(faults: Any, label: str) -> None:
    """Somebody ends a run; asked again after the death, it ends as cancelled."""
    await faults.daemon.up(crash_at=label)
    run = await faults.load.start("only", chain="patient")
    await faults.until(lambda: any('"ready' in book.read_text() for book in faults.books.iterdir()))
    reviving = asyncio.create_task(revive(faults), name="revive")
    status, _ = await faults.daemon.insist("POST", f"/runs/{run}/cancel")
    await reviving
    detail = await faults.daemon.until(run)

    assert (status, detail["outcome"]) in [(200, "cancelled"), (409, "cancelled")]


async def while_approving(faults: Any, label: str) -> None:
    """Somebody agrees; asked again after the death, the agent has started once."""
    await faults.daemon.up(crash_at=label)
    run = await faults.load.start("only", chain="asked")
    await faults.daemon.until(run, "waiting")
    reviving = asyncio.create_task(revive(faults), name="revive")
    status, _ = await faults.daemon.insist("POST", f"/runs/{run}/approve", {})
    await reviving
    detail = await faults.daemon.until(run)

    assert (status, detail["outcome"]) in [(200, "succeeded"), (409, "succeeded")]


async def while_a_chain_is_called(faults: Any, label: str) -> None:
    """Semantics 27: whatever dies between asking for a child and its end, there is exactly one."""
    await faults.daemon.up(crash_at=label)
    reviving = asyncio.create_task(revive(faults), name="revive")  # it may die before it has said which run it began
    detail = await faults.daemon.until(await faults.load.start("only", chain="caller"))
    await reviving

    (attempt,) = detail["agents"]["part"]["turns"][0]["attempts"]
    child = await faults.daemon.run(attempt["child"])
    assert (detail["outcome"], child["outcome"], child["number"]) == ("succeeded", "succeeded", 1)


async def while_stepping(faults: Any, label: str) -> None:
    """Each step runs once, whatever the daemon knew of it when it died."""
    await faults.daemon.up(crash_at=label)
    reviving = asyncio.create_task(revive(faults), name="revive")
    detail = await faults.daemon.until(await faults.load.start("only", chain="stepped"))
    await reviving

    assert detail["agents"]["work"]["turns"][-1]["outputs"] == {"last": "three"}
    assert (faults.root / "steps").read_text().split() == ["one", "two", "three"]


async def while_announcing(faults: Any, label: str) -> None:
    """Sent again under its key after the death, the event has started one run."""
    await faults.daemon.up(crash_at=label)
    reviving = asyncio.create_task(revive(faults), name="revive")
    status, answer = await faults.daemon.insist("POST", "/events", {"name": "knock", "key": "once"})
    await reviving
    (told,) = answer["items"]
    detail = await faults.daemon.until(told["run_id"])

    assert (status, told["fate"], detail["outcome"]) == (202, "started", "succeeded")
    _, listed = await faults.daemon.insist("GET", "/runs?chain=heard")
    assert [run["id"] for run in listed["items"]] == [told["run_id"]]


PUSHED = """
on: {push: {branches: [topic], inputs: {before: '${{ event.source.before }}'}}}
inputs: {before: {type: string}}
agents: {work: {run: 'true'}}
"""


async def while_refs_move(faults: Any, label: str) -> None:
    """A branch has moved twice while no daemon was there: that is one push, and one run through the death."""
    faults.commit_of({"workflows/pushed.yaml": PUSHED})
    faults.git("branch", "topic")
    before = faults.git("rev-parse", "topic").strip()
    await faults.daemon.up()
    faults.daemon.kill()
    for number in range(2):
        faults.commit_of({"number": str(number)})
        faults.git("branch", "--force", "topic", "main")
    faults.daemon.spawn(crash_at=label)
    await revive(faults)
    await faults.until(lambda: begun(faults))
    await faults.daemon.insist("POST", "/deployments/reconcile")
    await faults.until(lambda: not asked(faults, "SELECT id FROM run WHERE state <> 'finished'"))

    assert begun(faults) == [(before,)]


def begun(faults: Any) -> list[tuple[Any, ...]]:
    """Where the branch was before each run that its movement has started."""
    return asked(faults, "SELECT json_extract(inputs, '$.before') FROM run WHERE chain = 'pushed' ORDER BY id")


TICKS = "on: {schedule: [{cron: '* * * * * *'}]}\nagents: {work: {run: sleep 1.2}}\n"
"""Every second is due, and every other one overlaps."""


async def while_a_schedule_fires(faults: Any, label: str) -> None:
    """I8: every due time has one row, a run or a reason, and every such run has its due time."""
    chain = faults.repository / "workflows" / "ticks.yaml"
    chain.write_text(TICKS)
    faults.commit("Every second")
    faults.daemon.spawn(crash_at=label)
    await revive(faults)
    before = len(fires(faults))
    await faults.until(lambda: len(fires(faults)) > before + 2)
    chain.unlink()
    faults.commit("No more")
    await faults.daemon.insist("POST", "/deployments/reconcile")
    await faults.until(lambda: not asked(faults, "SELECT id FROM run WHERE state <> 'finished'"))

    rows = fires(faults)
    assert [due for due, _, _ in rows] == [rows[0][0] + second for second in range(len(rows))]
    assert all(bool(run) != bool(missed) for _, run, missed in rows)
    assert sorted(run for _, run, _ in rows if run) == sorted(run for (run,) in asked(faults, "SELECT id FROM run"))


async def while_a_schedule_is_paused(faults: Any, label: str) -> None:
    """Somebody pauses the schedules of a chain and resumes them; what was not answered is asked again."""
    (faults.repository / "workflows" / "yearly.yaml").write_text(TICKS.replace("* * * * * *", "@yearly"))
    faults.commit("Once a year")
    await faults.daemon.up(crash_at=label)
    reviving = asyncio.create_task(revive(faults), name="revive")
    answers = {}
    for verb in ("pause", "resume"):
        answers[verb], _ = await faults.daemon.insist("POST", f"/schedules/{verb}", {"chain": "yearly"})
        is_paused = asked(faults, "SELECT resumed_by IS NULL FROM schedule_pause ORDER BY id DESC LIMIT 1")
        assert is_paused == [(verb == "pause",)]
    await reviving

    assert answers == {"pause": 200, "resume": 409 if label == "resume.durable" else 200}
    _, told = await faults.daemon.insist("GET", "/schedules?chain=yearly")
    assert [one["paused"] for one in told["items"]] == [None]


REQUESTED = """
on: {pull_request: {types: [opened, closed], inputs: {what: '${{ event.data.type }}', merged: '${{ event.data.merged }}'}}}
inputs: {what: {type: string}, merged: {type: boolean}}
agents: {work: {run: 'true'}}
"""


async def while_a_change_is_merged(faults: Any, label: str) -> None:
    """Somebody pushes a change and merges it; what was not answered is asked again, and there is one change, one merge, and one run of each."""
    faults.commit_of({"workflows/requested.yaml": REQUESTED})
    await faults.daemon.up(crash_at=label)
    _, made = await faults.daemon.insist("POST", "/repositories", {"name": "reviewed"})
    await asyncio.to_thread(faults.git, "push", "--quiet", made["path"], "HEAD:main")
    head = faults.commit_of({"note": "changed"})
    reviving = asyncio.create_task(revive(faults), name="revive")
    await faults.until(lambda: pushed_for_review(faults, made["path"]), 60.0)
    status, _ = await faults.daemon.insist("POST", "/changes/1/merge", {})
    await reviving
    _, told = await faults.daemon.insist("GET", "/changes?state=all")
    _, deployed = await faults.daemon.insist("GET", "/deployments")

    assert [(one["number"], one["state"], one["head"]) for one in told["items"]] == [(1, "merged", head)]
    assert status == 409 if label.startswith("merge") else status == 200
    assert [one["commit"] for one in deployed["items"] if one["repository"] == "reviewed"] == [head]
    await requests_are_told(faults)
    assert requested(faults) == [("opened", False), ("closed", True)]


async def while_a_change_is_closed(faults: Any, label: str) -> None:
    """Chains hear once that a change was given up, also of the daemon after the one that recorded it."""
    faults.commit_of({"workflows/requested.yaml": REQUESTED})
    await faults.daemon.up(crash_at=label)
    _, made = await faults.daemon.insist("POST", "/repositories", {"name": "reviewed"})
    await asyncio.to_thread(faults.git, "push", "--quiet", made["path"], "HEAD:main")
    faults.commit_of({"note": "changed"})
    assert await asyncio.to_thread(pushed_for_review, faults, made["path"])
    reviving = asyncio.create_task(revive(faults), name="revive")
    status, _ = await faults.daemon.insist("POST", "/changes/1/close", {})
    await reviving
    await requests_are_told(faults)

    assert (status, requested(faults)) == (409, [("opened", False), ("closed", False)])


async def requests_are_told(faults: Any) -> None:
    """The coming and the end of a change request have each led to a run, which has ended."""
    await faults.until(lambda: len(requested(faults)) > 1)
    await faults.until(lambda: not asked(faults, "SELECT id FROM run WHERE state <> 'finished'"))


def requested(faults: Any) -> list[tuple[str, bool]]:
    """What each run that a change request has started was told of it: what has become of it, and whether it was merged."""
    found = "SELECT json_extract(inputs, '$.what'), json_extract(inputs, '$.merged') FROM run WHERE chain = 'requested' ORDER BY id"
    return [(what, bool(merged)) for what, merged in asked(faults, found)]


def pushed_for_review(faults: Any, address: str) -> bool:
    """Whether a push to refs/for/main was taken."""
    try:
        faults.git("push", "--quiet", address, "HEAD:refs/for/main")
    except subprocess.CalledProcessError:
        return False
    return True


def fires(faults: Any) -> list[tuple[Any, ...]]:
    """Due, run and reason of every due time, oldest first."""
    return asked(faults, "SELECT due, run_id, missed FROM fire ORDER BY due")


def asked(faults: Any, statement: str) -> list[tuple[Any, ...]]:
    """What the store answers, whether its daemon lives or not."""
    with closing(sqlite3.connect(f"file:{faults.daemon.home.database}?mode=ro", uri=True, timeout=10)) as store:
        return store.execute(statement).fetchall()


async def while_delivering(faults: Any, label: str) -> None:
    """I1: whatever dies on the way of a delivery, sent again it is one run, the same that any repeat is told of."""
    await faults.daemon.up(crash_at=label)
    reviving = asyncio.create_task(revive(faults), name="revive")
    status, answer = await faults.daemon.deliver(1)
    await reviving
    _, again = await faults.daemon.deliver(1)
    detail = await faults.daemon.until(answer["run_id"])
    _, runs = await faults.daemon.insist("GET", "/runs")

    assert (status, again["run_id"], again["fate"]) == (202, answer["run_id"], "duplicate")
    assert (detail["outcome"], detail["inputs"]) == ("succeeded", {"number": 1})
    assert [run["id"] for run in runs["items"]] == [answer["run_id"]]


async def while_rolling_back(faults: Any, label: str) -> None:
    """Somebody puts the commit before in force; asked again after the death, it is."""
    await faults.daemon.up(crash_at=label)
    first = (await faults.daemon.insist("GET", "/deployments"))[1]["items"][0]["commit"]
    (faults.repository / "note").write_text("second")
    second = faults.commit("Second")
    await faults.daemon.insist("POST", "/deployments/reconcile")
    with pytest.raises(aiohttp.ClientError):
        await faults.daemon.ask("POST", "/deployments/rollback", {"to": first})
    await revive(faults)
    assert faults.git("rev-parse", "refs/chains/deployed/main").strip() == second
    status, told = await faults.daemon.insist("POST", "/deployments/rollback", {"to": first})

    assert (status, told["commit"], told["head"]) == (200, first, second)


async def while_pushing(faults: Any, label: str) -> None:
    """A push is all there or not at all; what git has taken is in force after the death, and what it has not can be pushed again."""
    await faults.daemon.up(crash_at=label)
    _, hosted = await faults.daemon.insist("POST", "/repositories", {"name": "pushed"})
    push = ["git", "-C", str(faults.repository), "push", hosted["path"], "HEAD:main"]
    first = await asyncio.create_subprocess_exec(*push)
    code = await asyncio.wait_for(first.wait(), 60)
    await revive(faults)
    if code != 0:
        again = await asyncio.create_subprocess_exec(*push)
        assert await asyncio.wait_for(again.wait(), 60) == 0
    _, deployed = await faults.daemon.insist("GET", "/deployments")
    inside = {one["repository"]: (one["commit"], one["actor"] != "") for one in deployed["items"]}

    assert (code == 0) == (label == "push.before-look")
    assert inside["pushed"] == (faults.commit_now(), True)


Way = Callable[[Any, str], Awaitable[None]]
WAYS: dict[str, Way] = {
    "deploy": while_deploying,
    "remote": while_fetching,
    "recovery": while_recovering,
    "cancel": while_cancelling,
    "approval": while_approving,
    "child": while_a_chain_is_called,
    "announcement": while_announcing,
    "refs": while_refs_move,
    "step": while_stepping,
    "change": while_a_change_is_merged,
    "change.ended": while_a_change_is_closed,
    "request": while_a_change_is_merged,
    "merge": while_a_change_is_merged,
    "fire": while_a_schedule_fires,
    "missed": while_a_schedule_fires,
    "pause": while_a_schedule_is_paused,
    "resume": while_a_schedule_is_paused,
    "delivery": while_delivering,
    "install": while_rolling_back,
    "push": while_pushing,
}


@pytest.mark.parametrize("label", LABELS)
async def test_a_death_at_any_label_is_made_up_for(faults: Any, label: str) -> None:
    """The run ends as if nothing had happened, and every invariant holds."""
    way = WAYS.get(label) or WAYS.get(label.partition(".")[0], while_a_run_goes_on)
    await way(faults, label)


@pytest.mark.parametrize("label", ["create-run.before-commit", "create-run.after-commit", "append.after-commit"])
async def test_a_death_within_a_fire_is_made_up_for(faults: Any, label: str) -> None:
    """The steps of a fire that it shares with other starts."""
    await while_a_schedule_fires(faults, label)
