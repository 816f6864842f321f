"""Reads bodies of senders that are not proven yet: bounded in bytes, in time, and in all that is read at once.

aiohttp's own limits hold for one request; this one also holds over all of them, because anybody may open many.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.web.codes import Misuse
from chainwright.daemon.web.problems import BadRequest

BODY_BYTES: Final = 25 << 20
"""Of one body; no sender that we know sends more."""
ROOM_BYTES: Final = 128 << 20
"""Of all bodies that are being read or decided on."""
WITHIN_S: Final = 30.0
"""For a whole body, however it trickles in."""
PLACES: Final = 512
"""Requests that are under way at once."""


class Intake:
    """What is being read now, of all requests of an application."""

    def __init__(
        self,
        *,
        body_bytes: int = BODY_BYTES,
        room_bytes: int = ROOM_BYTES,
        within_s: float = WITHIN_S,
        places: int = PLACES,
    ) -> None:
        self._body_bytes = body_bytes
        self._room_bytes = room_bytes
        self._within_s = within_s
        self._places = places
        self._taken_bytes = 0
        self._taken_places = 0

    @contextmanager
    def place(self) -> Iterator["Reading"]:
        """A place for one request, held until it is answered. Refused when all are taken."""
        if self._taken_places >= self._places:
            raise _busy("too many requests at once")
        reading = Reading(self)
        self._taken_places += 1
        try:
            yield reading
        finally:
            self._taken_places -= 1
            self._taken_bytes -= reading.held

    def take(self, size: int) -> None:
        """Room for so many bytes more."""
        if self._taken_bytes + size > self._room_bytes:
            raise _busy("too much is being sent at once")
        self._taken_bytes += size

    async def body(self, request: web.Request, reading: "Reading") -> bytes:
        """The whole body, as it came. Raises BadRequest when it is compressed, too large or too slow."""
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise BadRequest(Misuse.UNSUPPORTED, "the body is compressed", "send it as it is: no Content-Encoding")
        if (request.content_length or 0) > self._body_bytes:
            raise self._too_large()
        if request.content.is_eof():  # it came with its head: nobody has to be waited for
            reading.hold(len(body := request.content.read_nowait()))
            return body
        try:
            async with asyncio.timeout(self._within_s):
                return await self._pieces(request, reading)
        except TimeoutError:
            raise BadRequest(
                Misuse.TOO_SLOW, "the body took too long", f"send it within {self._within_s:g} s"
            ) from None

    async def _pieces(self, request: web.Request, reading: "Reading") -> bytes:
        pieces: list[bytes] = []
        async for piece in request.content.iter_any():
            reading.hold(len(piece))
            if reading.held > self._body_bytes:
                raise self._too_large()
            pieces.append(piece)
        return b"".join(pieces)

    def _too_large(self) -> BadRequest:
        return BadRequest(Misuse.TOO_LARGE, "the body is too large", f"at most {self._body_bytes} bytes are taken")


class Reading:
    """What one request holds of the room."""

    def __init__(self, intake: Intake) -> None:
        self.held = 0
        self._intake = intake

    def hold(self, size: int) -> None:
        """So many bytes more."""
        self._intake.take(size)
        self.held += size


def _busy(why: str) -> Refusal:
    return Refusal(Code.UNAVAILABLE, why, "send it again later")


INTAKE: Final = web.AppKey("INTAKE", Intake)
"""Under this key an application carries its intake."""
