"""GitHub's own test cases, each of them: the kind and the value of every answer, the kind, place and words of every mistake."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.expressions import ExpressionError, Status
from chainwright.daemon.core.expressions.evaluator import evaluate
from chainwright.daemon.core.expressions.parser import parse
from chainwright.daemon.core.expressions.values import kind_of
from chainwright.daemon.core.expressions.vocabulary import IN_CONDITION, Vocabulary

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("CHAINWRIGHT_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / "expressions"
AT_LEAST = 561
"""Cases of the sample; the whole suite has more."""

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"CONFORMANCE: the cases are not beside the repository: {FOLDER}"
)

Case = tuple[str, dict[str, Any]]


def cases() -> Iterator[Case]:
    for file in sorted(FOLDER.glob("*.json")):
        if file.stem != "status-functions":
            for group, several in json.loads(file.read_text()).items():
                yield from ((f"{file.stem}/{group}", case) for case in several)


def answer(case: dict[str, Any]) -> Any:
    contexts = case.get("contexts", {})
    vocabulary = Vocabulary(contexts=frozenset(name.lower() for name in contexts))
    tree = parse(case["expr"], vocabulary)
    return evaluate(tree, {name.lower(): value for name, value in contexts.items()}, Status())


def mistake(case: dict[str, Any]) -> str | None:
    """What is wrong with our answer, or None."""
    try:
        given = answer(case)
    except ExpressionError as error:
        told = error.located(case["expr"])
        wanted = case.get("err", {"kind": "none", "value": ""})
        return None if error.kind == wanted["kind"] and wanted["value"] in told else f"{error.kind}: {told}"
    wanted = case.get("result")
    return None if wanted and same(given, wanted) else repr(given)


def same(given: Any, wanted: dict[str, Any]) -> bool:
    value = wanted["value"]
    if kind_of(given) != wanted["kind"].lower():
        return False
    is_none = isinstance(value, float) and math.isnan(value)
    return math.isnan(given) if is_none else bool(given == value)


def test_every_case_is_answered_as_on_github() -> None:
    """None is skipped, not even those that GitHub's own TypeScript skips."""
    mistakes = [f"{group}: {case['expr']!r} gave {wrong}" for group, case in cases() if (wrong := mistake(case))]

    assert mistakes == []


def test_the_cases_are_all_there() -> None:
    """A suite that cannot be read would pass too."""
    assert len(list(cases())) >= AT_LEAST


def test_eval_answers_every_case_in_the_suites_own_words() -> None:
    """One process, a line for each case: what another implementation's runner would ask."""
    asked = [case for _, case in cases()]
    done = subprocess.run(
        [sys.executable, "-m", "chainwright", "eval", "--batch"],
        input="".join(json.dumps(case) + "\n" for case in asked),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]

    assert len(answers) == len(asked)
    assert [(case, given) for case, given in zip(asked, answers, strict=True) if not fits(given, case)] == []


def fits(given: dict[str, Any], case: dict[str, Any]) -> bool:
    if "err" in case:
        error = given.get("error", {"kind": "none", "message": ""})
        return error["kind"] == case["err"]["kind"] and case["err"]["value"] in error["message"]
    return given == case["result"]


def test_status_functions_are_answered_as_on_github() -> None:
    """Also those of a step within an action, which asks about the action."""
    for case in json.loads((FOLDER / "status-functions.json").read_text())["cases"]:
        word = case.get("nested_action_status") if "scope" in case else case["job_status"]
        status = Status(success=word in (None, "success"), failure=word == "failure", cancelled=word == "cancelled")

        assert evaluate(parse(case["expr"], IN_CONDITION), {}, status) is case["result"], case
