"""Templates and conditions: what stands around expressions, and what is told about them."""

import pytest

from chainwright.daemon.core.expressions import (
    ExpressionError,
    Status,
    parse_condition,
    parse_template,
    resolve,
)

CONTEXTS = {
    "inputs": {"topic": "cats", "count": 3, "deep": {"list": ["a", "b"]}},
    "needs": {"write": {"result": "success", "outputs": {"score": 0.9}}},
    "event": {"name": "draft.ready", "data": {"reasons": ["x", "y"]}},
    "run": {"number": 7},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("${{ inputs.topic }}", "cats"),
        ("${{inputs.count}}", 3),
        ("${{ event.data.reasons }}", ["x", "y"]),
        ("on ${{ inputs.topic }}, ${{ run.number }} times", "on cats, 7 times"),
        ("${{ inputs.topic }} ", "cats "),
        ("${{ inputs.nothing.at.all }}", None),
        ("<${{ inputs.nothing }}>", "<>"),
        ("${{ INPUTS['Topic'] }}", "cats"),
        ("${{ inputs.deep.list[1] }}", "b"),
        ("${{ needs.write.outputs.score >= 0.8 }}", True),
        ("${{ 'it''s }} here' }}", "it's }} here"),
        ("${{ '${{' }}", "${{"),
        ("$${{ run.number }}}", "$7}"),
    ],
)
def test_a_lone_expression_keeps_its_type_and_any_other_text_is_text(text: str, value: object) -> None:
    assert parse_template(text).evaluate(CONTEXTS) == value


def test_text_is_always_text() -> None:
    assert parse_template("${{ inputs.count }}").text(CONTEXTS) == "3"
    assert parse_template("${{ inputs.nothing }}").text(CONTEXTS) == ""


def test_references_are_paths_with_the_place_where_they_begin() -> None:
    template = parse_template("a ${{ needs.write.outputs['score'] }} b ${{ Inputs.list[0] == event.name }}")

    assert template.references == (("needs", "write", "outputs", "score"), ("inputs", "list", "0"), ("event", "name"))
    assert [reference.offset for reference in template.located] == [6, 44, 62]


def test_only_a_text_without_expressions_is_plain() -> None:
    assert parse_template("no $ {{ expression }}").is_plain
    assert not parse_template("${{ 'x' }}").is_plain


@pytest.mark.parametrize(
    ("text", "kind", "offset", "part"),
    [
        ("ab ${{ inputs.x", "lexing", 3, "not closed"),
        ("ab ${{ }}", "parsing", 6, "An expression was expected"),
        ("ab ${{ inputs.x ? }}", "lexing", 16, "'?'"),
        ("ab ${{ github.sha }}", "parsing", 7, "'github'"),
        ("ab ${{ success() }}", "parsing", 7, "only in 'if'"),
        ("ab ${{ nope() }}", "parsing", 7, "'nope'"),
        ("ab ${{ toJSON() }}", "parsing", 7, "Too few parameters supplied: 'toJSON'"),
        ("ab ${{ inputs.*x }}", "parsing", 15, "'x'"),
        ("ab ${{ inputs[ }}", "parsing", 13, "end of expression: '['"),
        ("ab ${{ 'a'[0] }}", "parsing", 10, "'['"),
    ],
)
def test_an_error_says_what_and_where_in_the_whole_text(text: str, kind: str, offset: int, part: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_template(text)

    assert (caught.value.kind, caught.value.offset) == (kind, offset)
    assert part in caught.value.message


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("inputs.count == 3", True),
        ("${{ inputs.count == 3 }}", True),
        ("  ${{ inputs.count > 3 }}  ", False),
        ("needs.write.result == 'SUCCESS' && !failure()", True),
        ("(failure() || cancelled()) && always()", False),
        ("inputs.nothing", False),
        ("inputs.deep", True),
        ("finished()", True),
    ],
)
def test_a_condition_holds_when_its_value_counts_as_true(text: str, holds: bool) -> None:
    assert parse_condition(text).holds(CONTEXTS, Status(success=True)) is holds


def test_status_functions_answer_from_the_status() -> None:
    cancelled = Status(success=False, cancelled=True)

    assert parse_condition("cancelled() && always() && !success() && !failure()").holds({}, cancelled)
    assert not parse_condition("finished()").holds({}, cancelled)


@pytest.mark.parametrize(
    ("text", "names_status"),
    [("inputs.a", False), ("inputs.a && !failure()", True), ("'success()' == 'a'", False), ("Always()", True)],
)
def test_a_condition_tells_whether_it_asks_for_the_status(text: str, names_status: bool) -> None:
    assert parse_condition(text).names_status is names_status


@pytest.mark.parametrize("text", ["not ${{ inputs.a }}", "${{ inputs.a }} == 1", "${{ inputs.a }}${{ inputs.b }}"])
def test_text_around_the_expression_of_a_condition_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="around the whole expression") as caught:
        parse_condition(text)

    assert caught.value.offset == text.index("${{")


@pytest.mark.parametrize("text", ["", "  ", "${{ }}"])
def test_an_empty_condition_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="An expression was expected"):
        parse_condition(text)


def test_what_a_condition_asks_about_by_id_is_asked_of_that_alone() -> None:
    status = Status(success=False, failure=True, results={"good": "success", "bad": "failure", "not": "skipped"})

    assert parse_condition("success('good') && failure('bad') && !cancelled('good', 'bad')").holds({}, status)
    assert parse_condition("success('GOOD', 'not') && !success('not') && finished('bad')").holds({}, status)
    assert parse_condition("success('good')").names_status


def test_an_id_that_nothing_has_is_an_error_with_its_place() -> None:
    with pytest.raises(ExpressionError, match="'god' is not among what this depends on: good") as caught:
        parse_condition("true && success('god')").holds({}, Status(results={"good": "success"}))

    assert (caught.value.kind, caught.value.offset) == ("evaluation", 8)


def test_ids_are_written_in_quotes() -> None:
    with pytest.raises(ExpressionError, match="'success' takes ids in quotes") as caught:
        parse_condition("success(inputs.a)")

    assert (caught.value.kind, caught.value.offset) == ("parsing", 8)


def test_a_filter_is_a_step_of_a_path_and_a_computed_index_ends_it() -> None:
    template = parse_template("${{ needs.*.result }}${{ vars[inputs.a].b }}${{ fromJSON(inputs.j).x }}")

    assert template.references == (("needs", "*", "result"), ("vars",), ("inputs", "a"), ("inputs", "j"))


def test_what_a_filter_gave_is_a_plain_list_afterwards() -> None:
    kept = resolve("${{ needs.*.outputs }}", CONTEXTS)

    assert type(kept) is list
    assert resolve("${{ inputs.kept[0].score }}", {"inputs": {"kept": kept}}) == 0.9


def test_resolve_evaluates_every_text_of_a_nested_value() -> None:
    value = {"a": ["${{ inputs.count }}", {"b": "<${{ inputs.topic }}>"}], "c": 1, "d": None, "${{ x }}": True}

    assert resolve(value, CONTEXTS) == {"a": [3, {"b": "<cats>"}], "c": 1, "d": None, "${{ x }}": True}
