"""The events of a run: numbered in the order of their coming, each with its fate and what became of it with each consumer."""

import pytest

from chainwright.daemon.core.decisions import (
    AgentExhausted,
    AttemptScheduled,
    AutomaticEventRaised,
    DeliveriesDropped,
    EventDiscarded,
    EventRefused,
    EventRouted,
    TurnQueued,
)
from chainwright.daemon.core.facts import EventEmitted, EventFileRefused, EventInjected
from chainwright.daemon.store.port import Append, StoreError
from chainwright.schemas.api import EventView

START = (
    TurnQueued(agent="write", turn=1),
    AttemptScheduled(attempt_id="at-1", agent="write", turn=1, attempt=1),
    AttemptScheduled(attempt_id="at-2", agent="write", turn=1, attempt=2),
)
EMITTED = EventEmitted(at=1.0, attempt_id="at-1", key="k1", name="draft.ready", data={"file": "d.md", "n": None})
ROUTED = EventRouted(number=1, consumers=("edit", "audit"))


async def seen(store, run_id):
    """The events, after the published schema has accepted them."""
    found = await store.events(run_id)
    for event in found:
        EventView.model_validate(event)
    return found


def fates(events):
    return [(event["number"], event["name"], event["fate"], event["why"]) for event in events]


async def test_a_run_without_events(store, begun):
    assert await seen(store, await begun()) == []
    assert await store.events("run-x") == []


async def test_an_emitted_event_is_staged_with_its_agent_and_data(store, begun):
    (event,) = await seen(store, await begun(*START, EMITTED))

    assert event == {
        "number": 1,
        "name": "draft.ready",
        "agent": "write",
        "attempt_id": "at-1",
        "at": 5.0,
        "data": {"file": "d.md", "n": None},
        "fate": "staged",
        "why": "",
        "deliveries": [],
    }


async def test_every_way_in_takes_the_next_number_across_appends(store, begun, append):
    run_id = await begun(*START, EMITTED)
    await append(run_id, EventFileRefused(at=2.0, attempt_id="at-1", file="x.json", why="no JSON"))
    await append(
        run_id,
        EventInjected(at=3.0, actor="ann", key="k", name="go", data=[1]),
        AutomaticEventRaised(agent="write", turn=1, name="write.succeeded", consumers=("edit",), data={"n": 1}),
    )
    events = await seen(store, run_id)

    assert fates(events) == [
        (1, "draft.ready", "staged", ""),
        (2, "x.json", "refused", "no JSON"),
        (3, "go", "staged", ""),
        (4, "write.succeeded", "automatic", ""),
    ]
    assert [(event["agent"], event["attempt_id"]) for event in events] == [
        ("write", "at-1"),
        ("write", "at-1"),
        (None, None),
        ("write", None),
    ]
    assert [event["data"] for event in events[1:]] == [None, [1], {"n": 1}]


async def test_numbers_go_on_after_a_restart(database, store, begun, requested):
    run_id = await begun(*START, EMITTED)
    reopened = await database.open()
    await reopened.open_runs()
    injected = EventInjected(at=3.0, actor="ann", key="k", name="go")
    await reopened.append(Append(run_id=run_id, epoch=reopened.epoch, entries=[(3.0, injected)]))

    assert [event["number"] for event in await seen(reopened, run_id)] == [1, 2]


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (ROUTED, (1, "draft.ready", "routed", "")),
        (EventRefused(number=1, why="not declared"), (1, "draft.ready", "refused", "not declared")),
        (EventDiscarded(number=1, why="attempt-failed"), (1, "draft.ready", "discarded", "attempt-failed")),
        (EventDiscarded(number=1, why="repeated"), (1, "draft.ready", "discarded", "repeated")),
        (EventDiscarded(number=1, why="run-ending"), (1, "draft.ready", "discarded", "run-ending")),
        (EventDiscarded(number=1, why="late"), (1, "draft.ready", "late", "late")),
    ],
)
async def test_the_fate_of_an_event(store, begun, decision, expected):
    assert fates(await seen(store, await begun(*START, EMITTED, decision))) == [expected]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((), [("audit", "queued", None), ("edit", "queued", None)]),
        (
            (TurnQueued(agent="edit", turn=3, consumed=(1,)),),
            [("audit", "queued", None), ("edit", "consumed", 3)],
        ),
        (
            (AgentExhausted(agent="edit", consumed=(1,)),),
            [("audit", "queued", None), ("edit", "consumed", None)],
        ),
        (
            (
                DeliveriesDropped(agent="edit", numbers=(1,), why="surplus"),
                DeliveriesDropped(agent="audit", numbers=(1,), why="withdrawn"),
            ),
            [("audit", "withdrawn", None), ("edit", "surplus", None)],
        ),
        (
            (DeliveriesDropped(agent="edit", numbers=(1,), why="run-ending"),),
            [("audit", "queued", None), ("edit", "withdrawn", None)],
        ),
    ],
)
async def test_what_becomes_of_a_delivery(store, begun, append, entries, expected):
    run_id = await begun(*START, EMITTED, ROUTED)
    await append(run_id, *entries)
    (event,) = await seen(store, run_id)

    assert [(found["agent"], found["state"], found["turn"]) for found in event["deliveries"]] == expected


async def test_an_automatic_event_is_delivered_too(store, begun):
    raised = AutomaticEventRaised(agent="write", turn=1, name="write.started", consumers=("edit",))
    (event,) = await seen(store, await begun(*START, raised, TurnQueued(agent="edit", turn=1, consumed=(1,))))

    assert event["deliveries"] == [{"agent": "edit", "state": "consumed", "turn": 1}]


async def test_a_turn_lists_the_events_that_it_consumed_in_their_order(store, begun):
    another = EventEmitted(at=1.0, attempt_id="at-1", key="k2", name="other")
    both = (EMITTED, another, ROUTED, EventRouted(number=2, consumers=("edit",)))
    run_id = await begun(*START, *both, TurnQueued(agent="edit", turn=1, consumed=(2, 1)))

    assert (await store.run(run_id))["agents"]["edit"]["turns"][0]["events"] == [2, 1]


async def test_an_event_is_delivered_once_to_each_consumer(store, begun, append):
    run_id = await begun(*START, EMITTED, ROUTED)
    with pytest.raises(StoreError):
        await append(run_id, ROUTED)

    assert len((await seen(store, run_id))[0]["deliveries"]) == 2


async def test_a_key_of_an_attempt_is_routed_once_and_its_repeat_is_recorded(store, begun, append):
    run_id = await begun(*START, EMITTED, ROUTED, EMITTED, EventDiscarded(number=2, why="repeated"))
    with pytest.raises(StoreError):
        await append(run_id, EMITTED, EventRouted(number=3, consumers=()))
    await append(run_id, EventEmitted(at=2.0, attempt_id="at-2", key="k1", name="draft.ready"))
    await append(run_id, EventRouted(number=3, consumers=("edit",)))

    assert [event["fate"] for event in await seen(store, run_id)] == ["routed", "discarded", "routed"]
