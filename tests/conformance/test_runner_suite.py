"""What every runner must do, told through its port only, with real processes in real terminals."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners.port import (
    CannotStart,
    Denied,
    EventFound,
    Exited,
    Fenced,
    InputTaken,
    Lost,
    NeverRan,
    Output,
    Runner,
    RunnerError,
    Running,
    Terminal,
)
from chainwright.schemas.session import SessionLimits, SessionSpec

LIMIT_S = 30.0


def a_spec(script: str | None = "exit 0", **changes: Any) -> SessionSpec:
    limits = SessionLimits(**{"linger_s": 30.0, "grace_s": 5.0, **changes.pop("limits", {})})
    given: dict[str, Any] = {
        "id": "attempt-1",
        "token": "token",
        "epoch": 1,
        "interpreters": (("bash", "-e"), ("sh", "-e")),
        "script": script,
        "env": {"PATH": os.environ["PATH"], "TERM": "xterm"},
        "path_env": {"CHAINWRIGHT_EVENTS": "events", "OUT": "files/out"},
        "limits": limits,
    }
    return SessionSpec(**{**given, **changes})


@dataclass
class Life:
    """What ``follow`` told about a session."""

    events: list[EventFound] = field(default_factory=list)
    end: Exited | Lost | None = None

    @property
    def contents(self) -> list[str | None]:
        return [found.line.content for found in self.events]

    @property
    def exited(self) -> Exited:
        assert isinstance(self.end, Exited), self.end
        return self.end


async def life(runner: Runner, spec: SessionSpec, events_from: int = 0) -> Life:
    told = Life()
    async with asyncio.timeout(LIMIT_S):
        async for fact in runner.follow(spec.id, token=spec.token, epoch=spec.epoch, events_from=events_from):
            if isinstance(fact, EventFound):
                told.events.append(fact)
            elif isinstance(fact, Exited | Lost):
                told.end = fact
    return told


async def ran(runner: Runner, spec: SessionSpec) -> Life:
    await runner.start(spec)
    return await life(runner, spec)


async def output(runner: Runner, spec: SessionSpec) -> bytes:
    data = b""
    while piece := await runner.read(spec.id, "out.log", offset=len(data)):
        data += piece
    return data


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(LIMIT_S):
        while not await look():  # noqa: ASYNC110 - what is awaited happens in other processes
            await asyncio.sleep(0.01)


async def shows(runner: Runner, spec: SessionSpec, text: bytes) -> None:
    """Wait until the session's output has ``text``."""

    async def has_text() -> bool:
        return text in await output(runner, spec)

    await until(has_text)


async def gone(pid: int) -> None:
    """Wait until a process has ended."""

    async def is_gone() -> bool:
        return not is_alive(pid)

    await until(is_gone)


async def exited(runner: Runner, *ids: str) -> None:
    """Wait, without any connection, until sessions have ended."""

    async def have_exited() -> bool:
        return all([isinstance(await runner.poll(each), Exited) for each in ids])

    await until(have_exited)


async def first_event(runner: Runner, spec: SessionSpec) -> EventFound:
    """The first event, while the session goes on."""
    following = runner.follow(spec.id, token=spec.token, epoch=spec.epoch, events_from=0)
    async with asyncio.timeout(LIMIT_S), aclosing(following):
        found = await anext(following)
    assert isinstance(found, EventFound)
    return found


async def terminal_of(runner: Runner, spec: SessionSpec, role: Any = "typist", offset: int = 0) -> Terminal:
    return await runner.attach(spec.id, token=spec.token, epoch=spec.epoch, role=role, offset=offset)


async def shown(terminal: Terminal, text: bytes = b"\0never") -> tuple[bytes, Exited | None]:
    """Output until it has ``text``, or until the end."""
    data = b""
    async with asyncio.timeout(LIMIT_S):
        async for fact in terminal:
            if isinstance(fact, Exited):
                return data, fact
            if isinstance(fact, Output):
                data += fact.data
                if text in data:
                    break
    return data, None


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


