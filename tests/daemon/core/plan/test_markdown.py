"""What others wrote is never markup in a comment, and a comment fits into a forge."""

import pytest

from chainwright.daemon.core.plan.markdown import MARKER, as_markdown, code
from chainwright.daemon.core.plan.report import FileChange, Plan, Side


def plan_of_files(*paths: str) -> Plan:
    files = tuple(FileChange(kind="added", path=path) for path in paths)
    return Plan(base=Side(revision="main"), head=Side(revision="feature"), files=files)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "`plain`"),
        ("a`b", "``a`b``"),
        ("`", "`` ` ``"),
        ("``", "``` `` ```"),
        ("", "`   `"),
        (" x", "`  x `"),
        ("two\nlines\x1b[31m\u202e", "` two lines [31m  `"),
    ],
)
def test_a_text_stands_in_code_whatever_it_holds(text, expected):
    assert code(text) == expected


def test_the_marker_is_the_first_line():
    assert as_markdown(plan_of_files("a"), marker="<!-- mine -->").splitlines()[0] == "<!-- mine -->"


def test_nobody_can_write_a_second_marker_outside_of_code():
    made = as_markdown(plan_of_files(f"x {MARKER} y"))

    assert made.count(MARKER) == 2
    assert f"`x {MARKER} y`" in made


def test_no_line_begins_with_what_gitlab_takes_for_a_command():
    made = as_markdown(plan_of_files("/merge", "x\n/approve", "```\n/close"))

    assert not [line for line in made.splitlines() if line.lstrip().startswith("/")]


def test_a_comment_fits_and_says_what_it_left_out():
    made = as_markdown(plan_of_files(*(f"{number}/{'x' * 300}" for number in range(40))), limit=2_000)

    assert len(made) <= 2_000
    assert "did not fit" in made
