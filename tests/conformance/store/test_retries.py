"""Runs that retry another: the links between them, and what they keep."""

from dataclasses import replace

from chainwright.daemon.core.adoptions import EventAdopted, TurnAdopted
from chainwright.daemon.core.states import Outcome


async def test_a_retry_is_found_from_the_run_that_it_retries(store, requested):
    first, again = requested(1), replace(requested(2), retry_of=requested(1).run_id)
    for request in (first, again):
        await store.create_run(request, [(request.at, request)])

    assert (await store.run(first.run_id))["retries"] == [again.run_id]
    assert (await store.run(again.run_id))["retry_of"] == first.run_id


async def test_a_kept_turn_is_over_and_says_where_it_was_done(store, requested):
    request = requested(1)
    turn = TurnAdopted(
        at=9.0, agent="edit", turn=1, run_id="run-0", outcome=Outcome.SUCCEEDED, consumed=(1,), outputs={"n": 1}
    )
    event = EventAdopted(at=4.0, name="draft", data=7, agent="write", turn=1, consumers=("edit", "audit"))
    await store.create_run(request, [(9.0, entry) for entry in (request, event, turn)])

    (seen,) = (await store.run(request.run_id))["agents"]["edit"]["turns"]
    (emitted,) = await store.events(request.run_id)
    assert (seen["adopted_from"], seen["outcome"], seen["outputs"], seen["events"], seen["attempts"]) == (
        "run-0",
        "succeeded",
        {"n": 1},
        [1],
        [],
    )
    assert (emitted["fate"], emitted["agent"], emitted["at"], emitted["data"]) == ("adopted", "write", 4.0, 7)
    assert [one["state"] for one in emitted["deliveries"]] == ["queued", "consumed"]