class TestStart:
    async def test_the_agent_runs_in_a_terminal_of_its_own(self, runner: Runner) -> None:
        spec = a_spec('tty; ps -o sid= -p $$; echo "pid $$"; stty size', rows=31, cols=99)
        child = await runner.start(spec)
        await life(runner, spec)

        tty, sid, pid, size = (await output(runner, spec)).decode().splitlines()
        assert tty.startswith("/dev/pts/")
        assert (int(sid), pid, size) == (child.pid, f"pid {child.pid}", "31 99")

    async def test_environment_is_exactly_what_was_specified(self, runner: Runner, tmp_path: Path) -> None:
        spec = a_spec(
            None, interpreters=(("env",),), env={"A": "1", "PATH": "/usr/bin:/bin"}, path_prefix=str(tmp_path)
        )
        await ran(runner, spec)

        seen = dict(line.split("=", 1) for line in (await output(runner, spec)).decode().split())
        assert seen.pop("CHAINWRIGHT_EVENTS").endswith(f"/{spec.id}/events")
        assert seen.pop("OUT").endswith(f"/{spec.id}/files/out")
        assert seen == {"A": "1", "PATH": f"{tmp_path}:/usr/bin:/bin"}

    async def test_working_folder_files_and_script_are_there(self, runner: Runner, tmp_path: Path) -> None:
        spec = a_spec(
            'pwd; cat "$PROMPT"', cwd=str(tmp_path), files={"prompt": "do it"}, path_env={"PROMPT": "files/prompt"}
        )
        await ran(runner, spec)

        assert await output(runner, spec) == f"{tmp_path}\r\ndo it".encode()
        assert await runner.read(spec.id, "files/script") == b'pwd; cat "$PROMPT"'

    async def test_the_first_interpreter_that_exists_is_used(self, runner: Runner) -> None:
        spec = a_spec("echo $0", interpreters=(("no-such-shell",), ("sh", "-e")))
        await ran(runner, spec)

        assert (await output(runner, spec)).endswith(b"/files/script\r\n")

    async def test_no_interpreter_is_refused_by_name_and_leaves_no_trace_of_a_run(self, runner: Runner) -> None:
        spec = a_spec(interpreters=(("no-such-shell",), ("nor-this",)))
        with pytest.raises(CannotStart, match="no-such-shell, nor-this"):
            await runner.start(spec)

        assert await runner.poll(spec.id) == NeverRan()

    async def test_a_missing_working_folder_is_refused_by_name(self, runner: Runner) -> None:
        with pytest.raises(CannotStart, match="/no/such/folder"):
            await runner.start(a_spec(cwd="/no/such/folder"))

    async def test_a_refused_start_can_be_repeated_with_a_better_specification(self, runner: Runner) -> None:
        with pytest.raises(CannotStart):
            await runner.start(a_spec(cwd="/no/such/folder"))

        assert (await ran(runner, a_spec("exit 4"))).exited.exit.code == 4

    async def test_a_program_that_cannot_be_executed_ends_with_127_and_why(
        self, runner: Runner, tmp_path: Path
    ) -> None:
        program = tmp_path / "broken"
        program.write_text("#!/no/such/loader\n")
        program.chmod(0o755)
        end = (await ran(runner, a_spec(None, interpreters=((str(program),),)))).exited.exit

        assert end.code == 127
        assert str(program) in end.error

    async def test_what_cannot_be_an_environment_ends_with_126_and_why(self, runner: Runner) -> None:
        spec = a_spec(env={"PATH": os.environ["PATH"], "X": "a\0b"})
        end = (await ran(runner, spec)).exited.exit

        assert end.code == 126
        assert "null byte" in end.error

    async def test_a_second_start_returns_the_first(self, runner: Runner) -> None:
        spec = a_spec("echo once; read -r _")
        first = await runner.start(spec)
        assert await runner.start(spec) == first

        await shows(runner, spec, b"once")
        await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0)
        await life(runner, spec)
        assert await runner.start(spec) == first
        assert (await output(runner, spec)).count(b"once") == 1

    async def test_starts_at_the_same_time_run_it_once(self, runner: Runner) -> None:
        spec = a_spec("echo once")
        children = await asyncio.gather(*(runner.start(spec) for _ in range(5)))
        await life(runner, spec)

        assert len(set(children)) == 1
        assert await output(runner, spec) == b"once\r\n"

    async def test_an_agent_finds_signals_as_any_program_does(self, runner: Runner) -> None:
        """INT, PIPE, TERM and HUP are not ignored, and nothing is blocked."""
        spec = a_spec("grep -E 'Sig(Ign|Blk)' /proc/self/status")
        await ran(runner, spec)

        masks = [int(line.split()[1], 16) for line in (await output(runner, spec)).splitlines()]
        of_the_c_library = 0b11 << 31  # 32 and 33: no program can set them, and some parents leave them ignored
        assert [mask & ~of_the_c_library for mask in masks] == [0, 0]


