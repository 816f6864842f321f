"""JSON is read to the letter, with positions; what is wrong with it is found, never raised."""

import json

import pytest

from chainwright.daemon.definition.json_reader import read_json
from chainwright.daemon.definition.nodes import Mapping, Node, plain
from chainwright.daemon.definition.source import Findings, Source
from chainwright.schemas.diagnostic import Span


def read(text: str) -> tuple[Node | None, list[tuple[str, int, int]]]:
    findings = Findings("a.json")
    root = read_json(Source("a.json", text), findings)
    return root, [(one.rule, one.span.line, one.span.column) for one in findings.found]


@pytest.mark.parametrize(
    "text",
    ["{}", " [ ] ", '{"a": [1, -2.5e3, "x\\u00e9\\n", true, false, null], "b": {"c": {}}}', '"text"', "0", '{"":""}'],
)
def test_a_value_is_what_json_says(text: str) -> None:
    root, found = read(text)

    assert found == []
    assert root is not None
    assert plain(root) == json.loads(text)


def test_every_value_and_key_knows_its_place() -> None:
    root, _ = read('{\n  "a": [\n    1\n  ]\n}')
    assert isinstance(root, Mapping)

    assert root.span == Span(line=1, column=1, end_line=5, end_column=2)
    assert root.entries["a"].key.span == Span(line=2, column=3, end_line=2, end_column=6)
    assert root.entries["a"].value.span == Span(line=2, column=8, end_line=4, end_column=4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1, "a": 2}', ("yaml-dup-key", 1, 10)),
        ("[1,]", ("json-syntax", 1, 4)),
        ("[1 2]", ("json-syntax", 1, 4)),
        ('{"a" 1}', ("json-syntax", 1, 6)),
        ("{a: 1}", ("json-syntax", 1, 2)),
        ("[NaN]", ("json-syntax", 1, 2)),
        ("[01]", ("json-syntax", 1, 3)),
        ("[1e999]", ("json-syntax", 1, 2)),
        ('["\t"]', ("json-syntax", 1, 2)),
        ("[1]\nx", ("json-syntax", 2, 1)),
        ("[1", ("json-syntax", 1, 3)),
        ("[" * 60, ("yaml-limits", 1, 52)),
        ("[" + "9" * 5000 + "]", ("yaml-limits", 1, 2)),
    ],
)
def test_what_is_wrong_is_found_at_its_place(text: str, expected: tuple[str, int, int]) -> None:
    assert read(text)[1] == [expected]


def test_half_a_surrogate_pair_becomes_something_that_can_be_stored() -> None:
    root, _ = read('["\\ud800"]')

    assert root is not None
    assert plain(root)[0].encode("utf-8") == b"?"
