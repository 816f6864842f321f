"""People at a terminal: many watch, one types, and nothing typed is lost or doubled."""

import asyncio
import json

import pytest

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.engine import pace, terminals
from chainwright.daemon.testing import agent_of, chain_of, scripted_runner
from chainwright.daemon.testing.scripted_runner import within


@pytest.fixture
async def session(bench):
    """A session that runs, and nobody at its terminal."""
    run_id = await bench.begin(chain_of(agent_of("a")))
    found = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.reaches(run_id, "SessionStarted")
    return found


async def items(link, count=None):
    found = []

    async def read():
        async for item in link:
            found.append(item)
            if len(found) == count:
                return

    await within(read(), f"{count} items")
    return found


async def sit_down(bench, session, who="ann", *, take_over=True):
    return await bench.terminals.open(session.spec.id, who, offset=0, take_over=take_over)


async def test_a_watcher_sees_all_and_at_last_the_end(bench, session):
    session.prints(b"one")
    link = await sit_down(bench, session, take_over=False)
    session.exits(3)
    output, end = await items(link)

    assert output == ("output", b"one")
    assert (end[0], json.loads(end[1])["code"]) == ("exit", 3)


async def test_a_watcher_may_not_type(bench, session):
    link = await sit_down(bench, session, take_over=False)

    for act in (link.type(b"x"), link.resize(24, 80)):
        with pytest.raises(Refusal) as refusal:
            await act
        assert refusal.value.code is Code.DENIED


async def test_what_is_typed_is_stored_before_it_is_sent(bench, session, monkeypatch):
    """A daemon that dies in between sends it again."""
    order = []
    keep, takes = bench.store.keep_input, session.takes

    async def kept(attempt_id, data):
        order.append("stored")
        return await keep(attempt_id, data)

    def taken(seq, data):
        order.append("sent")
        takes(seq, data)

    monkeypatch.setattr(bench.store, "keep_input", kept)
    monkeypatch.setattr(session, "takes", taken)
    link = await sit_down(bench, session)
    await link.type(b"yes\n")

    assert (order, session.typed) == (["stored", "sent"], b"yes\n")


async def test_what_the_session_has_taken_is_forgotten(bench, session):
    link = await sit_down(bench, session)
    await link.type(b"yes\n")
    session.prints(b"ok")
    session.exits(0)
    await items(link)

    assert await bench.store.pending_input(session.spec.id, 0) == []


async def test_what_was_stored_and_not_sent_is_sent_by_the_next_daemon(bench, session):
    """And applied once: the session knows what it has."""
    link = await sit_down(bench, session)
    await link.type(b"1")
    await bench.store.keep_input(session.spec.id, b"2")
    await link.close()
    await bench.restart()
    await bench.runner.until(lambda: session.typed == b"12", "the rest of the input")

    assert session.input_seq == 2


async def test_nothing_is_sent_again_when_all_has_arrived(bench, session):
    link = await sit_down(bench, session)
    await link.type(b"1")
    await link.close()
    await bench.restart()
    await bench.terminals.resend(session.spec.id)

    assert session.typed == b"1"
    assert await bench.store.pending_input(session.spec.id, 0) == []


async def test_taking_over_is_announced_and_takes_the_keys_away(bench, session):
    first = await sit_down(bench, session, "ann")
    await sit_down(bench, session, "bob")
    (notice,) = await items(first, 1)

    assert notice == ("notice", b'{"taken_over_by": "bob"}')
    with pytest.raises(Refusal):
        await first.type(b"x")


async def test_a_full_disk_under_the_log_is_shown(bench, session):
    """Storage trouble reaches who watches, as a notice."""
    session.prints(b"one")
    link = await sit_down(bench, session, take_over=False)
    link.tell(disk_full=True)
    found = await items(link, 2)

    assert {kind for kind, _ in found} == {"output", "notice"}


async def test_leaving_forgets_the_person_and_not_the_session(bench, session):
    link = await sit_down(bench, session)
    await link.close()

    assert bench.terminals._links == {}
    assert session.end is None


async def test_a_daemon_that_has_been_replaced_cannot_type(bench, session):
    link = await sit_down(bench, session)
    session.hears(99)

    with pytest.raises(Refusal) as refusal:
        await link.type(b"x")
    assert refusal.value.code is Code.CONFLICT


async def told(link):
    """The next notice."""
    async for kind, data in link:
        if kind == "notice":
            return json.loads(data)
    raise AssertionError("no notice came")


async def test_others_hear_who_types_and_who_has_left_the_keys(bench, session):
    watcher = await sit_down(bench, session, "bob", take_over=False)
    assert watcher.typist is None
    typist = await sit_down(bench, session, "ann")
    assert watcher.typist == "ann"
    assert await within_told(watcher) == {"taken_over_by": "ann"}

    await typist.resize(24, 80)
    assert await within_told(watcher) == {"resized": {"rows": 24, "cols": 80}}
    assert watcher.size == (24, 80)

    await typist.close()
    assert await within_told(watcher) == {"released_by": "ann"}
    assert watcher.typist is None


async def within_told(link):
    found = asyncio.create_task(told(link), name="notice")
    await within(found, "a notice")
    return found.result()


@pytest.mark.parametrize(("tail", "seen"), [(3, b"789"), (0, b""), (100, b"0123456789")])
async def test_one_may_begin_near_the_end(bench, session, tail, seen):
    session.prints(b"0123456789")
    link = await bench.terminals.open(session.spec.id, "ann", offset=0, take_over=False, tail=tail)
    session.exits(0)
    shown = b"".join([data for kind, data in await items(link) if kind == "output"])

    assert (link.offset, shown) == (10, seen)


async def test_a_live_view_leaves_out_what_nobody_could_read_and_says_so(bench, session, monkeypatch):
    """What it shows and what it says it left out is the whole."""
    monkeypatch.setattr(scripted_runner, "PIECE", 1_000)
    monkeypatch.setattr(pace, "BYTES", 1_000)
    monkeypatch.setattr(pace, "WITHIN_S", 0.001)
    monkeypatch.setattr(terminals, "MOST_BEHIND", 5_000)
    monkeypatch.setattr(terminals, "SHOWN_AFTER_GAP", 2_000)
    link = await bench.terminals.open(session.spec.id, "ann", offset=0, take_over=False, live=True)
    for number in range(100):
        session.prints(b"%1000d" % number)
    session.exits(0)
    shown = await items(link)
    gaps = [json.loads(data)["gap"] for kind, data in shown if kind == "notice"]
    seen = b"".join(data for kind, data in shown if kind == "output")

    assert gaps
    assert len(seen) + sum(gap["to"] - gap["from"] for gap in gaps) == 100_000
    assert seen.endswith(b"%1000d" % 99)
    assert shown[-1][0] == "exit"
