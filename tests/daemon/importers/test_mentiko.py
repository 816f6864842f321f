"""Golden cases: ``tests/importers/mentiko/<case>.json`` becomes ``<case>.yaml`` and says ``<case>.out``, to the letter.

``CHAINWRIGHT_REGENERATE=1`` writes both, to be read before they are committed.
"""

from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.importers.mentiko.chain import convert
from chainwright.daemon.importers.report import Converted
from chainwright.daemon.lint.formats.text import rendered
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository

SAMPLES = Path(__file__).parents[2] / "importers" / "mentiko"
CASES = sorted(SAMPLES.glob("*.json"))
GOOD = [case for case in CASES if not case.name.startswith("bad-")]
UNREADABLE = ("bad-empty", "bad-list", "bad-no-agents", "bad-not-json")


def agent(name: str) -> bytes | None:
    file = SAMPLES / "agents" / name / "agent.json"
    return file.read_bytes() if file.is_file() else None


def converted(case: Path) -> Converted:
    return convert(case.name, case.read_bytes(), agent)


def linted(result: Converted) -> Linted:
    return lint_repository({f"workflows/{name}": text.encode() for name, text in result.files.items()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_becomes_its_chain_and_says_its_points(case: Path, golden: Any, points: Any) -> None:
    result = converted(case)

    golden(case, ".yaml", result.files.get(f"{case.stem}.yaml", ""))
    golden(case, ".out", points(result))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_converting_twice_gives_the_same_bytes(case: Path) -> None:
    assert converted(case) == converted(case)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.stem)
def test_the_result_lints_clean(case: Path) -> None:
    assert rendered(linted(converted(case))) == ""


def test_what_came_of_the_worst_file_can_still_be_deployed() -> None:
    assert not linted(converted(SAMPLES / "bad-everything.json")).has_error


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_is_no_chain_gives_none_and_an_error(case: str) -> None:
    result = converted(SAMPLES / f"{case}.json")

    assert (result.files, [point.severity for point in result.points]) == ({}, ["error"])


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.stem)
def test_the_dialect_is_detected(case: Path) -> None:
    assert case.stem.startswith(converted(case).dialect)
