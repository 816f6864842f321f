"""What every runner must do with a session's output: every byte, once, from any offset."""

import signal
from typing import Any

import pytest

from chainwright.runners.port import (
    Runner,
    RunnerError,
)


async def test_megabytes_arrive_byte_for_byte(sessions: Any) -> None:
    spec = sessions.spec("stty -opost; seq 1 700000")
    end = (await sessions.ran(spec)).exited.exit
    expected = b"".join(b"%d\n" % number for number in range(1, 700_001))

    assert await sessions.output(spec) == expected
    assert end.size == len(expected)


async def test_a_viewer_gets_all_of_it_while_it_is_written(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("stty -opost; seq 1 200000")
    await runner.start(spec)
    terminal = await sessions.terminal_of(spec, "viewer")
    data, end = await sessions.shown(terminal)
    await terminal.close()

    assert data == b"".join(b"%d\n" % number for number in range(1, 200_001))
    assert end is not None


async def test_a_viewer_may_begin_anywhere_also_after_the_end(sessions: Any) -> None:
    spec = sessions.spec("printf 0123456789")
    await sessions.ran(spec)
    terminal = await sessions.terminal_of(spec, "viewer", offset=7)

    assert (await sessions.shown(terminal))[0] == b"789"
    await terminal.close()


async def test_a_viewer_who_does_not_read_holds_nobody_up(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("stty -opost; seq 1 500000")
    await runner.start(spec)
    slow = await sessions.terminal_of(spec, "viewer")
    await sessions.life(spec)
    data, _ = await sessions.shown(slow)
    await slow.close()

    assert len(data) == len(await sessions.output(spec)) == 3_388_895


async def test_secrets_are_masked_before_the_disk(sessions: Any) -> None:
    """semantics.md 36"""
    spec = sessions.spec(
        "printf 'a s3cr'; printf 'et b s3'; printf 'x\\n'; printf 'two\\nlines'", masks=("s3cret", "two\nlines")
    )
    end = (await sessions.ran(spec)).exited.exit

    assert await sessions.output(spec) == b"a *** b s3x\r\n***"
    assert end.size == len(b"a *** b s3x\r\n***")


async def test_what_an_agent_leaves_is_masked_before_anybody_reads_it(runner: Runner, sessions: Any) -> None:
    """semantics.md 36: event files, also those that have been taken, and the files that it writes for the daemon."""
    drops = (
        "printf 'data: s3cret' >a.yaml; printf '{\"a\":\"xs3cret\"}' >e.json; mv a.yaml e.json $CHAINWRIGHT_EVENTS/new"
    )
    spec = sessions.spec(
        f"cd $CHAINWRIGHT_EVENTS/tmp; {drops}; echo a=s3cret > $OUTPUT",
        masks=("s3cret",),
        path_env={"CHAINWRIGHT_EVENTS": "events", "OUTPUT": "files/output"},
    )
    found = await sessions.ran(spec)
    log = await runner.read(spec.id, "events.log")

    assert sorted(event.line.content or "" for event in found.events) == ["data: (masked)", '{"a":"x(masked)"}']
    assert b"s3cret" not in log
    assert await runner.read(spec.id, "files/output") == b"a=(masked)\n"


async def test_a_log_that_may_only_drop_counts_what_it_drops(sessions: Any) -> None:
    spec = sessions.spec("printf 0123456789", limits={"max_log_bytes": 4, "on_max_log": "drop"})
    end = (await sessions.ran(spec)).exited.exit

    assert (await sessions.output(spec), end.dropped, end.code) == (b"0123", 6, 0)


async def test_a_log_that_must_not_grow_ends_the_agent(sessions: Any) -> None:
    spec = sessions.spec("yes", limits={"max_log_bytes": 10_000, "on_max_log": "kill"})
    end = (await sessions.ran(spec)).exited.exit

    assert (end.ended_by, end.signal, end.size) == ("log-full", signal.SIGTERM, 10_000)


async def test_a_log_that_blocks_holds_the_agent(sessions: Any) -> None:
    spec = sessions.spec("yes", limits={"max_log_bytes": 10_000, "on_max_log": "block", "timeout_s": 0.5})
    end = (await sessions.ran(spec)).exited.exit

    assert (end.ended_by, end.size) == ("timeout", 10_000)


async def test_reading_is_confined_to_the_files_of_the_session(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("ln -s /etc/hostname $OUT")
    await sessions.ran(spec)

    for file in ("child.json", "../other/out.log", "files/../lock", "/etc/hostname", "files/out"):
        with pytest.raises(RunnerError):
            await runner.read(spec.id, file)
    assert await runner.read(spec.id, "files/none") == b""
