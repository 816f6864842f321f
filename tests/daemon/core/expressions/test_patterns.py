"""Regular expressions of authors."""

import pytest

from chainwright.daemon.core.expressions.patterns import MAX_PATTERN, is_found, pattern_problem


@pytest.mark.parametrize("pattern", ["", "a", "^$", r"\w+", "(?i)a", "ä", "\ud800"])
def test_what_re2_reads_has_no_problem(pattern: str) -> None:
    assert pattern_problem(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing )"),
        ("(?=a)", "invalid perl operator"),
        (r"(a)\1", "invalid escape sequence"),
        ("((a{1000}){1000}){1000}", "invalid repetition size"),
        ("a" * (MAX_PATTERN + 1), "longer than 500 characters"),
    ],
)
def test_what_it_does_not_read_is_told_with_the_reason(pattern: str, reason: str) -> None:
    assert reason in (pattern_problem(pattern) or "")


def test_a_dollar_is_the_very_end() -> None:
    """Python's own lets a line break follow."""
    assert is_found("a$", "ba")
    assert not is_found("a$", "ba\n")


def test_half_a_character_is_no_reason_to_fail() -> None:
    assert is_found("a", "\ud800a")
