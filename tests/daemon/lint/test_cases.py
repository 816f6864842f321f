"""Golden pairs: ``tests/lint/cases/<case>.yaml`` (or ``.json``) says ``<case>.out``, to the letter.

A new case needs no code. ``CHAINWRIGHT_REGENERATE=1`` writes the ``.out`` files, to be read before they are committed.
"""

import os
from pathlib import Path

import pytest

from chainwright.daemon.lint.formats import FORMATS
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository
from chainwright.daemon.lint.registry import ENTRIES

LINT = Path(__file__).parents[2] / "lint"
CASES = sorted(path for path in (LINT / "cases").iterdir() if path.suffix in {".yaml", ".json"})
AGENTS = {f"workflows/agents/{path.name}": path.read_bytes() for path in (LINT / "agents").iterdir()}

SHOWN_ELSEWHERE = {"chain-duplicate", "call-depth", "run-shellcheck"}
"""By ``test_linter.py`` and ``test_reference.py``, which have several files, and ``test_shellcheck.py``, which has shellcheck."""

CALLED = {f"workflows/{path.name}": path.read_bytes() for path in (LINT / "chains").iterdir()}
"""Chains that some cases call."""

SCHEMAS = {f"schemas/{path.name}": path.read_bytes() for path in (LINT / "schemas").iterdir()}
"""JSON Schemas that some cases name."""


def linted(case: Path) -> Linted:
    called = CALLED if case.name.startswith(("call-", "language-")) else {}
    return lint_repository({**AGENTS, **called, **SCHEMAS, f"workflows/{case.name}": case.read_bytes()})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_answered_as_its_out_file_says(case: Path) -> None:
    answer = FORMATS["text"](linted(case))
    expected = case.with_name(f"{case.name}.out")
    if os.environ.get("CHAINWRIGHT_REGENERATE"):
        expected.write_text(answer, encoding="utf-8")

    assert answer == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [case for case in CASES if case.name.startswith("ok")], ids=lambda case: case.name)
def test_a_good_chain_is_answered_with_silence_and_compiled(case: Path) -> None:
    result = linted(case)

    assert (result.diagnostics, len(result.chains)) == ((), 1)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith("language-")], ids=lambda case: case.name
)
def test_the_examples_of_the_language_lack_only_what_is_to_come(case: Path) -> None:
    assert {one.rule for one in linted(case).diagnostics} <= {"not-supported"}


def test_every_rule_has_a_case() -> None:
    shown = "".join(path.read_text(encoding="utf-8") for path in (LINT / "cases").glob("*.out"))

    assert [one.name for one in ENTRIES if f"[{one.name}]" not in shown and one.name not in SHOWN_ELSEWHERE] == []
