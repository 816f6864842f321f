"""While the store takes nothing, whoever wants something new is told to come again."""

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.store.port import StoreBusy, StoreFull
from chainwright.daemon.testing import agent_of, chain_of

ONE = chain_of(agent_of("a"))


@pytest.mark.parametrize("error", [StoreFull("full"), StoreBusy("held")], ids=["full", "busy"])
@pytest.mark.parametrize("method", ["next_number", "create_run"])
async def test_a_new_run_is_refused_and_the_next_try_succeeds(bench, monkeypatch, method, error):
    bench.chains.known[ONE.id] = ONE

    async def fail(*_):
        raise error

    with monkeypatch.context() as patch, pytest.raises(Refusal, match="nothing can be recorded now") as refused:
        patch.setattr(bench.store, method, fail)
        await bench.engine.start_run(Actor(name="ann"), ONE.id, {})

    assert refused.value.code is Code.UNAVAILABLE
    assert await bench.begin(ONE)


async def test_typing_is_refused_while_it_cannot_be_stored(bench, monkeypatch):
    run_id = await bench.begin(ONE)
    session = await bench.runner.started(f"{run_id}-a-1-1")
    await bench.reaches(run_id, "SessionStarted")
    link = await bench.terminals.open(session.spec.id, "ann", offset=0, take_over=True)

    async def fail(*_):
        raise StoreFull("full")

    with monkeypatch.context() as patch, pytest.raises(Refusal, match="nothing can be recorded now"):
        patch.setattr(bench.store, "keep_input", fail)
        await link.type(b"x")

    assert await link.type(b"y") == 1
    await bench.runner.until(lambda: session.typed == b"y", "what could be stored")
