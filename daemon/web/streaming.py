"""Reading a source for as long as its reader is there: what the log, the stream of changes and the terminal share.

aiohttp tells a handler that its client has left only when it writes. A source may be silent for hours, so the connection is looked
at in between; without that, every closed browser tab would hold its source until the next change.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final, TypeVar

from aiohttp import web

from chainwright.daemon.web.problems import BEGUN

Item = TypeVar("Item")

LOOK_S: Final = 1.0
"""Between two looks at a silent reader's connection."""


class _End:
    """A source's end as a value: StopAsyncIteration cannot leave a task."""


_END: Final = _End()


async def begin(request: web.Request, response: web.StreamResponse) -> None:
    """Send the status line and the headers; from now on this is the request's answer, whatever happens."""
    await response.prepare(request)
    request[BEGUN] = response


async def while_connected(
    request: web.Request, source: AsyncIterator[Item], *, idle_s: float
) -> AsyncIterator[Item | None]:
    """The source's items, and None for each ``idle_s`` without one. Ends with the source or when the reader has left.

    The source is closed in either case.
    """
    pending: asyncio.Task[Item | _End] | None = None
    try:
        while True:
            pending = pending or asyncio.create_task(_next(source), name=f"next of {request.path}")
            silent = not await _settled(request, pending, idle_s)
            if request.transport is None:
                return
            if silent:
                yield None
                continue
            item, pending = pending.result(), None
            if isinstance(item, _End):
                return
            yield item
    finally:
        await _release(pending, source)


async def _next(source: AsyncIterator[Item]) -> Item | _End:
    return await anext(source, _END)


async def _settled(request: web.Request, pending: asyncio.Task[Item | _End], idle_s: float) -> bool:
    """Whether the item came within ``idle_s``; False at once when the reader leaves."""
    due = asyncio.get_running_loop().time() + idle_s
    while (left := due - asyncio.get_running_loop().time()) > 0 and request.transport is not None:
        done, _ = await asyncio.wait({pending}, timeout=min(left, LOOK_S))
        if done:
            return True
    return False


async def _release(pending: asyncio.Task[Item | _End] | None, source: AsyncIterator[Item]) -> None:
    if pending is not None:
        pending.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait({pending})
    close = getattr(source, "aclose", None)
    if close is not None:
        await close()