class TestOutput:
    async def test_megabytes_arrive_byte_for_byte(self, runner: Runner) -> None:
        spec = a_spec("stty -opost; seq 1 700000")
        end = (await ran(runner, spec)).exited.exit
        expected = b"".join(b"%d\n" % number for number in range(1, 700_001))

        assert await output(runner, spec) == expected
        assert end.size == len(expected)

    async def test_a_viewer_gets_all_of_it_while_it_is_written(self, runner: Runner) -> None:
        spec = a_spec("stty -opost; seq 1 200000")
        await runner.start(spec)
        terminal = await terminal_of(runner, spec, "viewer")
        data, end = await shown(terminal)
        await terminal.close()

        assert data == b"".join(b"%d\n" % number for number in range(1, 200_001))
        assert end is not None

    async def test_a_viewer_may_begin_anywhere_also_after_the_end(self, runner: Runner) -> None:
        spec = a_spec("printf 0123456789")
        await ran(runner, spec)
        terminal = await terminal_of(runner, spec, "viewer", offset=7)

        assert (await shown(terminal))[0] == b"789"
        await terminal.close()

    async def test_a_viewer_who_does_not_read_holds_nobody_up(self, runner: Runner) -> None:
        spec = a_spec("stty -opost; seq 1 500000")
        await runner.start(spec)
        slow = await terminal_of(runner, spec, "viewer")
        await life(runner, spec)
        data, _ = await shown(slow)
        await slow.close()

        assert len(data) == len(await output(runner, spec)) == 3_388_895

    async def test_secrets_are_masked_before_the_disk(self, runner: Runner) -> None:
        """semantics.md 36"""
        spec = a_spec(
            "printf 'a s3cr'; printf 'et b s3'; printf 'x\\n'; printf 'two\\nlines'", masks=("s3cret", "two\nlines")
        )
        end = (await ran(runner, spec)).exited.exit

        assert await output(runner, spec) == b"a *** b s3x\r\n***"
        assert end.size == len(b"a *** b s3x\r\n***")

    async def test_what_an_agent_leaves_is_masked_before_anybody_reads_it(self, runner: Runner) -> None:
        """semantics.md 36: event files, also those that have been taken, and the files that it writes for the daemon."""
        drops = "printf 'data: s3cret' > $CHAINWRIGHT_EVENTS/new/bare.yaml; printf '{\"a\":\"xs3cret\"}' > $CHAINWRIGHT_EVENTS/new/e.json"
        spec = a_spec(
            f"{drops}; echo a=s3cret > $OUTPUT",
            masks=("s3cret",),
            path_env={"CHAINWRIGHT_EVENTS": "events", "OUTPUT": "files/output"},
        )
        found = await ran(runner, spec)
        log = await runner.read(spec.id, "events.log")

        assert sorted(event.line.content or "" for event in found.events) == ["data: (masked)", '{"a":"x(masked)"}']
        assert b"s3cret" not in log
        assert await runner.read(spec.id, "files/output") == b"a=(masked)\n"

    async def test_a_log_that_may_only_drop_counts_what_it_drops(self, runner: Runner) -> None:
        spec = a_spec("printf 0123456789", limits={"max_log_bytes": 4, "on_max_log": "drop"})
        end = (await ran(runner, spec)).exited.exit

        assert (await output(runner, spec), end.dropped, end.code) == (b"0123", 6, 0)

    async def test_a_log_that_must_not_grow_ends_the_agent(self, runner: Runner) -> None:
        spec = a_spec("yes", limits={"max_log_bytes": 10_000, "on_max_log": "kill"})
        end = (await ran(runner, spec)).exited.exit

        assert (end.ended_by, end.signal, end.size) == ("log-full", signal.SIGTERM, 10_000)

    async def test_a_log_that_blocks_holds_the_agent(self, runner: Runner) -> None:
        spec = a_spec("yes", limits={"max_log_bytes": 10_000, "on_max_log": "block", "timeout_s": 0.5})
        end = (await ran(runner, spec)).exited.exit

        assert (end.ended_by, end.size) == ("timeout", 10_000)

    async def test_reading_is_confined_to_the_files_of_the_session(self, runner: Runner) -> None:
        spec = a_spec("ln -s /etc/hostname $OUT")
        await ran(runner, spec)

        for file in ("child.json", "../other/out.log", "files/../lock", "/etc/hostname", "files/out"):
            with pytest.raises(RunnerError):
                await runner.read(spec.id, file)
        assert await runner.read(spec.id, "files/none") == b""


