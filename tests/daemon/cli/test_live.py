"""The live picture."""

import io
from typing import Any

import pytest
from rich.console import Console

from chainwright.daemon.cli.live import fitting, picture
from chainwright.daemon.web.port import Change


class Said:
    """Last lines without a daemon."""

    def of(self, attempt_id: str) -> str:
        return {"att-1": "chapter 3 of 7"}.get(attempt_id, "")


def drawn(detail: dict[str, Any], *, rows: int = 20, width: int = 100, away: bool = False) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, force_terminal=True)
    said: Any = Said()
    console.print(picture(detail, said, rows=rows, away=away))
    shown = console.file
    assert isinstance(shown, io.StringIO)
    return shown.getvalue()


def test_it_is_a_tree_with_a_mark_a_word_and_the_last_line(make: Any) -> None:
    done = make.agent(make.attempt(id="x", started_at=1.0, ended_at=3.5), state="finished", outcome="succeeded")
    agents = {"research": done, "write": make.agent(make.attempt(2)), "edit": make.agent(state="queued")}

    head, first, second, third = drawn(make.detail(agents=agents)).splitlines()

    assert head.startswith("hello #1  run-aaa111  ● running")
    assert first.split() == ["├─", "✓", "research", "succeeded", "2.5s", "turn", "1", "·", "attempt", "1"]
    assert second.split()[:4] == ["├─", "●", "write", "running"]
    assert second.rstrip().endswith("turn 1 · attempt 2 chapter 3 of 7")
    assert third.split() == ["└─", "·", "edit", "queued"]


def test_the_legs_of_a_matrix_stand_below_their_agent(make: Any) -> None:
    review = make.agent(make.attempt(leg="1"))
    running = {"leg": "1", "name": "review (style)", "matrix": {"lens": "style"}, "outputs": {}}
    queued = {**running, "leg": "2", "name": "review (speed)"}
    stand = {"outcome": None, "reason": None, "detail": ""}
    review["turns"][0]["legs"] = [{**running, "state": "running", **stand}, {**queued, "state": "queued", **stand}]

    _, agent, first, second = drawn(make.detail(agents={"review": review})).splitlines()

    assert "turn 1 0/2 legs" in agent
    assert first.split()[:5] == ["├─", "●", "review", "(style)", "running"]
    assert first.rstrip().endswith("chapter 3 of 7")
    assert second.split() == ["└─", "·", "review", "(speed)", "queued", "turn", "1"]


def test_a_failure_tells_why_instead_of_its_last_line(make: Any) -> None:
    failed = make.agent(make.attempt(), state="finished", outcome="failed", reason="exit", detail="code 3")

    shown = drawn(make.detail(agents={"write": failed}))

    assert "exit: code 3" in shown
    assert "chapter" not in shown


def test_an_absent_daemon_is_said(make: Any) -> None:
    assert "the daemon is away, agents go on" in drawn(make.detail(), away=True)


@pytest.mark.parametrize("width", [40, 60, 200])
def test_no_line_is_wider_than_the_terminal(make: Any, width: int) -> None:
    agents = {f"agent-with-a-name-{number}": make.agent(make.attempt()) for number in range(5)}

    assert all(len(line) <= width for line in drawn(make.detail(agents=agents), width=width).splitlines())


def test_what_does_not_fit_is_counted_and_what_matters_is_kept(make: Any) -> None:
    calm = {f"calm{number}": make.agent(make.attempt(), state="finished", outcome="succeeded") for number in range(30)}
    agents = {**calm, "late": make.agent(make.attempt()), "bad": make.agent(state="finished", outcome="failed")}

    shown, left_out = fitting(agents, 5)
    lines = drawn(make.detail(agents=agents), rows=5).splitlines()

    assert list(shown) == ["calm0", "calm1", "late", "bad"]
    assert len(left_out) == 28
    assert lines[-1] == "└─ … 28 succeeded"


def test_on_a_terminal_the_run_is_drawn_with_the_last_line_of_its_agents(
    at_terminal: Any, scripted: Any, daemon: Any, make: Any
) -> None:
    scripted.output = [b"one\r\n", b"two "]
    command = at_terminal("run", "hello", "--follow")
    command.until(b"two")

    scripted.details["run-aaa111"] = make.detail(state="finished", outcome="succeeded", ended_at=101.0)
    scripted.journaled = []
    daemon.do(
        lambda: scripted.grow(Change(run_id="run-aaa111", seq=1, at=1.0, kind="RunFinished", agent=None, data={}))
    )

    assert command.end() == 0
    assert "✓ succeeded".encode() in command.seen
