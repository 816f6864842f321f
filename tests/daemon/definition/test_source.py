"""A place within a text leads back to the line and column where it is written."""

import pytest

from chainwright.daemon.definition.nodes import Scalar, at
from chainwright.daemon.definition.source import Findings, Source
from chainwright.daemon.definition.yaml_reader import read_yaml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: one HERE", (1, 8)),
        ("a: 'one HERE'", (1, 9)),
        ('a: "HERE"', (1, 5)),
        ("a: 'it''s HERE'", (1, 11)),
        ('a: "tab\\tand HERE"', (1, 14)),
        ("a: |\n  one\n  two HERE\n", (3, 7)),
        ("a: |  # comment with HER\n    HERE\n", (2, 5)),
        ("a: >-\n  folded\n  text HERE\n", (3, 8)),
        ("a: plain\n  over lines HERE\n", (2, 14)),
        ("a: |2\n   indented HERE\n", (2, 13)),
    ],
)
def test_an_offset_within_a_value_is_found_in_the_file(text: str, expected: tuple[int, int]) -> None:
    source = Source("a.yaml", text)
    scalar = at(read_yaml(source, Findings("a.yaml")), "a")
    assert isinstance(scalar, Scalar)
    span = source.within(scalar, str(scalar.value).index("HERE"), 4)

    assert (span.line, span.column, span.end_column) == (*expected, expected[1] + 4)


def test_an_offset_beyond_the_value_is_the_value_itself() -> None:
    source = Source("a.yaml", "a: one\n")
    scalar = at(read_yaml(source, Findings("a.yaml")), "a")
    assert isinstance(scalar, Scalar)

    assert source.within(scalar, 99) == scalar.span
