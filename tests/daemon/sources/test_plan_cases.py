"""Golden pairs: each folder of ``tests/plans`` holds two trees and what a plan says of going from the one to the other.

A new case needs no code. ``CHAINWRIGHT_REGENERATE=1`` writes the expected files, to be read before they are committed.
"""

import hashlib
import os
from pathlib import Path

import pytest

from chainwright.daemon.core.plan.comparing import compared
from chainwright.daemon.core.plan.json import as_json
from chainwright.daemon.core.plan.markdown import as_markdown
from chainwright.daemon.core.plan.policy import PATH, Policy
from chainwright.daemon.core.plan.report import Plan
from chainwright.daemon.core.plan.text import as_text
from chainwright.daemon.core.plan.version import Surroundings, Version
from chainwright.daemon.definition.policy import read_policy
from chainwright.daemon.sources.plan import version_of

CASES = sorted(path for path in (Path(__file__).parents[2] / "plans").iterdir() if path.is_dir())
NOW = 1_774_000_000.0
"""Friday, 20 March 2026, nine days before clocks go forward in Europe."""

FORMS = {"plan.txt": as_text, "plan.md": as_markdown, "plan.json": as_json}


def version(folder: Path, name: str) -> Version:
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files = {path: hashlib.sha256(content).hexdigest() for path, content in found.items()}
    return version_of(name, {path: data for path, data in found.items() if path.startswith("workflows/")}, files=files)


def policies(folder: Path) -> tuple[Policy, ...]:
    file = folder / PATH
    return (read_policy(PATH, file.read_bytes(), "the policy of the base").policy,) if file.exists() else ()


def plan_between(case: Path, base: str, head: str) -> Plan:
    around = Surroundings(now=NOW, branch="feature", policies=policies(case / base))
    return compared(version(case / base, base), version(case / head, head), around)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_plan_of_a_pair_is_as_expected(case: Path, form: str) -> None:
    made = FORMS[form](plan_between(case, "base", "head"))
    expected = case / form
    if os.environ.get("CHAINWRIGHT_REGENERATE"):
        expected.write_text(made)

    assert made == expected.read_text()


@pytest.mark.parametrize("side", ["base", "head"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_differs_from_itself(case: Path, side: str) -> None:
    plan = plan_between(case, side, side)

    assert plan.is_empty
    assert (plan.approvals, plan.violations) == ((), ())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_way_back_can_be_planned_too(case: Path, form: str) -> None:
    assert FORMS[form](plan_between(case, "head", "base"))
