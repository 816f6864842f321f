"""What every runner must do to start a session: once, as it was specified, or with a reason."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners.port import (
    CannotStart,
    NeverRan,
    Runner,
)


async def test_the_agent_runs_in_a_terminal_of_its_own(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec('tty; ps -o sid= -p $$; echo "pid $$"; stty size', rows=31, cols=99)
    child = await runner.start(spec)
    await sessions.life(spec)

    tty, sid, pid, size = (await sessions.output(spec)).decode().splitlines()
    assert tty.startswith("/dev/pts/")
    assert (int(sid), pid, size) == (child.pid, f"pid {child.pid}", "31 99")


async def test_environment_is_exactly_what_was_specified(sessions: Any, tmp_path: Path) -> None:
    spec = sessions.spec(
        None, interpreters=(("env",),), env={"A": "1", "PATH": "/usr/bin:/bin"}, path_prefix=str(tmp_path)
    )
    await sessions.ran(spec)

    seen = dict(line.split("=", 1) for line in (await sessions.output(spec)).decode().split())
    assert seen.pop("CHAINWRIGHT_EVENTS").endswith(f"/{spec.id}/events")
    assert seen.pop("OUT").endswith(f"/{spec.id}/files/out")
    assert seen == {"A": "1", "PATH": f"{tmp_path}:/usr/bin:/bin"}


async def test_working_folder_files_and_script_are_there(runner: Runner, sessions: Any, tmp_path: Path) -> None:
    spec = sessions.spec(
        'pwd; cat "$PROMPT"', cwd=str(tmp_path), files={"prompt": "do it"}, path_env={"PROMPT": "files/prompt"}
    )
    await sessions.ran(spec)

    assert await sessions.output(spec) == f"{tmp_path}\r\ndo it".encode()
    assert await runner.read(spec.id, "files/script") == b'pwd; cat "$PROMPT"'


async def test_the_first_interpreter_that_exists_is_used(sessions: Any) -> None:
    spec = sessions.spec("echo $0", interpreters=(("no-such-shell",), ("sh", "-e")))
    await sessions.ran(spec)

    assert (await sessions.output(spec)).endswith(b"/files/script\r\n")


async def test_no_interpreter_is_refused_by_name_and_leaves_no_trace_of_a_run(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec(interpreters=(("no-such-shell",), ("nor-this",)))
    with pytest.raises(CannotStart, match="no-such-shell, nor-this"):
        await runner.start(spec)

    assert await runner.poll(spec.id) == NeverRan()


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "\x1f", "x" * 300])
async def test_what_is_no_name_of_a_session_never_ran(runner: Runner, name: str) -> None:
    assert await runner.poll(name) == NeverRan()


async def test_a_missing_working_folder_is_refused_by_name(runner: Runner, sessions: Any) -> None:
    with pytest.raises(CannotStart, match="/no/such/folder"):
        await runner.start(sessions.spec(cwd="/no/such/folder"))


async def test_a_refused_start_can_be_repeated_with_a_better_specification(runner: Runner, sessions: Any) -> None:
    with pytest.raises(CannotStart):
        await runner.start(sessions.spec(cwd="/no/such/folder"))

    assert (await sessions.ran(sessions.spec("exit 4"))).exited.exit.code == 4


async def test_a_program_that_cannot_be_executed_ends_with_127_and_why(sessions: Any, tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/no/such/loader\n")
    program.chmod(0o755)
    end = (await sessions.ran(sessions.spec(None, interpreters=((str(program),),)))).exited.exit

    assert end.code == 127
    assert str(program) in end.error


async def test_what_cannot_be_an_environment_ends_with_126_and_why(sessions: Any) -> None:
    spec = sessions.spec(env={"PATH": os.environ["PATH"], "X": "a\0b"})
    end = (await sessions.ran(spec)).exited.exit

    assert end.code == 126
    assert "null byte" in end.error


async def test_a_second_start_returns_the_first(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("echo once; read -r _")
    first = await runner.start(spec)
    assert await runner.start(spec) == first

    await sessions.shows(spec, b"once")
    await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0)
    await sessions.life(spec)
    assert await runner.start(spec) == first
    assert (await sessions.output(spec)).count(b"once") == 1


async def test_starts_at_the_same_time_run_it_once(runner: Runner, sessions: Any) -> None:
    spec = sessions.spec("echo once")
    children = await asyncio.gather(*(runner.start(spec) for _ in range(5)))
    await sessions.life(spec)

    assert len(set(children)) == 1
    assert await sessions.output(spec) == b"once\r\n"


async def test_an_agent_finds_signals_as_any_program_does(sessions: Any) -> None:
    """INT, PIPE, TERM and HUP are not ignored, and nothing is blocked."""
    spec = sessions.spec("grep -E 'Sig(Ign|Blk)' /proc/self/status")
    await sessions.ran(spec)

    masks = [int(line.split()[1], 16) for line in (await sessions.output(spec)).splitlines()]
    of_the_c_library = 0b11 << 31  # 32 and 33: no program can set them, and some parents leave them ignored
    assert [mask & ~of_the_c_library for mask in masks] == [0, 0]
