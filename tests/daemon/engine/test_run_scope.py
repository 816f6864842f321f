"""The owner of an open run: durable before performed, never undecided, and nobody's business but its own."""

import asyncio
from dataclasses import replace

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.facts import SecretReference
from chainwright.daemon.core.graph import Check, Retry
from chainwright.daemon.core.refusals import Refusal
from chainwright.daemon.engine import run_scope as module
from chainwright.daemon.secrets.port import Secret
from chainwright.daemon.store.port import NotOwner, StoreBusy, StoreError, StoreFull
from chainwright.daemon.testing import agent_of, chain_of
from chainwright.daemon.testing.scripted_runner import within
from chainwright.runners.port import HostUnreachable

ANN = Actor(name="ann")
ONE = chain_of(agent_of("a"))


def first_of(run_id, agent="a", attempt=1):
    return f"{run_id}-{agent}-1-{attempt}"


def appending(bench, monkeypatch, *answers):
    """The store's next appends raise these; None lets one through. What was asked to be written."""
    real, asked, waiting = bench.store.append, [], list(answers)

    async def append(entries):
        asked.append([entry.kind for _, entry in entries.entries])
        if waiting and (error := waiting.pop(0)) is not None:
            raise error
        await real(entries)

    monkeypatch.setattr(bench.store, "append", append)
    return asked


def decisions_fail(monkeypatch, *kinds, times=1):
    """The next decisions on facts of these kinds raise."""
    real, left = module.decide, [times]

    def decide(state, fact):
        if fact.kind in kinds and left[0]:
            left[0] -= 1
            raise KeyError("a bug")
        return real(state, fact)

    monkeypatch.setattr(module, "decide", decide)


async def test_a_run_goes_from_its_request_to_its_end(bench):
    bench.runner.part = lambda session: session.exits(0)
    run = await bench.ended(await bench.begin(chain_of(agent_of("a"), agent_of("b", needs=("a",)))))

    assert (run["state"], run["outcome"]) == ("finished", "succeeded")
    sessions = bench.runner.lives.values()
    await bench.runner.until(lambda: all(session.acknowledged for session in sessions), "the hosts to be told")


async def test_nothing_starts_before_it_is_durable(bench, monkeypatch):
    """1: commands leave only after their entries are committed."""
    run_id = await bench.begin(chain_of(agent_of("a"), agent_of("b", needs=("a",))))
    session = await bench.runner.started(first_of(run_id))
    held = asyncio.Event()
    real = bench.store.append

    async def append(entries):
        await held.wait()
        await real(entries)

    monkeypatch.setattr(bench.store, "append", append)
    session.exits(0)
    await bench.runner.until(lambda: bool(bench.engine._scopes[run_id].state.agents["b"].turns), "the decision")

    assert bench.runner.starts == [first_of(run_id)]
    held.set()
    (await bench.runner.started(first_of(run_id, "b"))).exits(0)
    await bench.ended(run_id)


async def test_a_check_runs_in_a_session_of_its_own_and_again_when_it_is_lost(bench):
    """21."""

    def part(session):
        if session.spec.id.endswith(".c0"):
            session.vanishes()
        else:
            session.exits(0)

    bench.runner.part = part
    run_id = await bench.begin(chain_of(agent_of("a", checks=(Check(script="test"),))))

    assert (await bench.ended(run_id))["outcome"] == "succeeded"
    attempt = first_of(run_id)
    assert bench.runner.starts == [attempt, f"{attempt}.c0", f"{attempt}.c0.1"]


async def test_a_mistake_in_deciding_ends_that_run_as_internal_and_nothing_else(bench, monkeypatch):
    broken, sound = await bench.begin(ONE), await bench.begin(ONE)
    session = await bench.runner.started(first_of(broken))
    other = await bench.runner.started(first_of(sound))
    decisions_fail(monkeypatch, "SessionExited")
    session.exits(0)
    run = await bench.ended(broken)
    other.exits(0)

    assert (run["outcome"], run["reason"]) == ("failed", "internal")
    assert "KeyError" in run["detail"]
    assert (await bench.ended(sound))["outcome"] == "succeeded"


async def test_a_mistake_on_every_decision_still_ends_the_run(bench, monkeypatch):
    """Nothing is ever left undecided; what still runs is told to stop."""
    run_id = await bench.begin(chain_of(agent_of("a"), agent_of("b")))
    session = await bench.runner.started(first_of(run_id))
    other = await bench.runner.started(first_of(run_id, "b"))
    decisions_fail(monkeypatch, "SessionExited", "InternalErrorOccurred", times=9)
    session.exits(0)

    assert (await bench.ended(run_id))["reason"] == "internal"
    await bench.runner.until(lambda: other.stops == 1, "the stop of what still runs")
    assert await bench.store.verify(run_id) is None


async def test_a_rebuilt_run_hears_what_came_meanwhile(bench, monkeypatch):
    """Facts wait while the state is rebuilt, with the places that their events were read to."""
    run_id = await bench.begin(chain_of(agent_of("a", emits="x")))
    session = await bench.runner.started(first_of(run_id))
    await bench.reaches(run_id, "SessionStarted")
    session.heeds_stop = False
    decisions_fail(monkeypatch, "EventEmitted")
    session.emits("x", key="1")
    session.emits("x", key="2")
    session.exits(0)
    await bench.ended(run_id)

    assert (await bench.kinds(run_id)).count("EventEmitted") == 2


