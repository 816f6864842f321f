"""What an unreadable expression is told, beyond the words that GitHub's own cases hold."""

import pytest

from chainwright.daemon.core.expressions import ExpressionError
from chainwright.daemon.core.expressions.parser import parse
from chainwright.daemon.core.expressions.vocabulary import IN_CONDITION


@pytest.mark.parametrize(
    ("text", "offset", "expected"),
    [
        ("run.number ==", 11, "a value, such as a path, a call or 'text', after =="),
        ("run.number 3", 11, "an operator, or nothing more"),
        ("run.", 3, "the name of a property, or *, after ."),
        ("(true", 1, "')', after true"),
        ("contains('a' 'b')", 13, "',' or ')'"),
        ("inputs['a'", 7, "']', after 'a'"),
        ("'open", 0, "a closing '; within a text it is written twice"),
        ('run.chain == "a"', 13, "a text in single quotes, 'text'"),
        ("run.number = 1", 11, "==, which compares"),
        ("true & true", 5, "&&, which means and"),
        ("true | true", 5, "||, which means or"),
        ("run.number + 1", 11, "a number: expressions compare, they do not calculate"),
        ("run.number -1", 11, "a number: expressions compare, they do not calculate"),
        ("run.number / 2", 11, "a number: expressions compare, they do not calculate"),
        ("${{ true }}", 0, "the expression alone: ${{ }} stands around all of it"),
        ("1x", 0, "a number"),
        ("#a", 0, "a name of letters, digits, _ and -"),
    ],
)
def test_an_error_of_grammar_says_where_it_is_and_what_was_expected(text: str, offset: int, expected: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text, IN_CONDITION)

    assert (caught.value.offset, caught.value.expected) == (offset, expected)
