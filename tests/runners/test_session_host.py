"""The session host by itself: its file, its filter, its protocol, and its deaths. What it does for a runner is in the conformance
suite."""

import ast
import asyncio
import itertools
import json
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainwright.runners import session_host
from chainwright.runners.local import LocalRunner
from chainwright.runners.port import Exited, HostUnreachable, Lost, NeverRan, RunnerError, Running
from chainwright.runners.session_host import Mask
from chainwright.schemas.session import CHILD_JSON, EXIT_JSON, OLDEST_PROTOCOL, PROTOCOL, SPEC_JSON, SessionSpec

SOURCE = Path(session_host.__file__)
INPUT, RESIZE, SIGNAL, FORGET, STAT, STOP = 1, 2, 3, 5, 6, 16
OUT, EXIT, ACK, HELLO, EVENT, STATUS = 65, 66, 67, 68, 69, 70
LIMIT_S = 20.0

Connect = Callable[..., Any]
MakeSpec = Callable[..., SessionSpec]


async def end_of(runner: LocalRunner, session_id: str = "a1") -> Exited | Lost:
    async with asyncio.timeout(LIMIT_S):
        async for fact in runner.follow(session_id, token="token", epoch=1, events_from=0):
            if isinstance(fact, Exited | Lost):
                return fact
    raise AssertionError("a life without an end")


def run(*arguments: str | Path, given: bytes = b"", python: str = sys.executable) -> subprocess.CompletedProcess[bytes]:
    """The file as a command."""
    command = [python, "-I", "-S", SOURCE, *arguments]
    return subprocess.run(command, input=given, capture_output=True, timeout=LIMIT_S, check=False)


def exists(python: str) -> bool:
    """Whether that interpreter is here, and is not just a version manager's promise."""
    found = shutil.which(python) is not None
    return (
        found and subprocess.run([python, "-c", ""], capture_output=True, timeout=LIMIT_S, check=False).returncode == 0
    )


class TestFile:
    def test_it_is_python_3_6(self) -> None:
        ast.parse(SOURCE.read_text(), feature_version=(3, 6))

    @pytest.mark.parametrize("python", ["python3.6", "python3.8", "python3.12"])
    async def test_it_runs_on_other_pythons(
        self, python: str, local: LocalRunner, a_spec: MakeSpec, tmp_path: Path
    ) -> None:
        if not exists(python):
            pytest.skip(f"CAPABILITY: no {python} on this machine")
        given = SPEC_JSON.dump_json(a_spec("echo out; echo >$CHAINWRIGHT_EVENTS/new/e; exit 3", masks=("secret",)))
        assert json.loads(run("start", tmp_path / "s" / "a1", given=given, python=python).stdout)["ok"] is True
        end = await end_of(local)

        assert isinstance(end, Exited)
        assert (end.exit.code, end.exit.events_size > 0) == (3, True)
        assert await local.read("a1", "out.log") == b"out\r\n"

    def test_it_needs_nothing_but_the_standard_library(self) -> None:
        nodes = list(ast.walk(ast.parse(SOURCE.read_text())))
        names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}

        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names

    def test_it_speaks_the_protocol_of_the_schemas(self) -> None:
        assert session_host.PROTO == PROTOCOL
        assert session_host.OLDEST == OLDEST_PROTOCOL

    def test_start_prints_one_line_and_leaves_records_that_the_schemas_read(
        self, a_spec: MakeSpec, tmp_path: Path
    ) -> None:
        folder = tmp_path / "s" / "a1"
        spec = SPEC_JSON.dump_json(a_spec("exit 3", limits={"linger_s": 0.0}))
        line = run("start", folder, given=spec)
        answer = json.loads(line.stdout)

        assert answer["ok"] is True
        assert CHILD_JSON.validate_python(answer["child"]) == CHILD_JSON.validate_json(
            (folder / "child.json").read_bytes()
        )

    def test_a_wrong_command_line_is_answered_with_the_right_ones(self) -> None:
        said = run("begin")

        assert said.returncode == 2
        assert b"start DIR" in said.stderr

    def test_a_specification_that_cannot_be_read_is_refused(self, tmp_path: Path) -> None:
        said = run("start", tmp_path / "x", given=b'{"id": "x"}')

        assert json.loads(said.stdout)["kind"] == "cannot-start"


