"""Expressions, conditions and scripts of GitHub's say the same in our names."""

from typing import Any

import pytest

from chainwright.daemon.definition.nodes import Place, Scalar
from chainwright.daemon.definition.source import Source
from chainwright.daemon.importers.github.conditions import condition, of_job
from chainwright.daemon.importers.github.expressions import Scope
from chainwright.daemon.importers.github.scripts import quoting, script
from chainwright.daemon.importers.report import Report

PLACE = Place(1, 1, 1, 2)


@pytest.fixture
def scope() -> Scope:
    """A workflow of three jobs, one of them renamed and one with legs."""
    jobs = {"run": "run-2", "build": "build", "legs": "legs"}
    return Scope(source=Source("w.yml", ""), report=Report("w.yml"), jobs=jobs, matrices={"legs"}, job="build")


def rules(scope: Scope) -> list[str]:
    return [point.rule for point in scope.report.points]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("github.sha", "run.commit"),
        ("GitHub.SHA", "run.commit"),
        ("github['sha']", "run.commit"),
        ("github.event.inputs.who", "inputs.who"),
        ("github.job", "'build'"),
        ("runner.os == 'Linux'", "'Linux' == 'Linux'"),
        ("github.event_name == 'workflow_dispatch'", "run.trigger == 'manual'"),
        ("'workflow_call' != github.event_name", "'call' != run.trigger"),
        ("inputs.x == 'workflow_call'", "inputs.x == 'workflow_call'"),
        ("format('{0} github.sha', github.sha)", "format('{0} github.sha', run.commit)"),
        ("needs.run.result", "needs.run-2.result"),
        ("jobs.run.outputs.a", "agents.run-2.outputs.a"),
        ("needs.legs.outputs.a", "needs.legs.legs[0].outputs.a"),
        ("matrix[inputs.key]", "matrix[inputs.key]"),
        ("github.ref_name", "inputs.github_ref_name"),
        ("contains(github.event.commits.*.message, 'x')", "contains(inputs.github_event_commits.*.message, 'x')"),
        ("secrets.TOKEN", "secrets.TOKEN"),
    ],
)
def test_a_path_gets_its_name_here(scope: Scope, theirs: str, ours: str) -> None:
    assert scope.rewritten(theirs, PLACE.span) == ours


def test_what_only_github_knows_becomes_an_input_and_is_told(scope: Scope) -> None:
    scope.rewritten("github.head_ref || github.ref", PLACE.span)

    assert scope.inputs == {"github_head_ref": "github.head_ref", "github_ref": "github.ref"}
    assert rules(scope) == ["gha-context", "gha-context"]


def test_a_job_that_is_not_needed_is_told(scope: Scope) -> None:
    scope.needs = frozenset({"run"})

    assert scope.rewritten("needs.run.result == needs.build.result", PLACE.span)
    assert rules(scope) == ["gha-needs"]


def test_secrets_that_are_named_are_gathered(scope: Scope) -> None:
    scope.rewritten("secrets.A || github.token", PLACE.span)

    assert list(scope.secrets) == ["A", "GITHUB_TOKEN"]


def test_an_expression_that_cannot_be_read_is_left_and_told(scope: Scope) -> None:
    assert scope.rewritten("github.sha 'open", PLACE.span) == "github.sha 'open"
    assert rules(scope) == ["gha-expression"]


A_B = ["a", "b"]
BOTH_OK = "needs.a.result == 'success' && needs.b.result == 'success'"
ONE_BAD = "needs.a.result == 'failure' || needs.b.result == 'failure'"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("", BOTH_OK),
        ("inputs.x", f"{BOTH_OK} && (inputs.x)"),
        ("always()", "always()"),
        ("!cancelled()", "!cancelled()"),
        ("failure()", f"finished() && (({ONE_BAD}))"),
        ("success( ) || Failure()", f"finished() && (({BOTH_OK}) || ({ONE_BAD}))"),
        ("always() && failure()", f"always() && ({ONE_BAD})"),
    ],
)
def test_a_job_with_ancestors_says_githubs_rule(scope: Scope, theirs: str, ours: str) -> None:
    assert of_job(theirs, A_B, scope, PLACE.span) == ours


