"""``run``: inputs, waiting, following, limits."""

import json
import signal
from typing import Any

import pytest

from chainwright.daemon.cli.run import split, typed
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.port import Change

STARTED = {"ref": None, "environment": None, "idempotency_key": None}


@pytest.fixture
def ended(scripted: Any, make: Any) -> Any:
    """Makes the scripted run end with an outcome."""

    def end(outcome: str, **agent: Any) -> None:
        attempt = make.attempt(state="finished", outcome=outcome, exit_code=0, ended_at=104.0)
        greet = make.agent(attempt, state="finished", outcome=outcome, **agent)
        scripted.details["run-aaa111"] = make.detail(
            state="finished", outcome=outcome, ended_at=105.0, agents={"greet": greet}, outputs={"n": 1}
        )
        scripted.journaled = [change(1)]

    return end


def change(seq: int) -> Change:
    return Change(run_id="run-aaa111", seq=seq, at=1.0, kind="TurnFinished", agent="greet", data={})


def test_the_id_is_printed_and_nothing_else_on_stdout(run: Any, scripted: Any) -> None:
    done = run("run", "hello")

    assert (done.code, done.out) == (0, "run-aaa111\n")
    assert "chainwright show run-aaa111 --follow" in done.err
    assert scripted.asked[0][2:] == ("hello", {}, STARTED)


def test_inputs_are_sent_as_the_chain_declares_them(run: Any, scripted: Any) -> None:
    done = run("run", "team/hello", "-i", "count=3", "-i", "who=you=me", "--ref", "v1", "--key", "once", "--json")

    assert json.loads(done.out)["id"] == "run-aaa111"
    assert scripted.asked[0] == ("chain", "team/hello", "v1")
    options = {"ref": "v1", "environment": None, "idempotency_key": "once"}
    assert scripted.asked[1][2:] == ("team/hello", {"count": 3, "who": "you=me"}, options)


def test_an_input_without_a_value_is_a_usage_error(run: Any, scripted: Any) -> None:
    done = run("run", "hello", "-i", "count")

    assert (done.code, scripted.asked) == (2, [])


def test_texts_become_the_declared_types_and_what_does_not_fit_stays_text() -> None:
    texts = split(("a=1", "b=1.5", "c=true", 'd={"x": 1}', "e=1", "f=many", "g=yes", "h="))
    declared = dict(
        zip("abcdefgh", ["integer", "number", "boolean", "json", "string", "integer", "boolean", "choice"], strict=True)
    )

    values = typed(texts, declared)

    assert values == {"a": 1, "b": 1.5, "c": True, "d": {"x": 1}, "e": "1", "f": "many", "g": "yes", "h": ""}


def test_an_unknown_chain_is_answered_with_the_near_one(run: Any, scripted: Any) -> None:
    scripted.listed["chains"] = [{"id": "hello"}]

    async def refused(*_: Any, **__: Any) -> Any:
        raise Refusal(Code.NOT_FOUND, 'there is no chain "helo"')

    scripted.start_run = refused

    done = run("run", "helo")

    assert done.code == 4
    assert 'did you mean "hello"?' in done.err


@pytest.mark.parametrize(("outcome", "code"), [("succeeded", 0), ("failed", 1), ("cancelled", 1), ("timed_out", 1)])
def test_wait_ends_with_the_outcome(run: Any, ended: Any, outcome: str, code: int) -> None:
    ended(outcome)

    done = run("run", "hello", "--wait")

    assert (done.code, done.out) == (code, "run-aaa111\n")
    assert f"{outcome} hello #1 in 5.0s" in done.err


def test_what_failed_is_named_with_the_way_to_its_log(run: Any, ended: Any) -> None:
    ended("failed", reason="exit", detail="code 3")

    assert "greet: exit: code 3  chainwright logs run-aaa111 greet" in run("run", "hello", "--wait").err


def test_wait_as_json_prints_the_finished_run(run: Any, scripted: Any, ended: Any) -> None:
    ended("succeeded")

    assert json.loads(run("run", "hello", "--wait", "--json").out) == scripted.details["run-aaa111"]


def test_the_clients_own_limit_is_124_and_the_run_goes_on(run: Any, scripted: Any) -> None:
    done = run("run", "hello", "--wait", "--timeout", "0.1s")

    assert done.code == 124
    assert "it goes on: chainwright show run-aaa111" in done.err


@pytest.mark.parametrize("words", [["--timeout", "3s"], ["--wait", "--timeout", "soon"]])
def test_a_limit_must_make_sense(run: Any, scripted: Any, words: list[str]) -> None:
    assert (run("run", "hello", *words).code, scripted.asked) == (2, [])


def test_follow_in_a_pipe_prints_a_line_for_each_change(
    run: Any, scripted: Any, daemon: Any, make: Any, ended: Any
) -> None:
    asked = scripted.run
    looks: list[int] = []

    async def moving(actor: Any, name: str) -> Any:
        looks.append(1)
        if len(looks) == 3:
            ended("succeeded")
            await scripted.grow(change(2))
        return await asked(actor, name)

    scripted.run = moving
    scripted.journaled = [change(1)]

    done = run("run", "hello", "--follow")

    assert done.code == 0
    assert done.out.splitlines() == [
        "run-aaa111",
        "greet\trunning\tturn 1 attempt 1",
        "greet\tsucceeded\tturn 1 attempt 1",
    ]


def test_show_follow_is_the_same_for_a_run_that_is_there(run: Any, ended: Any) -> None:
    ended("failed")

    done = run("show", "run-a", "--follow")

    assert (done.code, done.out) == (1, "greet\tfailed\tturn 1 attempt 1\n")


def test_ctrl_c_leaves_the_run_going_and_says_so(at_terminal: Any, scripted: Any, by_and_by: Any) -> None:
    command = at_terminal("run", "hello", "--follow")
    command.until(b"greet")

    command.process.send_signal(signal.SIGINT)

    assert command.end() == 130
    assert b"run-aaa111 goes on" in command.seen
    assert ("cancel_run", "run-aaa111") not in scripted.asked
