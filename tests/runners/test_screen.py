"""What a terminal shows: text alone, wherever a program has drawn it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.runners.screen import TAIL_BYTES, drawn, rings, title_in


def shown(output: bytes) -> tuple[tuple[str, ...], str]:
    screen = drawn(output, rows=5, cols=20)
    return screen.lines, screen.before_cursor


def test_lines_and_the_place_of_the_cursor() -> None:
    assert shown(b"one\r\ntwo\r\nName: ") == (("one", "two", "Name:"), "Name: ")
    assert shown(b"one\r\n") == (("one",), "")


def test_what_was_drawn_over_or_scrolled_away_is_gone() -> None:
    assert shown(b"45%\r46%")[0] == ("46%",)
    assert shown(b"\x1b[2J\x1b[3;5Hhere")[0] == ("", "", "    here")
    assert shown(b"\r\n".join(b"%d" % number for number in range(9)))[0] == ("4", "5", "6", "7", "8")


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]52;c;aGk=\x07",
        b"\x1b]8;;javascript:alert(1)\x1b\\link\x1b]8;;\x1b\\",
        b"\x1bP+q544e\x1b\\",
        b"\x1b]0;<script>\x07",
        b"\x1b_Gf=100;AAAA\x1b\\",
        b"\x1b[6n\x1b[c\x1b[>c\x1bZ\x05",
        b"\x1b[?1049h\x1b[99999;99999H\x1b[99999@",
        b"\x9b31m\x84\x85",
        b"\x1b[1;2;3;4H\x1b[?5;6A\x1b[1;2;3J\x1b[99999999999999999999A\x1b[!p\x1b[>4;2m\x1b[=1u",
        "\u200b\u0085\u202e".encode(),
    ],
)
def test_control_sequences_become_no_text_and_harm_nothing(hostile: bytes) -> None:
    lines, before = shown(hostile + b"ok")

    assert all(character.isprintable() for line in (*lines, before) for character in line)
    assert "ok" in "".join(lines)


PIECES = st.sampled_from(
    [b"\x1b[", b"\x1b]", b"\x1b", b";", b"5", b"?", b">", b"H", b"m", b"r", b"x", b"\x07", b"\n", b"$", b" q"]
)


@given(st.one_of(st.binary(max_size=2_000), st.lists(PIECES, max_size=60).map(b"".join)))
def test_anything_can_be_drawn(output: bytes) -> None:
    lines, before = shown(output)

    assert len(lines) <= 5
    assert all(ord(character) >= 32 for character in before)


def test_only_the_end_of_a_long_log_is_drawn() -> None:
    assert shown(b"x" * 20 * TAIL_BYTES + b"\r\nend")[0][-1] == "end"


@pytest.mark.parametrize(
    ("output", "heard"), [(b"\x07", True), (b"\x1b]0;title\x07", False), (b"\x1b]0;t\x07\x07", True), (b"", False)]
)
def test_a_bell_is_no_end_of_a_title(output: bytes, heard: bool) -> None:
    assert rings(output) is heard


def test_the_last_title_counts() -> None:
    assert title_in(b"\x1b]0;one\x07\x1b]2;two\x1b\\\x1b]8;;x\x07") == "two"
    assert title_in(b"no title") is None
    assert title_in(b"\x1b]0;\x07") == ""