class TestEnd:
    @pytest.mark.parametrize(
        ("script", "code", "number"), [("exit 3", 3, None), ("kill -9 $$", None, 9), ("true", 0, None)]
    )
    async def test_code_or_signal_is_recorded(
        self, runner: Runner, script: str, code: int | None, number: int | None
    ) -> None:
        end = (await ran(runner, a_spec(script))).exited.exit

        assert (end.code, end.signal, end.ended_by) == (code, number, "exit")

    async def test_the_end_is_the_same_however_often_one_asks(self, runner: Runner) -> None:
        spec = a_spec("exit 3")
        first = (await ran(runner, spec)).end

        assert (await life(runner, spec)).end == first == await runner.poll(spec.id)

    async def test_stop_asks_politely_first(self, runner: Runner) -> None:
        spec = a_spec("trap 'echo bye; exit 0' TERM; echo ready; while :; do read -t 1 -r _ || :; done")
        await runner.start(spec)
        await shows(runner, spec, b"ready")
        await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=20)
        end = (await life(runner, spec)).exited.exit

        assert (end.ended_by, end.code) == ("stop", 0)
        assert b"bye" in await output(runner, spec)

    async def test_stop_kills_who_does_not_listen(self, runner: Runner) -> None:
        spec = a_spec("trap '' TERM; echo ready; while :; do read -t 1 -r _ || :; done")
        await runner.start(spec)
        await shows(runner, spec, b"ready")
        await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0.1)
        end = (await life(runner, spec)).exited.exit

        assert (end.ended_by, end.signal) == ("stop", signal.SIGKILL)

    async def test_time_out_and_stall_hold_while_nobody_is_connected(self, runner: Runner) -> None:
        """semantics.md 35"""
        late = a_spec("sleep 60", id="late", limits={"timeout_s": 0.2})
        mute = a_spec("echo a; sleep 60", id="mute", limits={"idle_timeout_s": 0.2})
        await runner.start(late)
        await runner.start(mute)
        await exited(runner, "late", "mute")

        assert (await life(runner, late)).exited.exit.ended_by == "timeout"
        assert (await life(runner, mute)).exited.exit.ended_by == "stall"

    async def test_an_agent_that_talks_all_the_time_is_read_to_the_last_byte_though_nobody_watches(
        self, runner: Runner
    ) -> None:
        """Also where it is read in longer steps for that, and looks silent in between."""
        spec = a_spec("for i in $(seq 40); do echo $i; sleep 0.05; done", limits={"idle_timeout_s": 0.3})
        end = (await ran(runner, spec)).exited.exit

        assert end.ended_by == "exit"
        assert (await output(runner, spec)).split() == [b"%d" % number for number in range(1, 41)]

    async def test_output_keeps_a_stall_away(self, runner: Runner) -> None:
        spec = a_spec("for i in 1 2 3 4 5 6; do echo; sleep 0.1; done", limits={"idle_timeout_s": 0.4})

        assert (await ran(runner, spec)).exited.exit.ended_by == "exit"

    async def test_nothing_survives_its_attempt(self, runner: Runner) -> None:
        """Also not a process that left the group and session, closed its terminal, and lost its parent."""
        spec = a_spec(
            "(setsid sh -c 'trap \"\" TERM HUP; echo $$ >$OUT; exec sleep 600' </dev/null >/dev/null 2>&1 &) ; "
            "while ! test -s $OUT; do :; done",
            limits={"grace_s": 0.2},
        )
        await ran(runner, spec)
        pid = int(await runner.read(spec.id, "files/out"))

        assert not is_alive(pid)

    async def test_what_grandchildren_still_write_is_kept(self, runner: Runner) -> None:
        spec = a_spec("(trap '' HUP; echo >$OUT; sleep 0.3; echo late) & while ! test -s $OUT; do :; done")
        await ran(runner, spec)

        assert b"late" in await output(runner, spec)

    async def test_grandchildren_that_do_not_end_do_not_hold_the_end_up(self, runner: Runner) -> None:
        spec = a_spec("(trap '' HUP; echo >$OUT; exec sleep 600) & while ! test -s $OUT; do :; done; exit 5")

        assert (await ran(runner, spec)).exited.exit.code == 5

    async def test_a_killed_session_host_is_lost_and_nothing_runs_again(self, runner: Runner) -> None:
        spec = a_spec("echo once; sleep 600")
        child = await runner.start(spec)
        await shows(runner, spec, b"once")
        os.kill(child.host_pid, signal.SIGKILL)
        end = (await life(runner, spec)).end

        assert isinstance(end, Lost)
        assert await runner.start(spec) == child
        assert isinstance(await runner.poll(spec.id), Lost)
        assert await output(runner, spec) == b"once\r\n"

    async def test_processes_left_by_a_killed_session_host_are_known_and_can_be_ended(self, runner: Runner) -> None:
        spec = a_spec("trap '' HUP; (trap '' HUP; exec sleep 600) & echo ready; wait")
        child = await runner.start(spec)
        await shows(runner, spec, b"ready")
        os.kill(child.host_pid, signal.SIGKILL)
        end = (await life(runner, spec)).end
        assert isinstance(end, Lost)
        assert not end.group_gone

        await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0)

        async def group_gone() -> bool:
            now = await runner.poll(spec.id)
            return isinstance(now, Lost) and now.group_gone

        await until(group_gone)


