"""The four ways in which diagnostics are shown."""

import json
from itertools import pairwise

import pytest

from chainwright.daemon.lint.formats import FORMATS
from chainwright.daemon.lint.formats.text import rendered, rendered_one
from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import lint_repository
from chainwright.daemon.lint.registry import ENTRIES

FILES = {"workflows/a b.yaml": "# größer 漢字\nagents:\n  a: {run: '漢字 ${{ inputs.x }}', run: y}\n".encode()}


@pytest.fixture
def linted() -> Linted:
    return lint_repository(FILES)


@pytest.mark.parametrize("name", ["text", "github"])
def test_nothing_to_say_is_no_text(name: str) -> None:
    assert FORMATS[name](lint_repository({"workflows/a.yaml": b"agents: {a: {run: x}}"})) == ""


def test_text_marks_the_place_below_the_line(linted: Linted) -> None:
    first = linted.diagnostics[0]

    assert rendered_one(first, linted.sources[first.path]) == (
        'workflows/a b.yaml:3:20: error: "inputs.x" would be pasted into the script and run as part of it [inject-shell]\n'
        "    3 |   a: {run: '漢字 ${{ inputs.x }}', run: y}\n"
        "      |                      ^~~~~~~~\n"
        "      hint: hand it over in the environment:\n"
        "        env: {X: '${{ inputs.x }}'}\n"
        "        a: {run: '漢字 \"$X\"', run: y}\n"
    )


def test_text_without_a_source_names_the_place_alone(linted: Linted) -> None:
    assert rendered_one(linted.diagnostics[-1], None).startswith("workflows/a b.yaml:3:34: error: ")


def test_json_holds_everything(linted: Linted) -> None:
    report = json.loads(FORMATS["json"](linted))
    last = report["diagnostics"][-1]

    assert (report["version"], report["chains"]) == (1, [])
    assert last == {
        "path": "workflows/a b.yaml",
        "line": 3,
        "column": 34,
        "end_line": 3,
        "end_column": 37,
        "severity": "error",
        "rule": "yaml-dup-key",
        "message": '"run" is given twice',
        "hint": "",
        "related": {"line": 3, "column": 7, "end_line": 3, "end_column": 10, "message": "first given here"},
    }


def test_github_gets_one_escaped_command_a_line(linted: Linted) -> None:
    lines = FORMATS["github"](linted).splitlines()

    assert len(lines) == len(linted.diagnostics)
    assert lines[-1] == (
        '::error file=workflows/a b.yaml,line=3,col=34,endLine=3,endColumn=37,title=yaml-dup-key::"run" is given twice'
    )
    assert "%0A" in lines[0] and "\n" not in lines[0]


def test_sarif_has_a_rule_for_every_result_and_a_region_within_the_file(linted: Linted) -> None:
    log = json.loads(FORMATS["sarif"](linted))
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    assert [rule["id"] for rule in rules] == [entry.name for entry in ENTRIES]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result, finding in zip(run["results"], linted.diagnostics, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "workflows/a%20b.yaml"
        assert place["region"]["startLine"] == finding.span.line


def test_of_a_long_line_people_see_what_is_around_the_place() -> None:
    """A line may be as long as the file, and a screen is not."""
    text = "agents:\n  a: {run: 'true', x-long: '" + "y" * 5_000 + "', nees: b, x-more: '" + "z" * 5_000 + "'}\n"
    shown = rendered(lint_repository({"workflows/a.yaml": text.encode()}))
    line, marks = next((a, b) for a, b in pairwise(shown.splitlines()) if "^" in b)

    assert line[marks.index("^") :].startswith("nees: b")
    assert line.endswith("…")
    assert max(map(len, shown.splitlines()[:3])) < 220
