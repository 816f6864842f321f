"""Cutting a stream into frames, and what a link makes of them."""

import asyncio
import contextlib
import itertools
import json
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.runners.client import Disconnected, FrameReader, Hello, Link, Trouble
from chainwright.runners.port import Denied, EventFound, Fenced, InputTaken, Output, RunnerError, StatusChanged

HELLO = {"proto": 1, "pid": 2, "size": 3, "inseq": 4, "epoch": 5}


def frame(kind: int, body: bytes) -> bytes:
    return struct.pack(">BI", kind, len(body)) + body


FRAMES = [
    (frame(65, struct.pack(">Q", 7) + b"bytes"), Output(offset=7, data=b"bytes")),
    (frame(67, struct.pack(">Q", 9)), InputTaken(seq=9)),
    (frame(68, json.dumps(HELLO).encode()), Hello(**HELLO)),
    (frame(70, b'{"disk_full": true, "truncated": false}'), StatusChanged(disk_full=True, truncated=False)),
    (frame(70, b'{"error": "denied", "detail": "no"}'), Trouble("denied", "no")),
]


async def read_all(data: bytes, cuts: list[int]) -> list[object]:
    stream = asyncio.StreamReader()
    reader = FrameReader(stream)
    edges = [0, *sorted(cuts), len(data)]
    for begin, end in itertools.pairwise(edges):
        stream.feed_data(data[begin:end])
    stream.feed_eof()
    found: list[object] = []
    try:
        while True:
            found.append(await reader.next())
    except Disconnected:
        return found


@given(st.lists(st.sampled_from(FRAMES)), st.data())
async def test_frames_come_out_as_they_went_in_wherever_the_stream_is_cut(
    frames: list[tuple[bytes, object]], data: st.DataObject
) -> None:
    stream = b"".join(encoded for encoded, _ in frames)
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))

    assert await read_all(stream, cuts) == [decoded for _, decoded in frames]


@given(st.binary(max_size=60))
async def test_any_bytes_are_frames_or_an_error_of_the_runner(data: bytes) -> None:
    try:
        await read_all(data, [])
    except RunnerError as problem:
        assert "frame" in str(problem)


@given(st.sampled_from([65, 66, 67, 68, 69, 70]), st.binary(max_size=60))
async def test_any_body_is_read_or_refused(kind: int, body: bytes) -> None:
    try:
        assert len(await read_all(frame(kind, body), [])) == 1
    except RunnerError as problem:
        assert "cannot be read" in str(problem)


async def test_an_event_carries_where_the_next_begins() -> None:
    line = {"n": 1, "file": "e", "at": 1.5, "content": "{}"}
    (found,) = await read_all(frame(69, struct.pack(">Q", 40) + json.dumps(line).encode()), [])

    assert isinstance(found, EventFound)
    assert (found.offset, found.line.file, found.line.content) == (40, "e", "{}")


@pytest.mark.parametrize(("error", "kind"), [("denied", Denied), ("fenced", Fenced), ("protocol", RunnerError)])
def test_what_the_session_host_refuses_has_one_error_each(error: str, kind: type[RunnerError]) -> None:
    assert type(Trouble(error, "why").as_exception()) is kind


async def test_a_status_is_told_only_when_it_has_changed() -> None:
    """A viewer of a silent agent asks whether the session host is there; the answer is no news."""
    stream = asyncio.StreamReader()
    fine, full = ({"disk_full": disk_full, "truncated": False} for disk_full in (False, True))
    for status in (fine, full, full, fine, fine):
        stream.feed_data(frame(70, json.dumps(status).encode()))
    stream.feed_eof()
    ours, theirs = socket.socketpair()
    with theirs:
        _, writer = await asyncio.open_unix_connection(sock=ours)
        link = Link(stream, writer, epoch=1)
        told = []
        with contextlib.suppress(Disconnected):
            async for item in link.frames():
                told.append(item)
        await link.close()

    assert [item.disk_full for item in told if isinstance(item, StatusChanged)] == [True, False]