class TestMask:
    @given(st.lists(st.text("abc\n", min_size=1, max_size=4), max_size=4), st.text("abcx\n", max_size=60), st.data())
    def test_where_the_stream_is_cut_makes_no_difference(
        self, secrets: list[str], text: str, data: st.DataObject
    ) -> None:
        whole, piecewise, stream = Mask(secrets), Mask(secrets), text.encode()
        cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
        edges = [0, *cuts, len(stream)]
        parts = [stream[a:b] for a, b in itertools.pairwise(edges)]

        assert b"".join(map(piecewise.feed, parts)) + piecewise.rest() == whole.feed(stream) + whole.rest()

    @given(st.lists(st.text("ab", min_size=2, max_size=4), min_size=1, max_size=3), st.text("abx", max_size=40))
    def test_no_secret_is_let_through(self, secrets: list[str], text: str) -> None:
        mask = Mask(secrets)
        shown = mask.feed(text.encode()) + mask.rest()

        assert not any(secret.encode() in piece for secret in secrets for piece in shown.split(b"***"))

    def test_the_longer_of_two_secrets_is_meant(self) -> None:
        mask = Mask(["abc", "abcdef"])

        assert mask.feed(b"abcdef abc ") == b"*** *** "

    def test_the_beginning_of_a_secret_waits_for_its_rest(self) -> None:
        mask = Mask(["secret"])

        assert [mask.feed(b"a sec"), mask.feed(b"ond "), mask.feed(b"sec"), mask.rest()] == [
            b"a ",
            b"second ",
            b"",
            b"sec",
        ]

    def test_an_empty_secret_masks_nothing(self) -> None:
        assert Mask([""]).feed(b"all") == b"all"


@dataclass(frozen=True)
class Crash:
    """Where the session host dies, whether the agent may have run, and what the files say then."""

    label: str
    may_run: bool
    status: type


CRASHES = [
    Crash("before-record", False, NeverRan),
    Crash("before-gate", False, Lost),
    Crash("after-gate", True, Lost),
    Crash("events-appended", True, Lost),
    Crash("before-exit-record", True, Lost),
    Crash("after-exit-record", True, Exited),
]


