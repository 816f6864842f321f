"""What a session wrote: read from its log, whether it runs or has ended."""

from collections.abc import AsyncIterator
from typing import Final, Protocol

from chainwright.daemon.engine.ports import World
from chainwright.runners.port import Exited, Output

CHUNK_BYTES: Final = 256 * 1024
TIMING_BYTES: Final = 16 << 20


class Strip(Protocol):
    """Terminal bytes of one session, in order, → text for people."""

    def feed(self, data: bytes) -> str:
        """The lines that these bytes complete."""

    def end(self) -> str:
        """What is left."""


async def written(world: World, session_id: str) -> AsyncIterator[bytes]:
    """The output so far."""
    offset = 0
    runner = (await world.hosts.of_session(session_id)).runner
    while data := await runner.read(session_id, "out.log", offset=offset, limit=CHUNK_BYTES):
        yield data
        offset += len(data)


async def is_kept(world: World, session_id: str) -> bool:
    """Whether any of the output is where it was written. Raises RunnerError."""
    runner = (await world.hosts.of_session(session_id)).runner
    return bool(await runner.read(session_id, "out.log", limit=1))


async def timing(world: World, session_id: str) -> bytes:
    """When what was written: the whole file of that name so far, at most :data:`TIMING_BYTES` of it."""
    runner = (await world.hosts.of_session(session_id)).runner
    pieces: list[bytes] = []
    read = 0
    while read < TIMING_BYTES and (data := await runner.read(session_id, "timing", offset=read, limit=CHUNK_BYTES)):
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
