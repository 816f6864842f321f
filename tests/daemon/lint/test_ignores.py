"""``# lint: ignore[rule] why`` silences warnings and notes of its line and of the one below, and nothing else."""

import pytest

from chainwright.daemon.lint.linter import lint_repository


def found(text: str, path: str = "workflows/a.yaml") -> list[tuple[int, str]]:
    return [(one.span.line, one.rule) for one in lint_repository({path: text.encode()}).diagnostics]


def told(text: str) -> list[tuple[str, str]]:
    return [(one.message, one.hint) for one in lint_repository({"workflows/a.yaml": text.encode()}).diagnostics]


@pytest.mark.parametrize(
    "text",
    [
        "agents:\n  a:\n    run: x\n    emits: y  # lint: ignore[event-unheard] for people\n",
        "agents:\n  a:\n    run: x\n    # lint: ignore[event-unheard] for people\n    emits: y\n",
        "agents:\n  a:\n    run: x\n    emits: y  #lint:ignore[event-unheard]\n",
        "agents:\n  a:\n    run: x\n    emits: y  # we know; # lint: ignore[ event-unheard ]\n",
    ],
    ids=["on the line", "above", "without spaces", "after another comment"],
)
def test_a_finding_is_silenced(text: str) -> None:
    assert found(text) == []


def test_several_rules_are_divided_by_commas() -> None:
    text = (
        "on: {schedule: [{cron: '* 3 * * *', timezone: Europe/Riga}]}  # lint: ignore[cron-too-often, cron-dst] a test\n"
        "agents: {a: {run: x}}\n"
    )

    assert found(text) == []


def test_each_rule_of_several_has_to_match_something() -> None:
    text = "agents:\n  a:\n    run: x\n    emits: y  # lint: ignore[event-unheard, cron-dst] why\n"

    assert found(text) == [(4, "ignore-unused")]


def test_one_ignore_silences_every_finding_of_its_rule_there() -> None:
    assert found("agents:\n  a:\n    run: x\n    emits: [y, z]  # lint: ignore[event-unheard] why\n") == []


def test_two_lines_above_is_too_far() -> None:
    text = "agents:\n  a:\n    # lint: ignore[event-unheard] why\n    run: x\n    emits: y\n"

    assert found(text) == [(3, "ignore-unused"), (5, "event-unheard")]


def test_a_rule_that_does_not_exist_is_answered_with_the_nearest() -> None:
    assert told("agents:\n  a:\n    run: x  # lint: ignore[event-unherd] why\n") == [
        ('there is no rule "event-unherd"', 'did you mean "event-unheard"?')
    ]


@pytest.mark.parametrize("rules", ["", " ", "event-unheard,"])
def test_a_rule_has_to_be_named(rules: str) -> None:
    told_of = told(f"agents:\n  a:\n    run: x\n    emits: y  # lint: ignore[{rules}] why\n")

    assert ('there is no rule ""', "lint: ignore[rule] why; several rules are divided by commas") in told_of


def test_an_error_is_not_silenced() -> None:
    text = "agents:\n  a:\n    run: x\n    needs: a  # lint: ignore[needs-self] why\n"

    assert found(text) == [(4, "needs-self"), (4, "ignore-unused")]


def test_a_word_within_a_text_is_no_comment() -> None:
    text = "agents:\n  a:\n    run: x\n    name: 'a#lint: ignore[event-unheard]'\n    emits: y\n"

    assert found(text) == [(5, "event-unheard")]


def test_json_has_no_comments_so_nothing_is_silenced() -> None:
    text = '{"agents": {"a": {"run": "x",\n "emits": "y", "name": " # lint: ignore[event-unheard]"}}}'

    assert found(text, "workflows/a.json") == [(2, "event-unheard")]


def test_a_file_of_a_reusable_agent_has_ignores_too() -> None:
    assert found("run: x  # lint: ignore[event-unheard] why\n", "workflows/agents/a.yaml") == [(1, "ignore-unused")]


def test_what_only_the_command_line_looks_for_is_not_called_unused() -> None:
    assert found("agents:\n  a:\n    run: x  # lint: ignore[run-shellcheck] why\n") == []
