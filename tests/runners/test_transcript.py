"""Reading a session's output."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.runners.transcript import LINE_MAX, Asciicast, PlainText, plain_text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"no end", "no end"),
        (b"\x1b[1;31mred\x1b[0m\r\n", "red\n"),
        (b"\x1b]0;title\x07text\x1b]8;;http://x\x1b\\link\n", "textlink\n"),
        (b"\x1bP1$r0m\x1b\\a\x1b(Bb\x1b=c\x1b7d\n", "abcd\n"),
        (b" 10%\r 90%\r100%\r\n", "100%\n"),
        (b"long line\rshort\x1b[K\n", "short\n"),
        (b"typo\b\b\bes\n", "teso\n"),
        (b"bell\x07 and\x00 nul\n", "bell and nul\n"),
        ("grün ☃\n".encode(), "grün ☃\n"),
        (b"\xff\n", "\ufffd\n"),
        (b"tail\x1b[3", "tail"),
    ],
)
def test_what_a_person_reads_is_left(data: bytes, text: str) -> None:
    assert plain_text(data) == text


@given(
    st.lists(st.sampled_from([b"a", b"\xc3\xbc", b"\x1b[1m", b"\x1b]0;t\x07", b"\r", b"\n", b"\x1b", b"\x1b[", b"\b"])),
    st.data(),
)
def test_where_the_bytes_are_cut_makes_no_difference(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cut = data.draw(st.integers(0, len(whole)))
    reader = PlainText()

    assert reader.feed(whole[:cut]) + reader.feed(whole[cut:]) + reader.end() == plain_text(whole)


@given(st.binary())
def test_any_bytes_give_text_without_control_characters(data: bytes) -> None:
    assert not set(plain_text(data)) & set("\x1b\r\b\0\x7f")


def test_a_line_without_an_end_is_given_out_in_pieces() -> None:
    pieces = PlainText().feed(b"x" * (LINE_MAX + 1))

    assert pieces == "x" * (LINE_MAX + 1) + "\n"


def test_a_sequence_without_an_end_does_not_swallow_the_log() -> None:
    reader = PlainText()
    reader.feed(b"\x1b]" + b"x" * 5000)

    assert "after" in reader.feed(b"\nafter\n")


def asciicast(pieces: list[bytes], timing: bytes, **about: Any) -> list[str]:
    """Its lines, made piece by piece."""
    cast = Asciicast(timing, **about)
    return ("".join(map(cast.feed, pieces)) + cast.end()).removesuffix("\n").split("\n")


def test_an_asciicast_ends_with_the_exit_where_that_is_known() -> None:
    lines = asciicast([b"a"], b"0 5\n", rows=1, cols=1, started_at=0, exit_code=3)

    assert json.loads(lines[-1]) == [0, "x", "3"]


def test_an_asciicast_has_a_header_and_intervals() -> None:
    lines = [
        json.loads(line)
        for line in asciicast([b"hel", b"lo\r\nyou"], b"0 100\n5 350\n", rows=24, cols=80, started_at=1000.5)
    ]

    assert lines[0] == {"version": 3, "term": {"cols": 80, "rows": 24, "type": "xterm-256color"}, "timestamp": 1000}
    assert lines[1:] == [[0.1, "o", "hel"], [0.0, "o", "lo"], [0.25, "o", "\r\nyou"]]


@given(st.lists(st.text()), st.lists(st.tuples(st.integers(0, 50), st.integers(0, 9999))))
def test_an_asciicast_holds_all_of_the_output(texts: list[str], times: list[tuple[int, int]]) -> None:
    pieces = [text.encode("utf-8", "replace") for text in texts]
    timing = "".join(f"{offset} {ms}\n" for offset, ms in sorted(times)).encode()
    _, *frames = asciicast(pieces, timing, rows=1, cols=1, started_at=0)

    assert "".join(json.loads(frame)[2] for frame in frames) == b"".join(pieces).decode()


def test_half_a_line_of_timing_is_left_out() -> None:
    frames = asciicast([b"ab"], b"0 5\n1", rows=1, cols=1, started_at=0)

    assert json.loads(frames[1]) == [0.005, "o", "ab"]
