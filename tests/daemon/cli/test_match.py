"""``match`` tells which names a filter lets through, and by which pattern."""

import io
import json
from typing import Any

import pytest


def test_each_name_has_its_verdict_and_the_pattern_that_gave_it(run: Any) -> None:
    done = run("match", "feature/**", "!feature/old", "--", "feature/a", "feature/old", "main")

    assert done.code == 0
    assert done.out.splitlines() == [
        "feature/a\tincluded\tfeature/**",
        "feature/old\tnot included\t!feature/old",
        "main\tnot included\tno pattern speaks of it",
    ]
    assert done.err == "a change of these starts a run\n"


def test_the_exit_code_says_when_no_run_starts(run: Any) -> None:
    assert run("match", "docs/**", "--", "src/a.py").code == 1
    assert run("match", "--ignore", "docs/**", "--", "docs/a.md").code == 1
    assert run("match", "--ignore", "docs/**", "--", "docs/a.md", "src/a.py").code == 0


def test_names_and_patterns_may_begin_with_a_dash_behind_the_two(run: Any) -> None:
    assert run("match", "-?x", "--", "-x").code == 2
    assert (
        run("match", "?*x", "--", "-x", "--", "?x").out.splitlines()[0] == "-x\tnot included\tno pattern speaks of it"
    )
    assert run("match", "*x", "--", "-x").code == 0


def test_json_says_all(run: Any) -> None:
    done = run("match", "--json", "a", "--", "a", "b")

    assert json.loads(done.out) == {
        "starts": True,
        "names": [{"name": "a", "is_included": True, "by": "a"}, {"name": "b", "is_included": False, "by": None}],
    }


def test_a_pattern_that_cannot_be_read_is_named_with_its_place(run: Any) -> None:
    done = run("match", "ok", "v[0-9", "--", "v1")

    assert done.code == 3
    assert 'the [ is never closed by a ], at character 2 of "v[0-9"' in done.err


@pytest.mark.parametrize("arguments", [[], ["a"], ["--", "a"], ["--batch", "a"]])
def test_half_a_question_is_answered_with_how_to_ask(run: Any, arguments: list[str]) -> None:
    assert run("match", *arguments).code == 2


def test_a_batch_answers_every_line_also_those_that_cannot_be(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"patterns": ["a"], "inputs": ["b"]}, {"patterns": ["["], "inputs": []}, {"patterns": "a", "inputs": []}]
    text = "".join(json.dumps(line) + "\n" for line in lines) + "nonsense\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    done = run("match", "--batch")

    assert done.code == 0
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert answers[0] == {"include_filter_skips_run": True, "ignore_filter_skips_run": False}
    assert answers[1]["error"] == {"pattern": "[", "message": "the [ is never closed by a ]", "position": 1}
    assert "lists of texts" in answers[2]["error"]["message"]
    assert "not JSON" in answers[3]["error"]["message"]
