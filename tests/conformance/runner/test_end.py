"""What every runner must do at the end of a session: however it came, it is told once and nothing of it stays."""

import os
import signal
from typing import Any

import pytest

from chainwright.runners.port import (
    Lost,
    Runner,
)


@pytest.mark.parametrize(
    ("script", "code", "number"), [("exit 3", 3, None), ("kill -9 $$", None, 9), ("true", 0, None)]
)
async def test_code_or_signal_is_recorded(sessions: Any, script: str, code: int | None, number: int | None) -> None:
    end = (await sessions.ran(sessions.spec(script))).exited.exit

    assert (end.code, end.signal, end.ended_by) == (code, number, "exit")


async def test_the_end_is_the_same_however_often_one_asks(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("exit 3")
    first = (await sessions.ran(spec)).end

    assert (await sessions.life(spec)).end == first == await runner.poll(spec.id)


async def test_stop_asks_politely_first(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("trap 'echo bye; exit 0' TERM; echo ready; while :; do read -t 1 -r _ || :; done")
    await runner.start(spec)
    await sessions.shows(spec, b"ready")
    await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=20)
    end = (await sessions.life(spec)).exited.exit

    assert (end.ended_by, end.code) == ("stop", 0)
    assert b"bye" in await sessions.output(spec)


async def test_stop_kills_who_does_not_listen(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("trap '' TERM; echo ready; while :; do read -t 1 -r _ || :; done")
    await runner.start(spec)
    await sessions.shows(spec, b"ready")
    await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0.1)
    end = (await sessions.life(spec)).exited.exit

    assert (end.ended_by, end.signal) == ("stop", signal.SIGKILL)


async def test_time_out_and_stall_hold_while_nobody_is_connected(runner: Runner, sessions: Any) -> None:
    """semantics.md 35"""
    late = sessions.spec("sleep 60", id="late", limits={"timeout_s": 0.2})
    mute = sessions.spec("echo a; sleep 60", id="mute", limits={"idle_timeout_s": 0.2})
    await runner.start(late)
    await runner.start(mute)
    await sessions.exited("late", "mute")

    assert (await sessions.life(late)).exited.exit.ended_by == "timeout"
    assert (await sessions.life(mute)).exited.exit.ended_by == "stall"


async def test_an_agent_that_talks_all_the_time_is_read_to_the_last_byte_though_nobody_watches(sessions: Any) -> None:
    """Also where it is read in longer steps for that, and looks silent in between."""
    spec = sessions.spec("for i in $(seq 40); do echo $i; sleep 0.05; done", limits={"idle_timeout_s": 0.3})
    end = (await sessions.ran(spec)).exited.exit

    assert end.ended_by == "exit"
    assert (await sessions.output(spec)).split() == [b"%d" % number for number in range(1, 41)]


async def test_output_keeps_a_stall_away(sessions: Any) -> None:
    spec = sessions.spec("for i in 1 2 3 4 5 6; do echo; sleep 0.1; done", limits={"idle_timeout_s": 0.4})

    assert (await sessions.ran(spec)).exited.exit.ended_by == "exit"


async def test_nothing_survives_its_attempt(runner: Runner, sessions: Any) -> None:
    """Also not a process that left the group and session, closed its terminal, and lost its parent."""
    spec = sessions.spec(
        "(setsid sh -c 'trap \"\" TERM HUP; echo $$ >$OUT; exec sleep 600' </dev/null >/dev/null 2>&1 &) ; "
        "while ! test -s $OUT; do :; done",
        limits={"grace_s": 0.2},
    )
    await sessions.ran(spec)
    pid = int(await runner.read(spec.id, "files/out"))

    assert not sessions.is_alive(pid)


async def test_what_grandchildren_still_write_is_kept(sessions: Any) -> None:
    spec = sessions.spec("(trap '' HUP; echo >$OUT; sleep 0.3; echo late) & while ! test -s $OUT; do :; done")
    await sessions.ran(spec)

    assert b"late" in await sessions.output(spec)


async def test_grandchildren_that_do_not_end_do_not_hold_the_end_up(sessions: Any) -> None:
    spec = sessions.spec("(trap '' HUP; echo >$OUT; exec sleep 600) & while ! test -s $OUT; do :; done; exit 5")

    assert (await sessions.ran(spec)).exited.exit.code == 5


async def test_a_killed_session_host_is_lost_and_nothing_runs_again(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("echo once; sleep 600")
    child = await runner.start(spec)
    await sessions.shows(spec, b"once")
    os.kill(child.host_pid, signal.SIGKILL)
    end = (await sessions.life(spec)).end

    assert isinstance(end, Lost)
    assert await runner.start(spec) == child
    assert isinstance(await runner.poll(spec.id), Lost)
    assert await sessions.output(spec) == b"once\r\n"


async def test_processes_left_by_a_killed_session_host_are_known_and_can_be_ended(
    runner: Runner, sessions: Any
) -> None:
    spec = sessions.spec("trap '' HUP; (trap '' HUP; exec sleep 600) & echo ready; wait")
    child = await runner.start(spec)
    await sessions.shows(spec, b"ready")
    os.kill(child.host_pid, signal.SIGKILL)
    end = (await sessions.life(spec)).end
    assert isinstance(end, Lost)
    assert not end.group_gone

    await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0)

    async def group_gone() -> bool:
        now = await runner.poll(spec.id)
        return isinstance(now, Lost) and now.group_gone

    await sessions.until(group_gone)
