"""Golden cases, ``tests/importers/github/<case>.yml`` → ``<case>.chain`` and ``<case>.out``, and the workflows of the conformance folder.

``CHAINWRIGHT_REGENERATE=1`` writes the golden files, to be read before they are committed.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.importers.github.workflow import convert
from chainwright.daemon.importers.report import Converted
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository

CASES = sorted((Path(__file__).parents[2] / "importers" / "github").glob("*.yml"))
BAD = [case for case in CASES if case.name.startswith("bad-")]
GOOD = [case for case in CASES if case not in BAD]
CONFORMANCE = Path(os.environ.get("CHAINWRIGHT_CONFORMANCE") or Path(__file__).parents[4] / "shared" / "conformance")
WORKFLOWS = sorted((CONFORMANCE / "gha-workflows" / "valid").glob("*.y*ml"))
NOT_HERE = f"CONFORMANCE: no sample workflows in {CONFORMANCE}: set CHAINWRIGHT_CONFORMANCE"


def converted(file: Path) -> Converted:
    return convert(file.name, file.read_bytes())


def linted(result: Converted) -> Linted:
    return lint_repository({f"workflows/{name}": text.encode() for name, text in result.files.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_becomes_its_chain_and_says_its_points(case: Path, golden: Any, points: Any) -> None:
    result = converted(case)

    golden(case, ".chain", "".join(result.files.values()))
    golden(case, ".out", points(result))


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.stem)
def test_what_is_no_workflow_gives_no_chain_and_an_error(case: Path) -> None:
    result = converted(case)

    assert result.files == {}
    assert "error" in [point.severity for point in result.points]


def test_the_sample_workflows_are_all_there() -> None:
    if not WORKFLOWS:
        pytest.skip(NOT_HERE)

    assert len(WORKFLOWS) >= 45


@pytest.mark.parametrize("workflow", [*GOOD, *WORKFLOWS], ids=lambda file: file.stem)
def test_a_workflow_is_converted_the_same_way_twice(workflow: Path) -> None:
    first = converted(workflow)

    assert first.files
    assert first == converted(workflow)


TOLD = {
    "inject-shell": "gha-inject",
    "expr-unknown-function": "gha-hash-files",
    "uses-unknown": "gha-called",
    "expr-unknown-context": "gha-needs",
    "chain-unknown": "gha-workflow-run",
}
"""Rules that a chain may break where a point of this name said so."""

AS_IT_WAS = {"not-supported", "secret-literal"}
"""Rules that a chain may break because this version lacks something, or because the workflow was like that."""


@pytest.mark.parametrize("workflow", [*GOOD, *WORKFLOWS], ids=lambda file: file.stem)
def test_what_refuses_a_chain_was_told(workflow: Path) -> None:
    result = converted(workflow)
    told = {point.rule for point in result.points}
    errors = {found.rule for found in linted(result).diagnostics if found.severity == "error"}

    assert {rule for rule in errors - AS_IT_WAS if TOLD.get(rule) not in told} == set()