class TestTyping:
    CAT = "stty -echo -icanon; echo ready; exec cat"

    async def started(self, runner: Runner) -> tuple[SessionSpec, Terminal]:
        spec = a_spec(self.CAT)
        await runner.start(spec)
        await shows(runner, spec, b"ready")
        return spec, await terminal_of(runner, spec, offset=len(b"ready\r\n"))

    async def test_only_the_next_in_sequence_is_applied(self, runner: Runner) -> None:
        _, terminal = await self.started(runner)
        for seq, data in ((1, b"a"), (1, b"A"), (3, b"C"), (2, b"b"), (3, b"c\n"), (2, b"B")):
            await terminal.send(seq, data)
        data, _ = await shown(terminal, b"\n")
        await terminal.close()

        assert data == b"abc\r\n"

    async def test_the_sequence_survives_a_new_connection(self, runner: Runner) -> None:
        spec, first = await self.started(runner)
        assert first.input_seq == 0
        await first.send(1, b"one\n")
        await shown(first, b"one")
        await first.close()
        second = await terminal_of(runner, spec, offset=len(b"ready\r\n"))
        assert second.input_seq == 1
        await second.send(1, b"one\n")
        await second.send(2, b"two\n")

        assert (await shown(second, b"two\r\n"))[0] == b"one\r\ntwo\r\n"
        await second.close()

    async def test_taken_input_is_acknowledged(self, runner: Runner) -> None:
        _, terminal = await self.started(runner)
        await terminal.send(1, b"x")
        async with asyncio.timeout(LIMIT_S):
            async for fact in terminal:
                if fact == InputTaken(seq=1):
                    break
        await terminal.close()

    async def test_an_agent_that_reads_nothing_holds_nobody_up(self, runner: Runner) -> None:
        spec = a_spec("stty raw -echo; echo ready; sleep 600")
        await runner.start(spec)
        await shows(runner, spec, b"ready")
        terminal = await terminal_of(runner, spec)
        for seq in range(1, 20):
            await terminal.send(seq, b"x" * 10_000)
        await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=1)

        assert (await life(runner, spec)).exited.exit.ended_by == "stop"
        await terminal.close()

    async def test_resize_and_signal_reach_the_agent(self, runner: Runner) -> None:
        spec = a_spec("trap 'stty size' WINCH; trap 'echo usr; exit 0' USR1; echo ready; while :; do sleep 0.02; done")
        await runner.start(spec)
        await shows(runner, spec, b"ready")
        terminal = await terminal_of(runner, spec)
        await terminal.resize(12, 34)
        await shown(terminal, b"12 34")
        await terminal.signal(signal.SIGUSR1)

        assert (await life(runner, spec)).exited.exit.code == 0
        await terminal.close()

    async def test_a_viewer_may_not_act(self, runner: Runner) -> None:
        spec, typist = await self.started(runner)
        viewer = await terminal_of(runner, spec, "viewer")
        with pytest.raises(RunnerError, match="viewer"):
            await viewer.send(1, b"x")
        await viewer.close()
        await typist.close()


