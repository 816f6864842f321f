"""Golden pairs: ``tests/lint/fixes/<case>.yaml`` is mended to ``<case>.yaml.fixed``, to the letter, and then left alone.

``CHAINWRIGHT_REGENERATE=1`` writes the ``.fixed`` files, to be read before they are committed.
"""

import os
from collections import Counter
from pathlib import Path

import pytest

from chainwright.daemon.lint.fixer import Fixed, fixed
from chainwright.daemon.lint.linter import lint_repository
from chainwright.schemas.diagnostic import Severity

LINT = Path(__file__).parents[2] / "lint"
CASES = sorted(path for path in (LINT / "fixes").rglob("*") if path.suffix in {".yaml", ".json"})
BROKEN = sorted(path for path in (LINT / "cases").iterdir() if path.suffix in {".yaml", ".json"})
CONFORMANCE = Path(os.environ.get("CHAINWRIGHT_CONFORMANCE", LINT.parents[2] / "shared" / "conformance"))
GITHUB = sorted((CONFORMANCE / "gha-workflows" / "valid").glob("*.y*ml"))
AGENTS = {f"workflows/agents/{path.name}": path.read_bytes() for path in (LINT / "agents").iterdir()}


def path_of(case: Path) -> str:
    return f"workflows/agents/{case.name}" if case.parent.name == "agents" else f"workflows/{case.name}"


def mended(path: str, data: bytes) -> Fixed:
    return fixed(path, data, AGENTS)


def errors(path: str, data: bytes) -> Counter[str]:
    found = lint_repository({**AGENTS, path: data}).diagnostics
    return Counter(one.rule for one in found if one.severity is Severity.ERROR and one.path == path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_mended_as_its_fixed_file_says(case: Path) -> None:
    result = mended(path_of(case), case.read_bytes())
    expected = case.with_name(f"{case.name}.fixed")
    if os.environ.get("CHAINWRIGHT_REGENERATE"):
        expected.write_bytes(result.data)

    assert result.data.decode() == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [case for case in CASES if "-left" in case.name], ids=lambda case: case.name)
def test_what_a_person_has_to_decide_is_left_alone(case: Path) -> None:
    result = mended(path_of(case), case.read_bytes())

    assert (result.data, result.mended) == (case.read_bytes(), ())


@pytest.mark.parametrize("case", [case for case in CASES if "-left" not in case.name], ids=lambda case: case.name)
def test_a_mended_file_loads(case: Path) -> None:
    assert errors(path_of(case), mended(path_of(case), case.read_bytes()).data) == Counter()


@pytest.mark.parametrize("case", [*CASES, *BROKEN, *GITHUB], ids=lambda case: case.name)
def test_no_file_is_made_worse_and_a_second_time_nothing_is_left_to_mend(case: Path) -> None:
    path, data = path_of(case), case.read_bytes()
    once = mended(path, data)
    before, after = errors(path, data), errors(path, once.data)

    assert after.total() <= before.total() - len(once.mended)
    assert mended(path, once.data) == Fixed(data=once.data, mended=())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfnmae: A\r\nagents: {a: {run: x}}\r\n", b"\xef\xbb\xbfname: A\r\nagents: {a: {run: x}}\r\n"),
        (
            b"agents:\r\n  a:\r\n    run: echo ${{ run.actor }}\r\n",
            b"agents:\r\n  a:\r\n    env: {ACTOR: '${{ run.actor }}'}\r\n    run: echo \"$ACTOR\"\r\n",
        ),
        (b"nmae: \xff\nagents: {a: {run: x}}\n", b"nmae: \xff\nagents: {a: {run: x}}\n"),
        (b"nmae: '\x01'\nagents: {a: {run: x}}\n", b"nmae: '\x01'\nagents: {a: {run: x}}\n"),
        (b"nmae: A", b"name: A"),
    ],
    ids=["byte order mark", "line ends", "no text", "control characters", "no line end"],
)
def test_bytes_that_are_not_mended_stay(data: bytes, expected: bytes) -> None:
    assert mended("workflows/a.yaml", data).data == expected


def test_what_was_mended_is_told_with_its_place() -> None:
    told = mended("workflows/a.yaml", b"agents:\n  a: {runs: x}\n").mended

    assert [(one.rule, one.span.line, one.span.column) for one in told] == [("unknown-key", 2, 7)]


def test_an_entry_behind_an_alias_is_mended_where_it_is_written() -> None:
    text = b"agents:\n  a: &a\n    run: echo ${{ run.actor }}\n  b: *a\n"

    assert mended("workflows/a.yaml", text).data == (
        b"agents:\n  a: &a\n    env: {ACTOR: '${{ run.actor }}'}\n    run: echo \"$ACTOR\"\n  b: *a\n"
    )
