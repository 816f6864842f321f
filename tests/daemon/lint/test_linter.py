"""A repository is linted as a whole, and is all right or not at all."""

import time

import pytest

from chainwright.daemon.lint.linted import Linted
from chainwright.daemon.lint.linter import MAX_FINDINGS, is_definition, lint_repository
from chainwright.schemas.diagnostic import Severity

GOOD = b"agents: {a: {run: x}}"
BAD = b"agents: {a: {runs: x}}"


def rules(linted: Linted) -> list[tuple[str, str]]:
    return [(one.path, one.rule) for one in linted.diagnostics]


def test_every_chain_of_the_folder_is_found_and_nothing_else() -> None:
    linted = lint_repository(
        {
            "workflows/one.yaml": GOOD,
            "workflows/team/two.yml": GOOD,
            "workflows/three.json": b'{"agents": {"a": {"run": "x"}}}',
            "workflows/agents/used.yaml": b"run: x",
            "workflows/notes.md": b"no chain",
            "elsewhere/four.yaml": BAD,
            "workflows.yaml": BAD,
        }
    )

    assert sorted(linted.chains) == ["one", "team/two", "three"]
    assert linted.diagnostics == ()


def test_one_error_keeps_every_chain_back() -> None:
    linted = lint_repository({"workflows/one.yaml": GOOD, "workflows/two.yaml": BAD})

    assert (dict(linted.chains), linted.has_error) == ({}, True)
    assert rules(linted) == [("workflows/two.yaml", "missing-key"), ("workflows/two.yaml", "unknown-key")]


def test_a_warning_keeps_nothing_back() -> None:
    linted = lint_repository({"workflows/one.yaml": b"agents: {a: {run: x, emits: y}}"})

    assert list(linted.chains) == ["one"]
    assert [one.severity for one in linted.diagnostics] == [Severity.WARNING]


def test_two_files_cannot_define_the_same_chain() -> None:
    linted = lint_repository({"workflows/one.yaml": GOOD, "workflows/two.yaml": b"id: one\nagents: {a: {run: x}}"})

    assert rules(linted) == [("workflows/two.yaml", "chain-duplicate")]
    assert "workflows/one.yaml" in linted.diagnostics[0].message


def test_the_folder_of_chains_is_a_setting() -> None:
    linted = lint_repository({"ops/chains/a/b.yaml": GOOD, "workflows/c.yaml": BAD}, folder="ops/chains")

    assert list(linted.chains) == ["a/b"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("workflows/a.yaml", True), ("workflows/agents/a.yml", True), ("workflows/a.txt", False), ("a.yaml", False)],
)
def test_a_definition_is_known_by_its_path(path: str, expected: bool) -> None:
    assert is_definition(path) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"run: echo ${{ run.id }} ${{ vars.x }}", ["expr-unknown-context"]),
        (b"run: echo ${{ inputs.topic }}", ["inject-shell"]),
        (b"run: x\nenv: {A: '${{ inputs.topic }}'}", ["expr-unknown-context"]),
        (b"run: x\nenv: {A: '${{ run.idd }}'}", ["expr-unknown-context"]),
        (b"run: x\nenv: {A: '${{ matrix.x }}'}", ["expr-unknown-context"]),
        (b"run: x\ninputs: {n: {type: integer, default: x}}", ["input-type"]),
        (b"run: x\nusage: {}", ["not-supported"]),
        (b"run: x\nneeds: a", ["unknown-key"]),
        (b"name: x", ["missing-key"]),
    ],
)
def test_a_reusable_agent_is_linted_by_itself(text: bytes, expected: list[str]) -> None:
    linted = lint_repository({"workflows/agents/a.yaml": text})

    assert [one.rule for one in linted.diagnostics] == expected


def test_the_answer_to_a_thousand_mistakes_is_bounded() -> None:
    text = "agents:\n" + "".join(f"  a{i}: {{run: x, needs: b{i}}}\n" for i in range(1_000))
    linted = lint_repository({"workflows/a.yaml": text.encode()})

    assert len(linted.diagnostics) == MAX_FINDINGS
    assert linted.has_error


def test_what_stands_behind_an_anchor_is_reported_once() -> None:
    text = b"agents:\n  a: &a {run: x, env: {A: '${{ github.sha }}'}}\n  b: *a\n"

    assert len(lint_repository({"workflows/a.yaml": text}).diagnostics) == 1


@pytest.mark.parametrize("name", ["a\udcff", "a\nb", "\x1b[2J", "\u202e"])
def test_a_name_that_cannot_be_shown_is_an_error_with_a_path_that_can(name: str) -> None:
    """A byte that is no UTF-8 would end the deployment of everything: no digest can be made of it."""
    linted = lint_repository({f"workflows/{name}.yaml": GOOD, "workflows/fine.yaml": GOOD})

    assert [one.rule for one in linted.diagnostics] == ["yaml-syntax"]
    assert linted.diagnostics[0].path.isprintable()
    assert linted.diagnostics[0].path.isascii()
    assert list(linted.drafts) == ["fine"]


def test_a_name_in_any_language_is_fine() -> None:
    assert list(lint_repository({"workflows/plāns.yaml": GOOD}).chains) == ["plāns"]


def test_the_time_of_a_repository_grows_with_its_size() -> None:
    """Four times the chains take about four times as long, not sixteen."""

    def took(count: int) -> float:
        files = {f"workflows/c{number}.yaml": GOOD for number in range(count)}
        begun = time.thread_time()
        lint_repository(files)
        return time.thread_time() - begun

    assert min(took(200) for _ in range(3)) < 8 * min(took(50) for _ in range(3))
