"""A log as numbered lines: right wherever it is cut, and however long it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.engine import log_lines
from chainwright.daemon.engine.log_lines import EVERY, LINE_BYTES, Clock, LineIndex, LogLines, matches, page

LINES = st.lists(st.binary(max_size=30).map(lambda one: one.replace(b"\n", b"")), max_size=40)


class File:
    """A log that may grow, read in pieces that are as short as its reader has to expect."""

    def __init__(self, content=b"", piece=1 << 20):
        self.content = content
        self.piece = piece

    async def read(self, offset, limit):
        return self.content[offset : offset + min(limit, self.piece)]


async def texts(file, first, limit):
    index = LineIndex()
    await index.grow(file.read)
    return [(line.number, line.data) for line in await page(index, file.read, first, limit)]


@given(lines=LINES, piece=st.integers(1, 50), first=st.integers(1, 45), limit=st.integers(1, 10), ends=st.booleans())
async def test_any_part_holds_the_lines_of_its_numbers(lines, piece, first, limit, ends):
    """Whatever the pieces in which it is read."""
    content = b"\n".join(lines) + (b"\n" if ends and lines else b"")
    file = File(content, piece)
    index = LineIndex()
    await index.grow(file.read)
    found = await page(index, file.read, first, limit)
    parts = content.split(b"\n")
    parts = parts if parts[-1] else parts[:-1]

    assert (index.total, index.size) == (len(parts), len(content))
    assert [line.number for line in found] == list(range(first, min(first + limit, len(parts) + 1)))
    assert [line.data for line in found] == parts[first - 1 : first - 1 + limit]
    assert all(content[line.offset :].startswith(line.data) for line in found)


async def test_lines_keep_their_numbers_while_it_grows():
    file, index = File(b"one\ntw"), LineIndex()
    await index.grow(file.read)
    assert index.total == 2

    file.content += b"o\nthree\n"
    await index.grow(file.read)

    assert [line.data for line in await page(index, file.read, 2, 5)] == [b"two", b"three"]
    assert index.total == 3


async def test_a_part_far_in_is_read_from_near_it():
    file, index = File(b"".join(b"%d\n" % number for number in range(1, 5 * EVERY))), LineIndex()
    await index.grow(file.read)
    number, offset = index.place_before(4_321)

    assert (number, file.content[offset : offset + 5]) == (4_001, b"4001\n")
    assert [line.data for line in await page(index, file.read, 4_321, 2)] == [b"4321", b"4322"]


async def test_of_a_very_long_line_the_beginning_is_shown():
    found = await texts(File(b"a" * 3 * LINE_BYTES + b"\nshort"), 1, 5)

    assert [(number, len(data)) for number, data in found] == [(1, LINE_BYTES), (2, 5)]


async def test_what_is_sought_is_found_whatever_its_case_and_colours():
    file = File(b"An \x1b[1mER\x1b[0mror\r\nfine\nerror, error\nERR\nor\nlast error", 7)

    assert await matches(file.read, "error", 10) == log_lines.Matches(numbers=[1, 3, 6], is_whole=True)
    assert await matches(file.read, "error", 2) == log_lines.Matches(numbers=[1, 3], is_whole=False)
    assert await matches(file.read, "nowhere", 2) == log_lines.Matches(numbers=[], is_whole=True)


@given(lines=st.lists(st.text("ab\x1b[m ", max_size=8), max_size=30), piece=st.integers(1, 40))
async def test_a_search_finds_what_stands_in_lines(lines, piece):
    """Each line that holds it and no other; nothing is found across the end of a line."""
    plain = [line.replace("\x1b", "") for line in lines]
    file = File("\n".join(plain).encode(), piece)

    found = await matches(file.read, "AB", 100)

    assert found.numbers == [number for number, line in enumerate(plain, 1) if "ab" in line]


async def test_the_least_looked_at_are_forgotten(monkeypatch):
    monkeypatch.setattr(log_lines, "REMEMBERED", 2)
    logs, file = LogLines(), File(b"a\n")
    first = await logs.index("a", file.read)
    await logs.index("b", file.read)
    assert await logs.index("a", file.read) is first

    await logs.index("c", file.read)

    assert await logs.index("a", file.read) is first
    assert (await logs.index("b", file.read)).total == 1


@pytest.mark.parametrize(("offset", "at"), [(0, 100.0), (3, 100.0), (4, 100.5), (99, 102.0)])
def test_a_byte_came_when_its_entry_says(offset, at):
    assert Clock(b"0 0\n4 500\n9 2000\nbroken o", 100.0).at(offset) == at


def test_without_a_file_of_times_none_is_known():
    assert Clock(b"", 100.0).at(5) is None