class TestOwners:
    async def test_a_wrong_token_is_denied(self, runner: Runner) -> None:
        spec = a_spec("sleep 600")
        await runner.start(spec)
        with pytest.raises(Denied):
            await runner.attach(spec.id, token="other", epoch=1, role="viewer", offset=0)
        with pytest.raises(Denied):
            await runner.stop(spec.id, token="other", epoch=1, grace_s=0)

        assert isinstance(await runner.poll(spec.id), Running)

    async def test_a_lower_epoch_may_look_but_not_act(self, runner: Runner) -> None:
        spec = a_spec("stty -echo; echo ready; exec cat")
        await runner.start(spec)
        await shows(runner, spec, b"ready")
        old = await terminal_of(runner, spec)
        newer = await terminal_of(runner, replace(spec, epoch=2))
        await newer.send(1, b"new\n")

        assert b"new" in (await shown(old, b"new"))[0]
        with pytest.raises(Fenced):
            await old.send(2, b"old\n")
        with pytest.raises(Fenced):
            await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=0)
        await newer.close()
        await old.close()
        assert isinstance(await runner.poll(spec.id), Running)

    async def test_only_ended_and_acknowledged_folders_are_removed(self, runner: Runner) -> None:
        spec = a_spec("read -r _")
        await runner.start(spec)
        with pytest.raises(RunnerError):
            await runner.remove(spec.id)
        with pytest.raises(RunnerError):
            await runner.forget(spec.id, token=spec.token, epoch=1)
        await runner.stop(spec.id, token=spec.token, epoch=1, grace_s=1)
        await life(runner, spec)
        with pytest.raises(RunnerError):
            await runner.remove(spec.id)
        await runner.forget(spec.id, token=spec.token, epoch=1)
        assert await output(runner, spec) == b""
        await runner.remove(spec.id)

        assert await runner.sessions() == []
        assert await runner.poll(spec.id) == NeverRan()

    async def test_what_was_never_forgotten_is_told(self, runner: Runner) -> None:
        await runner.start(a_spec("sleep 60", id="lives"))
        for name in ("ended", "forgotten"):
            await ran(runner, a_spec(id=name))
        await runner.forget("forgotten", token="token", epoch=1)

        assert sorted(await runner.unacknowledged()) == ["ended", "lives"]

    async def test_forget_lets_the_session_host_go_and_the_folder_stays_readable(self, runner: Runner) -> None:
        spec = a_spec("echo out; echo >$CHAINWRIGHT_EVENTS/new/e")
        child = await runner.start(spec)
        told = await life(runner, spec)
        await runner.forget(spec.id, token=spec.token, epoch=1)
        await runner.forget(spec.id, token=spec.token, epoch=1)
        await gone(child.host_pid)

        assert await life(runner, spec) == told
        assert await output(runner, spec) == b"out\r\n"

    async def test_an_ended_session_lingers_only_as_long_as_it_may(self, runner: Runner) -> None:
        spec = a_spec(limits={"linger_s": 0.05})
        child = await runner.start(spec)
        await gone(child.host_pid)

        assert (await life(runner, spec)).exited.exit.code == 0

    async def test_sessions_lists_every_folder(self, runner: Runner) -> None:
        await ran(runner, a_spec(id="a"))
        await runner.start(a_spec("sleep 600", id="b"))
        found = {each.id: each for each in await runner.sessions()}

        assert [found["a"].status, found["b"].status] == ["exited", "running"]
        assert (found["a"].acknowledged, found["a"].ended_at is None, found["b"].ended_at) == (False, False, None)


