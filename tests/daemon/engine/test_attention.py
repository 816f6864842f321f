"""Terminals are looked at: what waits is raised once and cleared by output, and nothing that an agent prints harms the watch."""

import pytest

from chainwright.daemon import attention as module
from chainwright.daemon.attention import AttentionWatch
from chainwright.daemon.testing import agent_of, chain_of


@pytest.fixture
async def session(bench):
    """A session that runs."""
    run_id = await bench.begin(chain_of(agent_of("a")))
    found = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.reaches(run_id, "SessionStarted")
    return found


@pytest.fixture
def watch(bench):
    return AttentionWatch(bench.engine, bench.engine.world, "default")


async def looks(bench, watch, *seconds):
    """Look now, and after so many seconds more each time."""
    await watch.look()
    for wait_s in seconds:
        bench.clock.advance(wait_s)
        await watch.look()


def waits(bench, session):
    """Why its attempt waits for a person."""
    (state,) = bench.engine.open_states("default")
    found = state.attempts[session.spec.id].attention
    return found and (found.cause, found.excerpt)


async def test_a_question_is_raised_once_it_is_quiet_and_cleared_by_output(bench, session, watch):
    session.prints(b"hello\r\nPassword: ")
    await looks(bench, watch, 1.0)
    assert waits(bench, session) is None
    await looks(bench, watch, 2.0)
    assert waits(bench, session) == ("prompt", "hello\nPassword:")
    await looks(bench, watch, 60.0, 60.0)
    session.prints(b"\r\nwelcome\r\n")
    await looks(bench, watch)
    assert waits(bench, session) is None

    run_id = session.spec.id.partition("-")[0]
    await bench.reaches(run_id, "AttentionCleared")
    kinds = await bench.kinds(run_id)
    assert (kinds.count("AttentionRaised"), kinds.count("AttentionCleared")) == (1, 1)


async def test_an_open_line_waits_after_long_silence_and_the_end_takes_it_away(bench, session, watch):
    session.prints(b"How many copies")
    await looks(bench, watch, 5.0, 20.0)
    assert waits(bench, session) is None
    await looks(bench, watch, 10.0)
    assert waits(bench, session) == ("idle", "How many copies")
    run_id = session.spec.id.partition("-")[0]

    session.exits(0)
    ended = await bench.ended(run_id)
    assert ended["agents"]["a"]["turns"][0]["attempts"][0]["attention"] is None


async def test_a_flood_is_skipped_and_only_its_end_counts(bench, session, watch):
    await looks(bench, watch)
    session.prints(b"Password: no\r\n" * 100_000 + b"Continue? [y/N] ")
    await looks(bench, watch, 0.1, 0.1, 3.0)

    assert waits(bench, session)[0] == "prompt"


async def test_a_screen_that_cannot_be_drawn_ends_nothing(bench, session, watch, monkeypatch):
    def broken(*_, **__):
        raise ValueError("ours")

    monkeypatch.setattr(module, "drawn", broken)
    session.prints(b"Password: ")
    await looks(bench, watch, 5.0, 5.0)

    assert waits(bench, session) is None


async def test_who_rings_for_every_line_is_told_of_a_bounded_number_of_times(bench, session, watch, monkeypatch):
    monkeypatch.setattr(module, "MOST_RAISED", 2)
    await looks(bench, watch)
    causes = []
    for _ in range(4):
        session.prints(b"\x07line\r\n")
        await looks(bench, watch, 3.0)
        causes.append(waits(bench, session) is not None)

    assert causes == [True, True, False, False]