class TestDeath:
    @pytest.mark.parametrize("crash", CRASHES, ids=lambda crash: crash.label)
    async def test_at_every_crash_point_the_files_say_what_is_true(
        self,
        make_runner: Callable[..., LocalRunner],
        a_spec: MakeSpec,
        monkeypatch: pytest.MonkeyPatch,
        crash: Crash,
    ) -> None:
        monkeypatch.setenv("CHAINWRIGHT_CRASH_AT", crash.label)
        runner = make_runner()
        await runner.open()
        try:
            await runner.start(a_spec("echo >$OUT; echo >$CHAINWRIGHT_EVENTS/new/e"))
        except HostUnreachable:
            assert crash.label == "before-record"
        else:
            await end_of(runner)

        assert isinstance(await runner.poll("a1"), crash.status)
        assert crash.may_run or not await runner.read("a1", "files/out")
        await runner.close()

    async def test_after_a_death_before_the_record_the_session_is_started_safely(
        self, make_runner: Callable[..., LocalRunner], a_spec: MakeSpec, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CHAINWRIGHT_CRASH_AT", "before-record")
        first = make_runner()
        await first.open()
        with pytest.raises(HostUnreachable):
            await first.start(a_spec("echo ran >>$OUT"))
        await first.close()
        monkeypatch.delenv("CHAINWRIGHT_CRASH_AT")
        second = make_runner()
        await second.open()
        await second.start(a_spec("echo ran >>$OUT"))

        assert isinstance(await end_of(second), Exited)
        assert await second.read("a1", "files/out") == b"ran\n"
        await second.close()


@pytest.fixture
async def session(local: LocalRunner, a_spec: MakeSpec) -> LocalRunner:
    """A runner with a session that waits."""
    await local.start(a_spec("stty -echo; echo ready; read -r _"))
    return local


class TestForkServer:
    def test_a_spare_that_was_quick_is_not_taken_for_a_dead_one(self) -> None:
        """It may have taken the request and closed its line before the sender looks again."""

        class Line:
            def sendmsg(self, parts: list[bytes], _rights: object) -> int:
                return len(b"".join(parts))

            def sendall(self, _rest: bytes) -> None:
                raise BrokenPipeError

        session_host.send_with_fds(Line(), b"", [0])  # type: ignore[arg-type]  # a line that is closed at that moment


class TestProtocol:
    async def test_the_first_frame_must_open(self, session: LocalRunner, connect: Connect) -> None:
        client = connect()
        client.send(STAT)

        assert b"before OPEN" in client.next()[1]
        assert client.next() == (-1, b"")

    @pytest.mark.parametrize(
        ("wish", "why"),
        [
            ({"token": "x"}, b"denied"),
            ({"proto": 99}, b"protocol 99 to 99 is asked for"),
            ({"proto": 0}, b"protocol 0 to 0 is asked for"),
            ({"role": "king"}, b"protocol"),
        ],
    )
    async def test_a_wrong_opening_is_answered_and_closed(
        self, session: LocalRunner, connect: Connect, wish: dict[str, Any], why: bytes
    ) -> None:
        client = connect()
        kind, body = client.open(**wish)

        assert kind == STATUS
        assert why in body

    async def test_whoever_speaks_newer_ones_too_is_answered(self, session: LocalRunner, connect: Connect) -> None:
        kind, _ = connect().open(proto=PROTOCOL, newest=PROTOCOL + 1)

        assert kind == HELLO

    async def test_hello_tells_how_far_the_session_is(self, session: LocalRunner, connect: Connect) -> None:
        kind, body = connect().open()

        assert kind == HELLO
        assert json.loads(body).keys() == {"proto", "pid", "size", "inseq", "epoch"}

    @pytest.mark.parametrize("kind", [INPUT, RESIZE, SIGNAL, STOP, FORGET])
    async def test_a_viewer_is_refused_whatever_acts(self, session: LocalRunner, connect: Connect, kind: int) -> None:
        client = connect()
        client.open(role="viewer")
        client.send(kind, b"\0" * 8)

        assert b"a viewer may not" in client.next()[1]
        assert isinstance(await session.poll("a1"), Running)

    @pytest.mark.parametrize(
        ("kind", "body"), [(7, b""), (200, b""), (RESIZE, b"x"), (SIGNAL, b"\xff"), (INPUT, b"short"), (STOP, b"")]
    )
    async def test_what_is_no_frame_is_never_guessed(
        self, session: LocalRunner, connect: Connect, kind: int, body: bytes
    ) -> None:
        client = connect()
        client.open()
        client.send(kind, body)

        assert b"protocol" in client.next()[1]
        assert client.next() == (-1, b"")
        assert isinstance(await session.poll("a1"), Running)

    async def test_a_frame_that_is_too_long_is_refused_before_it_is_read(
        self, session: LocalRunner, connect: Connect
    ) -> None:
        client = connect()
        client.open()
        client.connection.sendall(struct.pack(">BI", INPUT, 1 << 30))

        assert b"a frame of" in client.next()[1]

    async def test_a_higher_epoch_is_announced_to_those_before(self, session: LocalRunner, connect: Connect) -> None:
        old, new = connect(), connect()
        old.open(epoch=1)
        new.open(epoch=5)
        fenced = json.loads(old.next()[1])
        old.send(STOP, struct.pack(">I", 0))

        assert (fenced["error"], fenced["epoch"]) == ("fenced", 5)
        assert json.loads(old.next()[1])["error"] == "fenced"
        assert isinstance(await session.poll("a1"), Running)

    async def test_more_clients_than_are_served_are_turned_away(self, session: LocalRunner, connect: Connect) -> None:
        clients = [connect() for _ in range(session_host.CLIENTS - 1)]  # one is whoever started it
        assert all(client.open()[0] == HELLO for client in clients)

        assert connect().next() == (-1, b"")

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        frames=st.lists(
            st.one_of(
                st.binary(max_size=40),
                st.tuples(st.integers(0, 255), st.binary(max_size=24)).map(
                    lambda frame: struct.pack(">BI", frame[0], len(frame[1])) + frame[1]
                ),
            ),
            max_size=6,
        ),
        opened=st.booleans(),
    )
    async def test_nothing_that_a_client_sends_disturbs_the_session(
        self, session: LocalRunner, connect: Connect, frames: list[bytes], opened: bool
    ) -> None:
        client = connect()
        if opened:
            client.open(role="viewer")
        for frame in frames:
            try:
                client.connection.sendall(frame)
            except (BrokenPipeError, ConnectionResetError):
                break
        client.connection.close()
        witness = connect()

        assert witness.open(role="viewer")[0] == HELLO
        witness.connection.close()


