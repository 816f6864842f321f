"""What every runner must do about whose a session is: tokens, epochs, and what stays when it is forgotten."""

from dataclasses import replace
from typing import Any

import pytest

from chainwright.runners.port import (
    Denied,
    Fenced,
    NeverRan,
    Runner,
    RunnerError,
    Running,
)


async def test_a_wrong_token_is_denied(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("sleep 600")
    await runner.start(spec)
    with pytest.raises(Denied):
        await runner.attach(spec.id, token="other", epoch=1, role="viewer", offset=0)
    with pytest.raises(Denied):
        await runner.stop(spec.id, token="other", epoch=1, grace_s=0)

    assert isinstance(await runner.poll(spec.id), Running)


async def test_a_lower_epoch_may_look_but_not_act(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("stty -echo; echo ready; exec cat")
    await runner.start(spec)
    await sessions.shows(spec, b"ready")
    old = await sessions.terminal_of(spec)
    newer = await sessions.terminal_of(replace(spec, epoch=2))
    await newer.send(1, b"new\n")

    assert b"new" in (await sessions.shown(old, b"new"))[0]
    with pytest.raises(Fenced):
        await old.send(2, b"old\n")
    with pytest.raises(Fenced):
        await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0)
    await newer.close()
    await old.close()
    assert isinstance(await runner.poll(spec.id), Running)


async def test_only_ended_and_acknowledged_folders_are_removed(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("read -r _")
    await runner.start(spec)
    with pytest.raises(RunnerError):
        await runner.remove(spec.id)
    with pytest.raises(RunnerError):
        await runner.forget(spec.id, token=spec.token, epoch=1)
    await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=1)
    await sessions.life(spec)
    with pytest.raises(RunnerError):
        await runner.remove(spec.id)
    await runner.forget(spec.id, token=spec.token, epoch=1)
    assert await sessions.output(spec) == b""
    await runner.remove(spec.id)

    assert await runner.sessions() == []
    assert await runner.poll(spec.id) == NeverRan()


async def test_what_was_never_forgotten_is_told(runner: Runner, sessions: Any) -> None:
    await runner.start(sessions.spec("sleep 60", id="lives"))
    for name in ("ended", "forgotten"):
        await sessions.ran(sessions.spec(id=name))
    await runner.forget("forgotten", token="token", epoch=1)

    assert sorted(await runner.unacknowledged()) == ["ended", "lives"]


async def test_forget_lets_the_session_host_go_and_the_folder_stays_readable(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("echo out; echo >$CHAINWRIGHT_EVENTS/new/e")
    child = await runner.start(spec)
    told = await sessions.life(spec)
    await runner.forget(spec.id, token=spec.token, epoch=1)
    await runner.forget(spec.id, token=spec.token, epoch=1)
    await sessions.gone(child.host_pid)

    assert await sessions.life(spec) == told
    assert await sessions.output(spec) == b"out\r\n"


async def test_an_ended_session_lingers_only_as_long_as_it_may(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec(limits={"linger_s": 0.05})
    child = await runner.start(spec)
    await sessions.gone(child.host_pid)

    assert (await sessions.life(spec)).exited.exit.code == 0


async def test_sessions_lists_every_folder(runner: Runner, sessions: Any) -> None:
    await sessions.ran(sessions.spec(id="a"))
    await runner.start(sessions.spec("sleep 600", id="b"))
    found = {each.id: each for each in await runner.sessions()}

    assert [found["a"].status, found["b"].status] == ["exited", "running"]
    assert (found["a"].acknowledged, found["a"].ended_at is None, found["b"].ended_at) == (False, False, None)