class TestEvents:
    """semantics.md 9, state.md "Event files"."""

    async def test_events_come_in_order_and_before_the_end(self, runner: Runner) -> None:
        spec = a_spec(
            "for i in 1 2 3 4 5; do echo $i >$CHAINWRIGHT_EVENTS/tmp/e; "
            "mv $CHAINWRIGHT_EVENTS/tmp/e $CHAINWRIGHT_EVENTS/new/e$i; done"
        )
        told = await ran(runner, spec)

        assert told.contents == ["1\n", "2\n", "3\n", "4\n", "5\n"]
        assert [found.line.n for found in told.events] == [1, 2, 3, 4, 5]
        assert told.exited.exit.events_size == told.events[-1].offset

    async def test_an_event_is_told_while_the_agent_runs(self, runner: Runner) -> None:
        spec = a_spec("cd $CHAINWRIGHT_EVENTS; echo early >tmp/e; mv tmp/e new/e; sleep 600")
        await runner.start(spec)

        assert (await first_event(runner, spec)).line.content == "early\n"
        assert isinstance(await runner.poll(spec.id), Running)

    async def test_following_goes_on_from_an_offset(self, runner: Runner) -> None:
        spec = a_spec("for i in 1 2 3; do echo $i >$CHAINWRIGHT_EVENTS/new/e$i; done")
        told = await ran(runner, spec)
        rest = await life(runner, spec, events_from=told.events[0].offset)

        assert rest.events == told.events[1:]
        assert (await life(runner, spec, events_from=told.events[-1].offset)).events == []

    async def test_an_event_written_just_before_the_end_is_told(self, runner: Runner) -> None:
        spec = a_spec("echo '{}' >$CHAINWRIGHT_EVENTS/new/last; exit 0")

        assert (await ran(runner, spec)).contents == ["{}\n"]

    async def test_a_plain_write_counts_and_half_of_one_is_refused(self, runner: Runner) -> None:
        spec = a_spec(
            """cd $CHAINWRIGHT_EVENTS; echo '{"a": 1}' >whole.json; echo '{"a":' >half.json; echo x >.hidden"""
        )
        told = await ran(runner, spec)
        seen = {found.line.file: found.line for found in told.events}

        assert sorted(seen) == ["half.json", "whole.json"]
        assert seen["whole.json"].content == '{"a": 1}\n'
        assert "not JSON" in (seen["half.json"].refused or "")

    async def test_a_plain_write_is_told_while_the_agent_runs(self, runner: Runner) -> None:
        spec = a_spec("echo '{}' >$CHAINWRIGHT_EVENTS/e.json; sleep 600", limits={"scan_s": 0.05})
        await runner.start(spec)

        assert (await first_event(runner, spec)).line.content == "{}\n"

    @pytest.mark.parametrize(
        ("make", "why"),
        [
            ("mkfifo new/odd", "named pipe"),
            ("ln -s /etc/hostname new/odd", "symbolic link"),
            ("echo x >tmp/x; ln tmp/x new/odd", "hard link"),
            ("mkdir new/odd", "folder"),
            ("head -c 300000 /dev/zero >tmp/x; mv tmp/x new/odd", "larger than 262144"),
            ("printf '\\377\\376' >tmp/x; mv tmp/x new/odd", "not UTF-8"),
            ("head -c 250000 /dev/zero >tmp/x; mv tmp/x new/odd", "too large once written"),
            ("mkfifo odd", "named pipe"),
            ("ln -s /etc/hostname odd", "symbolic link"),
        ],
    )
    async def test_what_is_no_event_is_refused_visibly_and_holds_nothing_up(
        self, runner: Runner, make: str, why: str
    ) -> None:
        spec = a_spec(f"cd $CHAINWRIGHT_EVENTS; {make}; echo good >tmp/y; mv tmp/y new/z")
        told = await ran(runner, spec)
        odd = next(found.line for found in told.events if found.line.file == "odd")

        assert why in (odd.refused or "")
        assert "good\n" in told.contents

    @pytest.mark.parametrize(
        "harm",
        [
            "rm -rf $CHAINWRIGHT_EVENTS",
            "chmod 0 new done",
            "rm -r new; ln -s /etc new",
            "rm -r new; echo >new",
            "rm -r done; mkfifo done",
        ],
    )
    async def test_an_agent_that_breaks_its_folders_breaks_nothing_else(self, runner: Runner, harm: str) -> None:
        spec = a_spec(f"cd $CHAINWRIGHT_EVENTS; {harm}; sleep 0.2; exit 5", limits={"scan_s": 0.05})

        assert (await ran(runner, spec)).exited.exit.code == 5

    async def test_a_folder_of_events_that_was_replaced_is_found_again(self, runner: Runner) -> None:
        spec = a_spec("cd $CHAINWRIGHT_EVENTS; rm -r new; mkdir new; echo >new/a; rm -r done; exit 0")

        assert [found.line.file for found in (await ran(runner, spec)).events] == ["a"]

    async def test_a_burst_of_events_is_told_whole_and_in_order(self, runner: Runner) -> None:
        count = 40_000
        program = (
            "import os\nos.chdir(os.environ['CHAINWRIGHT_EVENTS'])\n"
            f"for i in range({count}):\n"
            "    open('tmp/%05d' % i, 'w').write(str(i))\n"
            f"for i in range({count}):\n"
            "    os.rename('tmp/%05d' % i, 'new/%05d' % i)\n"
        )
        spec = a_spec(program, interpreters=(("python3", "-S", "-E"),))
        told = await ran(runner, spec)

        assert told.contents == [str(number) for number in range(count)]