class TestCommands:
    async def test_read_gives_bytes_of_a_file(self, local: LocalRunner, a_spec: MakeSpec) -> None:
        await local.start(a_spec("printf 0123456789"))
        await end_of(local)

        assert run("read", local.root / "a1", "out.log", "3", "4").stdout == b"3456"

    async def test_attach_shows_the_output_and_types(self, local: LocalRunner, a_spec: MakeSpec) -> None:
        await local.start(a_spec('stty -echo; echo ready; read -r word; echo "got $word"'))
        wish = json.dumps({"token": "token", "epoch": 1, "role": "typist"}).encode()
        attached = await asyncio.create_subprocess_exec(
            sys.executable, SOURCE, "attach", local.root / "a1", "0", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert attached.stdin and attached.stdout
        attached.stdin.write(wish + b"\n")
        async with asyncio.timeout(LIMIT_S):
            assert await attached.stdout.readline() == b"ready\r\n"
            attached.stdin.write(b"this\n")
            assert await attached.stdout.read() == b"got this\r\n"
            await attached.wait()
        attached.stdin.close()

    async def test_attach_to_a_session_without_its_host_shows_what_is_left(
        self, local: LocalRunner, a_spec: MakeSpec
    ) -> None:
        await local.start(a_spec("printf left"))
        await end_of(local)
        await local.forget("a1", token="token", epoch=1)
        shown = run("attach", local.root / "a1", "1", given=b"{}\n")

        assert shown.stdout == b"eft"


@pytest.fixture
def events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An event folder, as the environment names it to agents."""
    for name in ("tmp", "new"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("CHAINWRIGHT_EVENTS", str(tmp_path))
    yield tmp_path / "new"


class TestEmit:
    def dropped(self, events: Path) -> list[Any]:
        return [json.loads(path.read_text()) for path in sorted(events.iterdir())]

    def test_an_event_is_dropped_whole(self, events: Path) -> None:
        assert session_host.main(["emit", "draft.ready", "--data", '{"words": 9}', "--key=k"]) == 0

        assert self.dropped(events) == [{"event": "draft.ready", "data": {"words": 9}, "key": "k"}]
        assert list((events.parent / "tmp").iterdir()) == []

    def test_names_sort_as_they_were_emitted(self, events: Path) -> None:
        for name in "cab":
            session_host.main(["emit", name])

        assert [event["event"] for event in self.dropped(events)] == ["c", "a", "b"]

    def test_data_may_come_from_a_file(self, events: Path) -> None:
        (events.parent / "data").write_text("[1, 2]")
        session_host.main(["emit", "x", "--data", f"@{events.parent / 'data'}"])

        assert self.dropped(events) == [{"event": "x", "data": [1, 2]}]

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            ([], "takes one event's name"),
            (["a", "b"], "takes one event's name"),
            (["not a name"], "no event's name"),
            (["a", "--data", "{broken"], "not JSON"),
            (["a", "--data", "plain"], "needs its own quotes"),
            (["a", "--data", "@/no/such/file"], "No such file"),
            (["a", "--data"], "needs a value"),
            (["a", "--run", "1"], "unknown option --run"),
            (["a", "--data", json.dumps("x" * 300_000)], "262144 are allowed"),
        ],
    )
    def test_a_mistake_is_answered_with_the_fix_and_exit_2(
        self, events: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], why: str
    ) -> None:
        assert session_host.main(["emit", *arguments]) == 2

        assert why in capsys.readouterr().err
        assert self.dropped(events) == []

    def test_outside_of_a_run_it_says_so(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.delenv("CHAINWRIGHT_EVENTS", raising=False)

        assert session_host.main(["emit", "x"]) == 2
        assert "CHAINWRIGHT_EVENTS is not set" in capsys.readouterr().err


class TestRecords:
    async def test_the_end_is_read_by_the_schemas_to_the_last_field(self, local: LocalRunner, a_spec: MakeSpec) -> None:
        await local.start(a_spec("exit 7"))
        await end_of(local)
        text = (local.root / "a1" / "exit.json").read_bytes()

        assert json.loads(text).keys() == json.loads(EXIT_JSON.dump_json(EXIT_JSON.validate_json(text))).keys()

    async def test_secrets_are_nowhere_on_the_disk(self, local: LocalRunner, a_spec: MakeSpec) -> None:
        spec = a_spec("echo $PASSWORD", env={"PATH": "/usr/bin:/bin", "PASSWORD": "hunter22"}, masks=("hunter22",))
        await local.start(spec)
        await end_of(local)

        assert not [path for path in local.root.rglob("*") if path.is_file() and b"hunter22" in path.read_bytes()]

    async def test_a_session_that_never_ran_has_no_life(self, local: LocalRunner) -> None:
        with pytest.raises(RunnerError, match="never ran"):
            await end_of(local)
