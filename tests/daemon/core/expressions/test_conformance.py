"""GitHub's own test cases, as far as they fall within what this version knows of the language."""

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.expressions import ExpressionError, Status
from chainwright.daemon.core.expressions.evaluator import evaluate
from chainwright.daemon.core.expressions.parser import parse
from chainwright.daemon.core.expressions.vocabulary import IN_CONDITION, Vocabulary

ROOT = Path(__file__).parents[4]
FOLDER = Path(os.environ.get("CHAINWRIGHT_CONFORMANCE", ROOT.parent / "shared" / "conformance")) / "expressions"
EXPECTED_WITHIN = 347
"""Cases that this version must know; raised by whoever widens the language."""

Case = tuple[str, dict[str, Any]]


def _cases() -> Iterator[Case]:
    for file in sorted(FOLDER.glob("*.json")):
        if file.stem != "status-functions":
            for group, cases in json.loads(file.read_text()).items():
                yield from ((f"{file.stem}/{group}", case) for case in cases)


def _answer(case: dict[str, Any]) -> Any:
    contexts = case.get("contexts", {})
    vocabulary = Vocabulary(contexts=frozenset(name.lower() for name in contexts))
    tree = parse(case["expr"], vocabulary)
    return evaluate(tree, {name.lower(): value for name, value in contexts.items()}, Status())


def _mistake(case: dict[str, Any]) -> str | None:
    """What is wrong with our answer, or None; raises the error of kind not-supported."""
    try:
        answer = _answer(case)
    except ExpressionError as error:
        if error.kind == "not-supported":
            raise
        told = f"{error.message}. Located at position {error.offset + 1} within expression: {case['expr']}"
        wanted = case.get("err", {})
        return None if error.kind == wanted.get("kind") and wanted["value"] in told else told
    return None if "result" in case and _same(answer, case["result"]["value"]) else repr(answer)


def _same(answer: Any, wanted: Any) -> bool:
    if isinstance(wanted, float) and math.isnan(wanted):
        return isinstance(answer, float) and math.isnan(answer)
    return bool(answer == wanted) and isinstance(answer, bool) == isinstance(wanted, bool)


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the conformance cases are not beside the repository: {FOLDER}")
def test_the_cases_within_the_language_are_answered_as_on_github() -> None:
    mistakes, within = [], 0
    for group, case in _cases():
        try:
            mistake = _mistake(case)
        except ExpressionError:
            continue
        within += 1
        if mistake is not None:
            mistakes.append(f"{group}: {case['expr']!r} gave {mistake}")

    assert mistakes == []
    assert within >= EXPECTED_WITHIN


@pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the conformance cases are not beside the repository: {FOLDER}")
def test_status_functions_are_answered_as_on_github() -> None:
    cases = json.loads((FOLDER / "status-functions.json").read_text())["cases"]
    for case in cases:
        word = case.get("nested_action_status") if "scope" in case else case["job_status"]
        status = Status(success=word in (None, "success"), failure=word == "failure", cancelled=word == "cancelled")

        assert evaluate(parse(case["expr"], IN_CONDITION), {}, status) is case["result"], case