def test_a_job_without_ancestors_keeps_its_condition(scope: Scope) -> None:
    assert of_job("failure()", [], scope, PLACE.span) == "failure()"


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("${{ github.sha }}", "run.commit"), (False, "false"), (0, "0"), (None, ""), ("a == 1", "a == 1")],
)
def test_a_condition_stands_without_braces(scope: Scope, theirs: Any, ours: str) -> None:
    assert condition(Scalar(theirs, PLACE), scope) == ours


def test_text_around_an_expression_is_read_as_it_was_meant_and_told(scope: Scope) -> None:
    assert condition(Scalar("${{ inputs.a }} == 'x'", PLACE), scope) == "inputs.a == 'x'"
    assert rules(scope) == ["gha-if-text"]


@pytest.mark.parametrize(
    ("theirs", "ours", "env"),
    [
        ("echo ${{ inputs.a }}", "echo ${INPUTS_A}", {"INPUTS_A": "${{ inputs.a }}"}),
        ('echo "${{ inputs.a }}"', 'echo "${INPUTS_A}"', {"INPUTS_A": "${{ inputs.a }}"}),
        ("echo 'a ${{ inputs.a }}'", "echo 'a '\"${INPUTS_A}\"''", {"INPUTS_A": "${{ inputs.a }}"}),
        ("echo ${{ 'it''s' }} ${{ 3 }}", "echo it's 3", {}),
        ("echo ${{ github.sha }}", "echo ${{ run.commit }}", {}),
        ("echo ${{ env.A }}", "echo ${A}", {}),
        ("cd ${{ github.workspace }}", "cd ${CHAINWRIGHT_WORKSPACE}", {}),
        ("echo $GITHUB_SHA", "echo $GITHUB_SHA", {"GITHUB_SHA": "${{ run.commit }}"}),
        ("${{ inputs.a }} ${{ inputs.a }}", "${INPUTS_A} ${INPUTS_A}", {"INPUTS_A": "${{ inputs.a }}"}),
        ("${{ inputs['1'] == 2 }}", "${VALUE}", {"VALUE": "${{ inputs['1'] == 2 }}"}),
    ],
)
def test_values_reach_a_script_in_its_environment(scope: Scope, theirs: str, ours: str, env: dict[str, str]) -> None:
    found: dict[str, str] = {}

    assert (script(Scalar(theirs, PLACE), "bash", found, scope), found) == (ours, env)


def test_a_variable_that_is_taken_is_not_taken_again(scope: Scope) -> None:
    env = {"INPUTS_A": "mine"}

    assert script(Scalar("echo ${{ inputs.a }}", PLACE), "sh", env, scope) == "echo ${INPUTS_A_2}"


@pytest.mark.parametrize("shell", ["python3", "perl"])
def test_a_script_that_is_none_of_the_shells_is_told(scope: Scope, shell: str) -> None:
    assert script(Scalar("print(${{ inputs.a }})", PLACE), shell, {}, scope) == "print(${{ inputs.a }})"
    assert rules(scope) == ["gha-inject"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("echo ", ""),
        ("echo '", "'"),
        ("echo 'a' ", ""),
        ("echo \"it's ", '"'),
        ("echo \\' ", ""),
        ("# don't\necho ", ""),
        ("a#b 'c", "'"),
        ("cat <<EOF\ndon't ", "here-document"),
        ("cat <<'EOF'\nx ", "quoted here-document"),
        ("cat <<-EOF\n'\n\tEOF\necho ", ""),
        ("grep x <<< 'a' && echo ", ""),
        ("echo $((1 << 2)) '", "'"),
    ],
)
def test_the_quotes_that_a_value_stands_in_are_known(before: str, expected: str) -> None:
    assert quoting(before) == expected
