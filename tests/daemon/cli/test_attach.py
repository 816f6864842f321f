"""``attach`` at a real terminal."""

import signal
import sys
from typing import Any

import pytest

from chainwright.daemon.core.refusals import Code, Refusal


@pytest.fixture
def link(scripted: Any, make: Any) -> Any:
    scripted.link = make.link()
    return scripted.link


@pytest.fixture
def show(daemon: Any, link: Any) -> Any:
    """Lets the agent's terminal show something."""

    def put(kind: str, data: bytes) -> None:
        daemon.loop.call_soon_threadsafe(link.shown.put_nowait, (kind, data))

    return put


def test_output_is_shown_byte_for_byte_and_the_end_is_told(at_terminal: Any, show: Any, scripted: Any) -> None:
    command = at_terminal("attach", "run-a", "greet")
    command.until(b"watching greet")

    show("output", b"\x1b[1mbold\xc3\xa9\r\n")
    command.until(b"\x1b[1mbold\xc3\xa9\r\n")
    show("exit", b'{"code": 3, "signal": null}')

    assert command.end() == 0
    assert b"[the agent has ended with exit code 3]" in command.seen
    assert command.is_as_before()
    assert scripted.asked[-1] == ("terminal", "att-1", 0, False)


def test_a_person_who_took_over_types_and_leaves_with_ctrl_bracket(
    at_terminal: Any, link: Any, scripted: Any, by_and_by: Any
) -> None:
    command = at_terminal("attach", "run-a", "greet", "--take-over")
    by_and_by(lambda: command.is_raw() and link.sizes)

    command.type(b"ls\x03\x04\r")
    by_and_by(lambda: bytes(link.typed) == b"ls\x03\x04\r")
    command.type(b"bye\x1d")

    assert command.end() == 0
    by_and_by(lambda: bytes(link.typed) == b"ls\x03\x04\rbye")
    assert b"[left; the agent goes on]" in command.seen
    assert command.is_as_before()
    assert scripted.asked[-1] == ("terminal", "att-1", 0, True)


def test_the_windows_size_is_told_at_first_and_when_it_changes(at_terminal: Any, link: Any, by_and_by: Any) -> None:
    command = at_terminal("attach", "run-a", "greet", "--take-over")
    by_and_by(lambda: link.sizes == [(30, 100)])

    command.resize(50, 132)

    by_and_by(lambda: link.sizes == [(30, 100), (50, 132)])
    command.type(b"\x1d")
    assert command.end() == 0


def test_a_watcher_types_nothing_and_ctrl_c_leaves(at_terminal: Any, link: Any, show: Any, by_and_by: Any) -> None:
    command = at_terminal("attach", "run-a", "greet")
    show("output", b"ready")
    command.until(b"ready")

    command.type(b"rm -rf /\r")
    command.type(b"\x03")

    assert command.end() == 0
    assert (bytes(link.typed), link.sizes) == (b"", [])


def test_who_loses_the_keys_is_told_and_types_no_more(at_terminal: Any, link: Any, show: Any, by_and_by: Any) -> None:
    command = at_terminal("attach", "run-a", "greet", "--take-over")
    by_and_by(lambda: link.sizes)

    show("notice", b'{"taken_over_by": "ada"}')
    command.until(b"[ada types now; you watch]")
    command.type(b"hello\x1d")

    assert command.end() == 0
    assert bytes(link.typed) == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(at_terminal: Any, link: Any, by_and_by: Any, number: int) -> None:
    command = at_terminal("attach", "run-a", "greet", "--take-over")
    by_and_by(lambda: link.sizes)

    command.process.send_signal(number)
    command.end()

    assert command.is_as_before()


def test_a_daemon_that_dies_gives_the_terminal_back(at_terminal: Any, link: Any, daemon: Any, by_and_by: Any) -> None:
    command = at_terminal("attach", "run-a", "greet", "--take-over")
    by_and_by(lambda: link.sizes)

    daemon.stop()

    assert command.end() in (0, 6)
    assert command.is_as_before()


def test_the_alternate_screen_is_left_when_the_agent_is_still_on_it(at_terminal: Any, link: Any, show: Any) -> None:
    command = at_terminal("attach", "run-a", "greet")
    show("output", b"\x1b[?10")
    show("output", b"49hfull screen")
    command.until(b"full screen")

    command.type(b"\x1d")
    command.end()

    assert b"\x1b[?1049l" in command.seen
    assert b"\x1b[?25h" in command.seen


def test_a_refused_terminal_tells_why(at_terminal: Any, scripted: Any) -> None:
    async def refused(*_: Any, **__: Any) -> Any:
        raise Refusal(Code.CONFLICT, "the session has ended", "chainwright logs shows it")

    scripted.terminal = refused
    command = at_terminal("attach", "run-a", "greet")

    assert command.end() == 7
    assert b"the session has ended" in command.seen
    assert command.is_as_before()


def test_without_a_terminal_nobody_can_take_over(run: Any, scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)

    assert run("attach", "run-a", "greet", "--take-over").code == 2


def test_an_agent_that_is_none_is_not_found_with_those_that_are(run: Any, scripted: Any) -> None:
    done = run("attach", "run-a", "nobody")

    assert (done.code, "it has: greet" in done.err) == (4, True)


def test_an_agent_that_has_not_started_is_a_conflict(run: Any, scripted: Any, make: Any) -> None:
    scripted.details["run-aaa111"] = make.detail(agents={"late": make.agent(state="queued")})

    done = run("attach", "run-a", "late")

    assert (done.code, "chainwright explain run-aaa111 late" in done.err) == (7, True)
