"""A value breaks rules of a schema, each told with its place; and no schema keeps the daemon busy."""

from typing import Any

import pytest

from chainwright.daemon.core.json_schema import misfits

DRAFT_07 = "http://json-schema.org/draft-07/schema#"
DEEP = {f"d{n}": {"anyOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)} | {"d40": False}

CASES: list[tuple[dict[str, Any], Any, tuple[str, ...]]] = [
    ({"type": "integer"}, 3.0, ()),
    ({"type": "integer"}, "3", ('the whole: integer is expected, this is "3" (rule type)',)),
    ({"type": ["string", "null"]}, True, ("the whole: string or null is expected, this is true (rule type)",)),
    (
        {"properties": {"a": {"items": {"enum": [1, None]}}}},
        {"a": [1, 2]},
        ("a[1]: 2 is none of 1, null (rule properties/a/items/enum)",),
    ),
    ({"const": None}, 0, ("the whole: null is expected, this is 0 (rule const)",)),
    ({"required": ["a"]}, {}, ("the whole: 'a' is a required property (rule required)",)),
    ({"pattern": "^a+$"}, "b", ('the whole: "b" does not match ^a+$ (rule pattern)',)),
    ({"pattern": "^a+$"}, 1, ()),
    ({"properties": {"a": {}}, "additionalProperties": False}, {"a": 1}, ()),
    (
        {"patternProperties": {"^x": {"type": "null"}}, "additionalProperties": False},
        {"xa": 1, "b": 2},
        (
            "xa: null is expected, this is 1 (rule patternProperties/^x/type)",
            'the whole: "b" is not among the properties (rule additionalProperties)',
        ),
    ),
    ({"additionalProperties": {"type": "null"}}, {"b": 2}, ("b: null is expected, this is 2 (rule additionalProperties/type)",)),
    ({"uniqueItems": True}, [1, True, {"a": 1, "b": [2]}, "1", None], ()),
    ({"uniqueItems": True}, [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], ("the whole: its items are not all different (rule uniqueItems)",)),
    ({"format": "date"}, "tomorrow", ()),
    ({"multipleOf": 0.1}, 10**400, ("a number in it is too large to check",)),
    ({"$schema": DRAFT_07, "items": [{"type": "null"}]}, [1], ("[0]: null is expected, this is 1 (rule items/0/type)",)),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "told"), CASES)
def test_each_broken_rule_is_told_with_its_place(schema: dict[str, Any], value: Any, told: tuple[str, ...]) -> None:
    assert misfits(schema, value) == told


def test_only_the_first_few_are_told() -> None:
    assert len(misfits({"items": {"type": "null"}}, [1] * 100)) == 5


def test_a_schema_that_names_its_draft_is_bounded_where_it_refers_to_itself() -> None:
    """jsonschema would go on in a class of its own, with Python's expressions."""
    tree = {"$schema": DRAFT_07, "pattern": "^(a+)+$", "items": {"$ref": "#"}}

    assert misfits(tree, [["a" * 50 + "b"]])[0].startswith("[0][0]: ")


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        ({"$ref": "#"}, 1, "the schema refers to itself without an end"),
        ({"$ref": "#/$defs/d0", "$defs": DEEP}, 1, "the value takes more than 50,000 steps to check"),
        ({"items": {"type": "null"}}, [None] * 60_000, "the value takes more than 50,000 steps to check"),
        ({"$ref": "https://example.org/x.json"}, 1, "the schema refers to https://example.org/x.json, which it does not have"),
    ],
)  # fmt: skip
def test_a_check_that_would_not_end_is_a_misfit(schema: dict[str, Any], value: Any, why: str) -> None:
    assert misfits(schema, value) == (why,)
