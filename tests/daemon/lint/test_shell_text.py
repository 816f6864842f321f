"""Where in a script a place is."""

import pytest

from chainwright.daemon.lint.shell_text import quoting_at


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("", "bare"),
        ("echo ", "bare"),
        ('echo "', "double"),
        ("echo '", "single"),
        ('echo "a" ', "bare"),
        ("echo 'a' \"b'", "double"),
        ('echo "a\\"b ', "double"),
        ("echo \\' ", "bare"),
        ("# don't\necho ", "bare"),
        ("echo a#b' ", "single"),
        ('echo "$(dirname ', "bare"),
        ('echo "$(dirname "', "double"),
        ('echo "$(dirname a) ', "double"),
        ('echo "$( (a) ', "bare"),
        ("f() { echo '", "single"),
        ("echo ${{ inputs['x'] }} ", "bare"),
        ("cat <<EOT\n", "unsure"),
        ("echo `", "unsure"),
        ("bash -c ", "unsure"),
        ("sh -ec '", "unsure"),
        ("eval ", "unsure"),
        ("ssh host ", "unsure"),
        ("grep -c", "bare"),
    ],
)
def test_quotes_are_counted_and_doubts_are_told(before: str, expected: str) -> None:
    assert quoting_at(f"{before}${{{{ inputs.x }}}}", len(before)) == expected
