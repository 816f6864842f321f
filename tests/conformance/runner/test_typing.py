"""What every runner must do with what is typed into a session."""

import asyncio
import signal
from typing import Any

import pytest

from chainwright.runners.port import (
    InputTaken,
    Runner,
    RunnerError,
    Terminal,
)
from chainwright.schemas.session import SessionSpec

CAT = "stty -echo -icanon; echo ready; exec cat"


async def typed_into(runner: Runner, sessions: Any) -> tuple[SessionSpec, Terminal]:
    """A session that shows what it reads, and a typist's terminal of it."""
    spec = sessions.spec(CAT)
    await runner.start(spec)
    await sessions.shows(spec, b"ready")
    return spec, await sessions.terminal_of(spec, offset=len(b"ready\r\n"))


async def test_only_the_next_in_sequence_is_applied(runner: Runner, sessions: Any) -> None:
    _, terminal = await typed_into(runner, sessions)
    for seq, data in ((1, b"a"), (1, b"A"), (3, b"C"), (2, b"b"), (3, b"c\n"), (2, b"B")):
        await terminal.send(seq, data)
    data, _ = await sessions.shown(terminal, b"\n")
    await terminal.close()

    assert data == b"abc\r\n"


async def test_the_sequence_survives_a_new_connection(runner: Runner, sessions: Any) -> None:
    spec, first = await typed_into(runner, sessions)
    assert first.input_seq == 0
    await first.send(1, b"one\n")
    await sessions.shown(first, b"one")
    await first.close()
    second = await sessions.terminal_of(spec, offset=len(b"ready\r\n"))
    assert second.input_seq == 1
    await second.send(1, b"one\n")
    await second.send(2, b"two\n")

    assert (await sessions.shown(second, b"two\r\n"))[0] == b"one\r\ntwo\r\n"
    await second.close()


async def test_taken_input_is_acknowledged(runner: Runner, sessions: Any) -> None:
    _, terminal = await typed_into(runner, sessions)
    await terminal.send(1, b"x")
    async with asyncio.timeout(30):
        async for fact in terminal:
            if fact == InputTaken(seq=1):
                break
    await terminal.close()


async def test_an_agent_that_reads_nothing_holds_nobody_up(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("stty raw -echo; echo ready; sleep 600")
    await runner.start(spec)
    await sessions.shows(spec, b"ready")
    terminal = await sessions.terminal_of(spec)
    for seq in range(1, 20):
        await terminal.send(seq, b"x" * 10_000)
    await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=1)

    assert (await sessions.life(spec)).exited.exit.ended_by == "stop"
    await terminal.close()


async def test_resize_and_signal_reach_the_agent(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec(
        "trap 'stty size' WINCH; trap 'echo usr; exit 0' USR1; echo ready; while :; do sleep 0.02; done"
    )
    await runner.start(spec)
    await sessions.shows(spec, b"ready")
    terminal = await sessions.terminal_of(spec)
    await terminal.resize(12, 34)
    await sessions.shown(terminal, b"12 34")
    await terminal.signal(signal.SIGUSR1)

    assert (await sessions.life(spec)).exited.exit.code == 0
    await terminal.close()


async def test_a_viewer_may_not_act(runner: Runner, sessions: Any) -> None:
    spec, typist = await typed_into(runner, sessions)
    viewer = await sessions.terminal_of(spec, "viewer")
    with pytest.raises(RunnerError, match="viewer"):
        await viewer.send(1, b"x")
    await viewer.close()
    await typist.close()
