"""A session's log as numbered lines: any part of it, however long it is, and the lines in which something is found.

A line is what stands between two line feeds of the output, so its number stays for ever. Where every thousandth line begins is remembered while somebody looks, and only what came since is read again.
"""

import asyncio
import re
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

EVERY: Final = 1_000
"""Lines between two places that are remembered."""
CHUNK_BYTES: Final = 1 << 20
LINE_BYTES: Final = 1 << 13
"""Of a line; what is behind them is left out."""
PAGE_BYTES: Final = 4 << 20
"""After which a page ends, whatever was asked for."""
REMEMBERED: Final = 32
"""Logs whose places are kept."""
SEARCH_S: Final = 20.0
"""After which a search answers with what it has."""

_SEQUENCES: Final = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")
_CONTROLS: Final = bytes(one for one in (*range(32), 127) if one not in b"\t\n")
"""Both are what a search looks through as if it were not there. Line feeds stay, for they are counted."""

Read = Callable[[int, int], Awaitable[bytes]]
"""At most so many bytes of the log from an offset on; none at its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line with its number, from 1, the offset of its first byte, and at most :data:`LINE_BYTES` of its content."""

    number: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Numbers of lines, in their order; ``is_whole`` is false where there are more, or not all of the log was looked through."""

    numbers: list[int]
    is_whole: bool


class LineIndex:
    """Where the lines of a log begin that may still grow."""

    def __init__(self) -> None:
        self._places = array("q", [0])
        self._ended = 0
        self._size = 0
        self._is_open = False
        self._growing = asyncio.Lock()

    @property
    def size(self) -> int:
        """Bytes of the log, as of the last :meth:`grow`."""
        return self._size

    @property
    def total(self) -> int:
        """Lines of the log, the one that has not ended among them."""
        return self._ended + self._is_open

    async def grow(self, read: Read) -> None:
        """Take in what has come."""
        async with self._growing:
            while data := await read(self._size, CHUNK_BYTES):
                self._take(data)

    def _take(self, data: bytes) -> None:
        for end in re.finditer(b"\n", data):
            self._ended += 1
            if self._ended % EVERY == 0:
                self._places.append(self._size + end.end())
        self._size += len(data)
        self._is_open = not data.endswith(b"\n")

    def place_before(self, number: int) -> tuple[int, int]:
        """A line at or before this one, and its offset."""
        place = min((number - 1) // EVERY, len(self._places) - 1)
        return place * EVERY + 1, self._places[place]


class LogLines:
    """The logs that are looked at."""

    def __init__(self) -> None:
        self._indexes: OrderedDict[str, LineIndex] = OrderedDict()

    async def index(self, session_id: str, read: Read) -> LineIndex:
        """The index of a session's log, as far as that is now."""
        found = self._indexes.setdefault(session_id, LineIndex())
        self._indexes.move_to_end(session_id)
        while len(self._indexes) > REMEMBERED:
            self._indexes.popitem(last=False)
        await found.grow(read)
        return found


async def page(index: LineIndex, read: Read, first: int, limit: int) -> list[Line]:
    """Lines from number ``first`` on: at most ``limit``, and at least one where there is one."""
    number, offset = index.place_before(first)
    found: list[Line] = []
    taken = 0
    async with aclosing(_lines(read, offset)) as lines:
        async for start, data in lines:
            if number >= first:
                found.append(Line(number=number, offset=start, data=data))
                taken += len(data)
            if len(found) >= limit or taken > PAGE_BYTES or number >= index.total:
                break
            number += 1
    return found


async def _lines(read: Read, offset: int) -> AsyncGenerator[tuple[int, bytes], None]:
    """Offset and content of each line, from one that begins at ``offset`` on; of a long one only its beginning."""
    start, begun = offset, b""
    while data := await read(offset, CHUNK_BYTES):
        *ended, rest = data.split(b"\n")
        for part in ended:
            yield start, (begun + part)[:LINE_BYTES]
            offset += len(part) + 1
            start, begun = offset, b""
        offset += len(rest)
        begun = (begun + rest)[:LINE_BYTES]
    if begun:
        yield start, begun


async def matches(read: Read, sought: str, limit: int) -> Matches:
    """Lines that hold ``sought``, whatever its case and colours; at most ``limit``, and what was found in time."""
    needle = sought.lower()
    numbers: list[int] = []
    due = asyncio.get_running_loop().time() + SEARCH_S
    number, offset, begun = 1, 0, b""
    while data := await read(offset, CHUNK_BYTES):
        offset += len(data)
        whole, end, rest = (begun + data).rpartition(b"\n")
        begun = rest[:CHUNK_BYTES]
        if end:
            numbers += await asyncio.to_thread(_found, whole, needle, number)
            number += whole.count(b"\n") + 1
        if len(numbers) > limit or asyncio.get_running_loop().time() > due:
            return Matches(numbers=numbers[:limit], is_whole=False)
    numbers += _found(begun, needle, number)
    return Matches(numbers=numbers[:limit], is_whole=len(numbers) <= limit)


def _found(data: bytes, needle: str, number: int) -> list[int]:
    """Numbers of the lines of ``data`` that hold it, the first of them being ``number``."""
    text = _SEQUENCES.sub(b"", data).translate(None, _CONTROLS).decode(errors="replace").lower()
    found: list[int] = []
    seen, at = 0, text.find(needle)
    while at >= 0:
        number += text.count("\n", seen, at)
        found.append(number)
        seen = at
        end = text.find("\n", at)
        at = text.find(needle, end) if end >= 0 else -1
    return found


class Clock:
    """When what was written, of the file of that name."""

    def __init__(self, timing: bytes, started_at: float) -> None:
        pairs = [line.split() for line in timing.splitlines()]
        known = [(int(one[0]), int(one[1])) for one in pairs if len(one) == 2 and one[0].isdigit() and one[1].isdigit()]
        self._offsets = [offset for offset, _ in known]
        self._ms = [ms for _, ms in known]
        self._started_at = started_at

    def at(self, offset: int) -> float | None:
        """When the byte at this offset came, in seconds since the epoch; None where that is not known."""
        place = bisect_right(self._offsets, offset) - 1
        return self._started_at + self._ms[place] / 1000 if place >= 0 else None
