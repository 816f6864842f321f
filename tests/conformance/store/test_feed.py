"""What live streams follow: every change once, in the order of the commits, also after a restart."""

import pytest

from chainwright.daemon.core.decisions import RunFinished, RunStarted
from chainwright.daemon.core.due import Pause
from chainwright.daemon.core.states import Outcome
from chainwright.daemon.store.port import Append, Deployment, NotOwner, RefusedDeployment

RUNS = "runs"


def told(fed):
    """Topic, subject, and of a run the kinds of its rows, else the kind."""
    return [(one.topic, one.subject, [row.kind for row in one.rows] or one.kind) for one in fed]


async def test_a_run_is_fed_with_the_rows_of_each_append(store, begun, append):
    run = await begun(RunStarted())
    await append(run, RunFinished(outcome=Outcome.SUCCEEDED))

    assert told(await store.feed(0, 10)) == [
        (RUNS, run, ["RunRequested", "RunStarted"]),
        (RUNS, run, ["RunFinished"]),
    ]


async def test_it_goes_on_after_a_number_and_after_a_restart(database, store, begun, append):
    run = await begun()
    before = await store.feed_head()
    again = await database.open()
    await again.open_runs()
    await again.append(Append(run_id=run, epoch=again.epoch, entries=[(5.0, RunStarted())]))

    (one,) = await again.feed(before, 10)
    assert (one.seq, [row.kind for row in one.rows]) == (before + 1, ["RunStarted"])


async def test_what_is_no_run_is_fed_too(store):
    where = {"repository": "notes", "environment": "main", "commit": "c"}
    await store.record_deployment(Deployment(**where, deployed_at=1.0, chains={}, hash="h"))
    await store.record_refusal(RefusedDeployment(**where, refused_at=2.0, diagnostics=()))
    await store.pause_schedules("brief", Pause(actor="ann", at=3.0, until=None))
    await store.resume_schedules("brief", "bob", 4.0)
    await store.record_missed("5eed", {5.0: "the daemon was away"})
    await store.note("hosts", "attic", "HostLost", 6.0)

    fed = await store.feed(0, 10)
    assert told(fed) == [
        ("deployments", "notes/main", "Deployed"),
        ("deployments", "notes/main", "DeploymentRefused"),
        ("schedules", "brief", "SchedulesPaused"),
        ("schedules", "brief", "SchedulesResumed"),
        ("schedules", "5eed", "ScheduleMissed"),
        ("hosts", "attic", "HostLost"),
    ]
    assert [one.at for one in fed] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert [one.seq for one in fed] == list(range(1, 7))


async def test_it_is_read_in_parts(store):
    for number in range(5):
        await store.note("hosts", str(number), "HostSeen", 0.0)

    assert [one.subject for one in await store.feed(1, 2)] == ["1", "2"]


async def test_who_has_missed_what_is_kept_no_longer_is_told(store):
    """The newest hundred thousand and some are kept."""
    for number in range(3):
        await store.note("hosts", str(number), "HostSeen", 0.0)
    await store._change("DELETE FROM feed WHERE seq < 3")

    assert await store.feed(1, 10) is None
    assert [one.subject for one in await store.feed(2, 10)] == ["2"]


async def test_the_oldest_are_forgotten(store):
    await store._change("INSERT INTO feed (seq, topic, subject) VALUES (1, 'hosts', 'a'), (149999, 'hosts', 'b')")
    await store.note("hosts", "c", "HostSeen", 0.0)

    assert await store.feed(0, 10) is None
    assert [one.subject for one in await store.feed(149_998, 10)] == ["b", "c"]


async def test_a_write_that_was_taken_back_is_not_fed(store, begun):
    run = await begun()
    head = await store.feed_head()
    with pytest.raises(NotOwner):
        await store.append(Append(run_id=run, epoch=store.epoch + 1, entries=[(5.0, RunStarted())]))

    assert await store.feed_head() == head


async def test_who_watches_hears_of_each_commit(store):
    heard = []
    store.watch(lambda: heard.append(1))

    await store.note("hosts", "a", "HostSeen", 0.0)

    assert heard == [1]
