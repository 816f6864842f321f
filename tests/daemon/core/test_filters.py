"""What patterns match, and what is said of those that cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.filters import Decision, FilterError, ignored, included, lets_start, pattern


@pytest.mark.parametrize(
    ("text", "names", "others"),
    [
        ("*", ["main", ""], ["feature/a"]),
        ("**", ["main", "feature/a", "a\nb"], []),
        ("**/docs/**", ["docs/a", "x/docs/a/b"], ["docs", "mydocs/a"]),
        ("docs/**/*.md", ["docs/a.md", "docs/x/y/a.md"], ["docs/a.txt", "a.md"]),
        ("*.jsx?", ["a.js", "a.jsx"], ["a.jsxx", "b/a.js"]),
        ("v[0-9]+.x", ["v1.x", "v12.x"], ["v.x", "v1_x", "va.x"]),
        ("[ab-d]", ["a", "c", "d"], ["e", "ab"]),
        ("+?", ["+", ""], ["++"]),
        ("\\*", ["*"], ["a"]),
        ("\\!a", ["!a"], ["a"]),
        ("a.b", ["a.b"], ["axb"]),
        ("Main", ["Main"], ["main"]),
        ("ä?", ["", "ä"], ["a"]),
        ("a(b)|c$", ["a(b)|c$"], ["ab", "c"]),
    ],
)
def test_a_pattern_matches_whole_names(text: str, names: list[str], others: list[str]) -> None:
    assert [name for name in [*names, *others] if pattern(text).matches(name)] == names


@pytest.mark.parametrize(
    ("text", "why", "offset"),
    [
        ("ab[", "never closed", 2),
        ("a[]", "nothing between", 1),
        ("[a-]", "a range goes from", 2),
        ("[-a]", "a range goes from", 1),
        ("[z-a]", "a range goes from", 2),
        ("[a.b]", "letters, digits and ranges", 2),
        ("a\\", "nothing follows", 1),
        ("a++", "not another repetition", 2),
        ("x" * 201, "at most 200 characters", 200),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: str, why: str, offset: int) -> None:
    with pytest.raises(FilterError, match=why) as caught:
        pattern(text)
    assert caught.value.offset == offset


def test_the_last_pattern_that_matches_decides() -> None:
    filters = ["releases/**", "!releases/**-alpha", "releases/10-alpha"]

    assert included(filters, ["releases/10", "releases/9-alpha", "releases/10-alpha", "main"]) == [
        Decision(name="releases/10", is_included=True, by="releases/**"),
        Decision(name="releases/9-alpha", is_included=False, by="!releases/**-alpha"),
        Decision(name="releases/10-alpha", is_included=True, by="releases/10-alpha"),
        Decision(name="main", is_included=False, by=None),
    ]


def test_one_pattern_is_enough_to_ignore() -> None:
    """Also one with ``!``, by a name that it does not match."""
    assert ignored(["docs/**", "!*.md"], ["docs/a.py", "README.md", "setup.py"]) == [
        Decision(name="docs/a.py", is_included=False, by="docs/**"),
        Decision(name="README.md", is_included=True, by=None),
        Decision(name="setup.py", is_included=False, by="!*.md"),
    ]


@pytest.mark.parametrize(
    ("patterns", "ignore", "names", "starts"),
    [
        ([], [], [], True),
        ([], [], ["a"], True),
        (["a"], [], ["b", "a"], True),
        (["a"], [], ["b"], False),
        (["a"], [], [], False),
        ([], ["a"], ["a", "b"], True),
        ([], ["a"], ["a"], False),
        (["a"], ["a"], ["a"], False),
    ],
)
def test_one_name_that_passes_starts_a_run(
    patterns: list[str], ignore: list[str], names: list[str], starts: bool
) -> None:
    assert lets_start(patterns, ignore, names) is starts


@given(st.text(alphabet="ab*?+[]-!\\/.é\n", max_size=12), st.text(max_size=8))
def test_any_text_is_a_pattern_or_is_refused_with_a_place_in_it(text: str, name: str) -> None:
    try:
        pattern(text).matches(name)
    except FilterError as error:
        assert 0 <= error.offset <= len(text)


@given(st.text(max_size=20))
def test_a_name_whose_characters_are_escaped_matches_itself(name: str) -> None:
    assert pattern("".join(f"\\{character}" for character in name)).matches(name)
