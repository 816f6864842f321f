"""``eval``: an expression is tried without a daemon."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

CONTEXT = {"inputs": {"topic": "cats", "tags": ["a", "b"]}}


@pytest.fixture
def context(tmp_path: Path) -> str:
    """A file with contexts."""
    path = tmp_path / "context.json"
    path.write_text(json.dumps(CONTEXT))
    return str(path)


def batch(run: Any, monkeypatch: pytest.MonkeyPatch, *lines: object) -> list[dict[str, Any]]:
    text = "".join(json.dumps(line) + "\n" for line in lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    done = run("eval", "--batch")

    assert done.code == 0, done.err
    return [json.loads(line) for line in done.out.splitlines()]


def test_a_text_is_printed_as_it_is_and_anything_else_as_json(run: Any, context: str) -> None:
    assert run("eval", "format('on {0}', inputs.topic)", "--context", context).out == "on cats\n"
    assert json.loads(run("eval", "inputs.tags", "--context", context).out) == ["a", "b"]
    assert run("eval", "-1 < 0").out == "true\n"


def test_json_tells_the_kind(run: Any, context: str) -> None:
    done = run("eval", "inputs.topic == 'CATS'", "--context", context, "--json")

    assert json.loads(done.out) == {"kind": "Boolean", "value": True}


def test_an_error_shows_the_place_and_has_the_code_of_a_bad_definition(run: Any) -> None:
    done = run("eval", "1 == 2 3")

    assert done.code == 3
    assert "Unexpected symbol: '3'\n  1 == 2 3\n         ^\n  expected: an operator, or nothing more\n" in done.err


def test_an_error_as_json_holds_kind_message_and_position(run: Any) -> None:
    done = run("eval", "format('{0}')", "--json")

    assert done.code == 3
    assert json.loads(done.out)["error"] == {
        "kind": "evaluation",
        "message": "The following format string references more arguments than were supplied: {0}. "
        "Located at position 1 within expression: format('{0}')",
        "position": 1,
    }


def test_a_context_that_is_not_given_is_asked_for(run: Any, context: str) -> None:
    assert "contexts come from --context FILE" in run("eval", "inputs.topic").err
    assert "given are: inputs" in run("eval", "event.name", "--context", context).err


def test_status_functions_answer_from_the_given_status(run: Any) -> None:
    assert run("eval", "failure() && !success()", "--status", "failure").out == "true\n"
    assert run("eval", "success()").out == "true\n"


def test_a_batch_answers_each_line(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words of GitHub's own cases; a number that JSON has no word for is null."""
    answers = batch(
        run,
        monkeypatch,
        {"expr": "Inputs.Topic", "contexts": CONTEXT},
        {"expr": ""},
        {"expr": "NaN"},
        {"expr": "foo.b@r", "contexts": {"foo": {}}},
        {"expr": "1 <"},
        {"expr": "fromJSON('{')"},
        {"expr": "failure()", "job_status": "failure"},
        {"expr": "failure()", "job_status": "failure", "nested_action_status": "success"},
        {"expr": "'\ud800'"},
    )

    assert answers[:3] == [
        {"kind": "String", "value": "cats"},
        *[{"kind": kind, "value": None} for kind in ("Null", "Number")],
    ]
    assert [(one["error"]["kind"], one["error"]["position"]) for one in answers[3:6]] == [
        ("lexing", 5),
        ("parsing", 3),
        ("evaluation", 1),
    ]
    assert [one["value"] for one in answers[6:]] == [True, False, "\ud800"]


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"[]",
        b'{"contexts": {}}',
        b'{"expr": "1", "contexts": "x"}',
        b'{"expr": "\xff"}',
        b'{"expr": "x", "contexts": {"x": ' + b"9" * 5_000 + b"}}",
        b'{"expr": "x", "contexts": {"x": ' + b"[" * 900 + b"]" * 900 + b"}}",
        b'{"expr": "x", "contexts": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    ],
)
def test_a_line_that_is_no_question_has_its_answer_too(run: Any, monkeypatch: pytest.MonkeyPatch, line: bytes) -> None:
    """And so has the next."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line + b'\n{"expr": "1", "contexts": null}\n')))
    done = run("eval", "--batch")
    first, second = map(json.loads, done.out.splitlines())

    assert done.code == 3
    assert (first["error"]["kind"], first["error"]["position"]) == ("input", 1)
    assert first["error"]["message"].startswith("line 1 ")
    assert second == {"kind": "Number", "value": 1}


def test_either_an_expression_or_a_batch(run: Any) -> None:
    assert run("eval").code == run("eval", "1", "--batch").code == 2
