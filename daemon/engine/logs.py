"""What a session wrote: read from its log, whether it runs or has ended."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Protocol

from chainwright.daemon.engine.ports import World
from chainwright.runners.port import Exited, HostUnreachable, Output, Runner

CHUNK_BYTES: Final = 256 * 1024
TIMING_BYTES: Final = 16 << 20
PAUSES_S: Final = (0.1, 0.3, 1.0, 2.0)


class Strip(Protocol):
    """Terminal bytes of one session, in order, → text for people."""

    def feed(self, data: bytes) -> str:
        """The lines that these bytes complete."""

    def end(self) -> str:
        """What is left."""


async def _read(runner: Runner, session_id: str, file: str, offset: int, *, limit: int = CHUNK_BYTES) -> bytes:
    """Asked again for a few seconds: a connection that was just lost is had again by then, and half a log is no answer."""
    for pause_s in PAUSES_S:
        try:
            return await runner.read(session_id, file, offset=offset, limit=limit)
        except HostUnreachable:
            await asyncio.sleep(pause_s)
    return await runner.read(session_id, file, offset=offset, limit=limit)


async def written(world: World, session_id: str) -> AsyncIterator[bytes]:
    """The output so far."""
    offset = 0
    runner = (await world.hosts.of_session(session_id)).runner
    while data := await _read(runner, session_id, "out.log", offset):
        yield data
        offset += len(data)


async def is_kept(world: World, session_id: str) -> bool:
    """Whether any of the output is where it was written. Raises RunnerError."""
    runner = (await world.hosts.of_session(session_id)).runner
    return bool(await _read(runner, session_id, "out.log", 0, limit=1))


async def timing(world: World, session_id: str) -> bytes:
    """When what was written: the whole file of that name so far, at most :data:`TIMING_BYTES` of it."""
    runner = (await world.hosts.of_session(session_id)).runner
    pieces: list[bytes] = []
    read = 0
    while read < TIMING_BYTES and (data := await _read(runner, session_id, "timing", read)):
        pieces.append(data)
        read += len(data)
    return b"".join(pieces)


async def followed(world: World, session_id: str) -> AsyncIterator[bytes]:
    """The output so far and as it comes, up to the session's end."""
    host = await world.hosts.of_session(session_id)
    terminal = await host.runner.attach(
        session_id, token=world.token(session_id), epoch=world.store.epoch, role="viewer", offset=0
    )
    try:
        async for item in terminal:
            if isinstance(item, Output):
                yield item.data
            elif isinstance(item, Exited):
                return
    finally:
        await terminal.close()


async def stripped(chunks: AsyncIterator[bytes], strip: Strip) -> AsyncIterator[bytes]:
    """The same, without control sequences; nothing empty."""
    async for chunk in chunks:
        if text := strip.feed(chunk):
            yield text.encode()
    if rest := strip.end():
        yield rest.encode()
