"""Scripts are handed to shellcheck in one process a dialect, and what it says is shown where it belongs."""

import shutil
import sys
from pathlib import Path

import pytest

from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint import shellcheck
from chainwright.daemon.lint.examples import files
from chainwright.daemon.lint.registry import ENTRIES, RUN_SHELLCHECK
from chainwright.daemon.lint.shellcheck import ShellNotes, shell_notes
from chainwright.schemas.diagnostic import Severity

CHAIN = """agents:
  a:
    run: |
      set -e
      bad ${{ vars.x }}
  b: {shell: sh, run: bad one}
  c: {shell: python3, run: bad two}
  e: {run: 'good', checks: [{run: ' bad four'}]}
  d:
    run: bad three  # lint: ignore[run-shellcheck] it is meant
"""

FAKE = """#!{python}
import json, pathlib, sys
with open({calls!r}, "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
comments = []
for name in sys.argv[1:]:
    for number, line in enumerate(pathlib.Path(name).read_text().splitlines(), 1) if name.endswith(".sh") else ():
        if "bad" in line:
            column = line.index("bad") + 1
            place = {{"line": number, "endLine": number, "column": column, "endColumn": column + 3}}
            comments.append({{"file": name, "code": 1, "message": line[column - 1 :], **place}})
print(json.dumps({{"comments": comments}}))
sys.exit(1)
"""


def program(folder: Path, text: str) -> str:
    file = folder / "shellcheck"
    file.write_text(text)
    file.chmod(0o755)
    return str(file)


@pytest.fixture
def fake(tmp_path: Path) -> str:
    """A shellcheck that dislikes a word."""
    return program(tmp_path, FAKE.format(python=sys.executable, calls=str(tmp_path / "calls")))


def test_each_comment_is_a_note_at_its_place(fake: str) -> None:
    found = shell_notes([Source("workflows/x.yaml", CHAIN)], fake).found

    assert [(one.span.line, one.span.column, one.span.end_column) for one in found] == [
        (5, 7, 10),
        (8, 37, 40),
        (6, 23, 26),
    ]
    assert {(one.rule, one.severity) for one in found} == {("run-shellcheck", Severity.NOTE)}


def test_an_expression_is_a_word_to_it(fake: str) -> None:
    assert shell_notes([Source("workflows/x.yaml", CHAIN)], fake).found[0].message == "SC1: bad " + "x" * 13


def test_one_process_is_started_for_each_dialect(fake: str, tmp_path: Path) -> None:
    shell_notes([Source("workflows/x.yaml", CHAIN), Source("workflows/agents/y.yaml", "run: good")], fake)
    calls = (tmp_path / "calls").read_text().splitlines()

    assert [call.split()[3] for call in calls] == ["--shell=bash", "--shell=sh"]
    assert [call.count(".sh") for call in calls] == [5, 1]


def test_without_it_that_is_said_if_there_are_scripts(tmp_path: Path) -> None:
    missing = str(tmp_path / "none")

    assert shell_notes([Source("workflows/x.yaml", CHAIN)], missing).trouble.startswith("shellcheck is not installed")
    assert shell_notes([], missing) == ShellNotes()


@pytest.mark.parametrize(
    "text", ["#!/bin/sh\necho no JSON\n", "#!/bin/sh\nexec tail -f /dev/null\n"], ids=["nonsense", "hangs"]
)
def test_an_answer_that_does_not_come_is_said(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shellcheck, "LIMIT_S", 0.3)

    assert shell_notes([Source("workflows/x.yaml", CHAIN)], program(tmp_path, text)).trouble.startswith(
        "shellcheck gave no"
    )


def test_a_file_that_cannot_be_read_has_no_scripts(fake: str) -> None:
    assert shell_notes([Source("workflows/x.yaml", "agents: {"), Source("workflows/y.yaml", "")], fake) == ShellNotes()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not on this machine")
def test_the_examples_of_the_documentation_are_what_they_claim() -> None:
    entry = next(entry for entry in ENTRIES if entry.name == RUN_SHELLCHECK)
    bad, good = (
        shell_notes([Source(path, data.decode()) for path, data in files(text).items()]).found
        for text in (entry.bad, entry.good)
    )

    assert (bool(bad), good) == (True, ())