async def test_a_full_disk_is_waited_for(bench, monkeypatch):
    """45: recovery without a restart."""
    monkeypatch.setattr(module, "UNAVAILABLE_PAUSE_S", 0.001)
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    await bench.reaches(run_id, "SessionStarted")
    appending(bench, monkeypatch, *[StoreFull("no space")] * 5)
    session.exits(0)

    assert (await bench.ended(run_id))["outcome"] == "succeeded"
    assert (await bench.kinds(run_id)).count("SessionExited") == 1


@pytest.mark.parametrize("error", [StoreFull("full"), StoreBusy("held")], ids=["full", "busy"])
async def test_an_append_that_was_done_and_reported_as_failed_is_on_record_once(bench, monkeypatch, error):
    """Each is made twice again: the store knows the repeats."""
    monkeypatch.setattr(module, "UNAVAILABLE_PAUSE_S", 0.001)
    real, told = bench.store.append, {}

    async def append(entries):
        await real(entries)
        told[entries.follows] = told.get(entries.follows, 0) + 1
        if told[entries.follows] < 3:
            raise error

    run_id = await bench.begin(ONE)
    monkeypatch.setattr(bench.store, "append", append)
    (await bench.runner.started(first_of(run_id))).exits(0)

    assert (await bench.ended(run_id))["outcome"] == "succeeded"
    await bench.runner.until(lambda: set(told.values()) == {3}, "the repeats of the last one")
    assert len(set(await bench.kinds(run_id))) == len(await bench.kinds(run_id))
    assert await bench.store.verify(run_id) is None


async def test_times_never_run_backwards(bench):
    """I7, with a clock that is set back while the daemon is there, and again while it is not."""
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    await bench.reaches(run_id, "SessionStarted")
    bench.clock.advance(-500)
    await bench.close()
    bench.clock.advance(-400)
    await bench.open()
    session.exits(0)
    await bench.ended(run_id)
    times = [row.at for row in await bench.store.journal(run_id)]

    assert times == sorted(times)


async def test_a_retry_waits_by_a_clock_that_is_set_back_and_forward(bench, monkeypatch):
    """Set back, it does not come early; set beyond the due time, it comes at the next look."""
    monkeypatch.setattr("chainwright.daemon.engine.timers.LONGEST_NAP_S", 0.01)
    run_id = await bench.begin(chain_of(agent_of("a", retry=Retry(max=1, delay_s=60))))
    (await bench.runner.started(first_of(run_id))).exits(1)
    await bench.reaches(run_id, "AttemptFinished")
    bench.clock.advance(-3_600)
    await bench.restart()
    assert bench.runner.starts == [first_of(run_id)]
    bench.clock.advance(3_661)
    (await bench.runner.started(first_of(run_id, attempt=2))).exits(0)

    assert (await bench.ended(run_id))["outcome"] == "succeeded"


async def test_a_jump_over_a_runs_whole_duration_ends_it_once(bench, monkeypatch):
    monkeypatch.setattr("chainwright.daemon.engine.timers.LONGEST_NAP_S", 0.01)
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    await bench.reaches(run_id, "SessionStarted")
    bench.clock.advance(10 * 24 * 3_600)
    run = await bench.ended(run_id)

    assert (run["outcome"], run["reason"], session.stops) == ("timed_out", "limit-duration", 1)


@pytest.mark.parametrize("error", [NotOwner("epoch 9"), StoreError("input/output error")])
async def test_a_run_that_cannot_be_written_is_let_go(bench, monkeypatch, error):
    """Above all its session's end is not acknowledged, which would let it be deleted unrecorded."""
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    await bench.reaches(run_id, "SessionStarted")
    scope = bench.engine._scopes[run_id]
    appending(bench, monkeypatch, error)
    session.exits(0)
    await bench.runner.until(lambda: run_id not in bench.engine._scopes, "the run to be let go")

    with pytest.raises(Refusal, match="cannot be written here any more"):
        await scope.durable()
    assert not session.acknowledged
    assert bench.engine.placement.held == 0


async def test_what_one_daemon_could_not_write_the_next_one_finds(bench, monkeypatch):
    """I5: the end is still there."""
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    await bench.reaches(run_id, "SessionStarted")
    appending(bench, monkeypatch, StoreError("input/output error"))
    session.exits(0)
    await bench.runner.until(lambda: run_id not in bench.engine._scopes, "the run to be let go")
    monkeypatch.undo()
    await bench.restart()

    assert (await bench.ended(run_id))["outcome"] == "succeeded"
    await bench.runner.until(lambda: session.acknowledged, "the host to be told")


async def test_going_down_does_not_wait_for_a_full_disk_for_ever(bench, monkeypatch):
    monkeypatch.setattr(module, "CLOSE_WITHIN_S", 0.01)
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    await bench.reaches(run_id, "SessionStarted")
    asked = appending(bench, monkeypatch, *[StoreFull("no space")] * 1_000)
    session.exits(0)
    await bench.runner.until(lambda: bool(asked), "the first try")
    await within(bench.close(), "the end")
    monkeypatch.undo()
    await bench.open()

    assert (await bench.ended(run_id))["outcome"] == "succeeded"


async def test_a_workspace_that_failed_once_is_tried_again_by_the_next_attempt(bench):
    """A disk that was full may have room."""
    bench.places.errors = [OSError("no space left")]
    bench.runner.part = lambda session: session.exits(0)
    run = await bench.ended(await bench.begin(chain_of(agent_of("a", retry=Retry(max=1, delay_s=0)))))

    assert (run["outcome"], bench.places.prepared) == ("succeeded", 2)


async def test_one_workspace_serves_all_agents(bench):
    bench.runner.part = lambda session: session.exits(0)
    await bench.ended(await bench.begin(chain_of(*[agent_of(name) for name in "abc"])))

    assert bench.places.prepared == 1


async def test_a_cancel_stops_the_sessions(bench):
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    await bench.engine.cancel_run(ANN, run_id)
    run = await bench.ended(run_id)

    assert (run["outcome"], session.stops) == ("cancelled", 1)


async def test_a_cancel_before_anything_could_start_ends_the_run(bench):
    """And the run is let go: what was to stop a session that never was does not wait for it."""
    bench.slots = 1
    await bench.restart()
    first = await bench.begin(ONE)
    await bench.runner.started(first_of(first))
    second = await bench.begin(ONE)
    await bench.reaches(second, "SessionDelayed")
    await bench.engine.cancel_run(ANN, second)

    assert (await bench.ended(second))["outcome"] == "cancelled"
    await bench.runner.until(lambda: bench.runner.starts == [first_of(first)], "nothing more")
    await let_go(bench, second)


async def test_a_run_without_any_session_is_let_go(bench):
    run_id = await bench.begin(chain_of(agent_of("a", condition="false")))

    assert (await bench.ended(run_id))["outcome"] == "succeeded"
    await let_go(bench, run_id)


async def test_slots_are_given_back_for_the_next_in_line(bench):
    bench.slots = 2
    await bench.restart()
    bench.runner.part = lambda session: session.exits(0)
    await bench.ended(await bench.begin(chain_of(*[agent_of(f"a{n}") for n in range(9)])))

    assert len(bench.runner.lives) == 9
    assert bench.engine.placement.held == 0


async def let_go(bench, run_id):
    """Return when the engine no longer keeps the run in memory."""
    await bench.runner.until(lambda: run_id not in bench.engine._scopes, f"run {run_id} to be let go")


async def test_going_down_tells_the_hosts_whose_end_is_on_record(bench):
    """Else they would linger until the next daemon comes."""
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    bench.runner.fails("forget", HostUnreachable("no answer"))
    session.exits(0)
    await bench.ended(run_id)
    await bench.close()

    assert session.acknowledged


async def test_going_down_does_not_wait_for_a_silent_host_for_ever(bench, monkeypatch):
    """The next daemon tells it."""
    monkeypatch.setattr(module, "LET_GO_WITHIN_S", 0.01)
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(first_of(run_id))
    bench.runner.fails("forget", *[HostUnreachable("no answer")] * 1_000)
    session.exits(0)
    await bench.ended(run_id)
    await within(bench.close(), "the end")

    assert not session.acknowledged


async def test_which_secrets_a_session_gets_is_on_record_before_it_starts(bench, monkeypatch):
    """29: name, provider and version; the values stand in the environment and in the masks, and nowhere else."""
    order = []
    reference = SecretReference(name="TOKEN", provider="file", version="1a2b")

    class Known:
        async def read(self, names):
            assert list(names) == ["TOKEN"]
            return (Secret(reference=reference, value="t0ken-value", masks=("t0ken-value", "dDBrZW4")),)

    bench.engine.world = bench.world = replace(bench.world, secrets=Known())
    real = bench.runner.start

    async def start(spec):
        order.extend(row.kind for row in await bench.store.journal(run_id))
        return await real(spec)

    monkeypatch.setattr(bench.runner, "start", start)
    run_id = await bench.begin(
        chain_of(agent_of("a", secrets=("TOKEN",), env={"X": "${{ secrets.TOKEN }}"}, checks=(Check(script="test"),)))
    )
    session = await bench.runner.started(first_of(run_id))
    session.exits(0)
    check = await bench.runner.started(f"{first_of(run_id)}.c0")
    check.exits(0)
    await bench.ended(run_id)
    bodies = b"".join([row.body for row in await bench.store.journal(run_id)])

    assert order.count("SecretsResolved") >= 1
    assert (session.spec.env["TOKEN"], session.spec.env["X"]) == ("t0ken-value", "t0ken-value")
    assert not {"TOKEN", "X"} & check.spec.env.keys()
    assert session.spec.masks == check.spec.masks == ("t0ken-value", "dDBrZW4")
    assert b"t0ken-value" not in bodies
    assert "t0ken-value" not in repr(session.spec)
