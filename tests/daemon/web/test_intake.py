"""Bodies of strangers: bounded in size, in time, and in all that is read at once; connections that show nothing end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from chainwright.daemon.web.intake import Intake
from chainwright.daemon.web.problems import answer_problems
from chainwright.daemon.web.server import Server, serve_tcp, tcp_listener

LIMIT_S = 20.0


@asynccontextmanager
async def served(intake: Intake, gate: asyncio.Event | None = None, **limits: float) -> AsyncIterator[Server]:
    """A server that answers with the size of what it was sent; once ``gate`` is open, if there is one."""

    async def receive(request: web.Request) -> web.Response:
        with intake.place() as reading:
            body = await intake.body(request, reading)
            if gate is not None:
                await gate.wait()
            return web.json_response(len(body))

    app = web.Application(middlewares=[answer_problems], client_max_size=10)
    app.router.add_post("/", receive)
    server = await serve_tcp(app, tcp_listener("127.0.0.1", 0), **limits)  # type: ignore[arg-type] # whole numbers are floats too
    try:
        yield server
    finally:
        await server.close()


async def opened(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", server.port)


def head(length: int | None, *more: str) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return "\r\n".join(["POST / HTTP/1.1", "Host: x", size, *more, "", ""]).encode()


async def ask(server: Server, *pieces: bytes) -> tuple[int, bytes]:
    """Status and body of one request, on a connection of its own."""
    reader, writer = await opened(server)
    try:
        async with asyncio.timeout(LIMIT_S):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            answer = await reader.readuntil(b"\r\n\r\n")
            size = int(answer.lower().partition(b"content-length:")[2].split()[0])
            return int(answer[9:12]), await reader.readexactly(size)
    finally:
        writer.close()


@pytest.mark.parametrize("size", [0, 1, 100])
async def test_a_body_within_bounds_is_read_whole(size: int) -> None:
    async with served(Intake(body_bytes=100)) as server:
        assert await ask(server, head(size) + b"x" * size) == (200, str(size).encode())
        assert await ask(server, head(size), b"x" * size) == (200, str(size).encode())


async def test_a_larger_one_is_refused_before_it_is_read() -> None:
    async with served(Intake(body_bytes=100)) as server:
        assert (await ask(server, head(101)))[0] == 413


async def test_one_that_does_not_tell_its_size_is_refused_when_it_shows() -> None:
    async with served(Intake(body_bytes=100)) as server:
        assert (await ask(server, head(None), b"3c\r\n" + b"x" * 60 + b"\r\n", b"3c\r\n" + b"x" * 60 + b"\r\n"))[
            0
        ] == 413


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, identity"])
async def test_a_compressed_one_is_refused(coding: str) -> None:
    async with served(Intake()) as server:
        assert (await ask(server, head(3, f"Content-Encoding: {coding}") + b"abc"))[0] == 415
        assert (await ask(server, head(3, "Content-Encoding: identity") + b"abc"))[0] == 200


async def test_a_body_that_trickles_in_is_given_up() -> None:
    async with served(Intake(within_s=0.2)) as server:
        assert (await ask(server, head(10) + b"x"))[0] == 408


async def test_a_head_that_trickles_in_ends_the_connection() -> None:
    """Slow loris: a byte now and then keeps no connection."""
    async with served(Intake(), head_s=0.3) as server:
        reader, writer = await opened(server)
        writer.write(b"POST / HTTP/1.1\r\nHost:")
        async with asyncio.timeout(LIMIT_S):
            assert await reader.read() == b""
        writer.close()


async def test_beyond_so_many_connections_one_is_turned_away() -> None:
    async with served(Intake(), most_connections=2) as server:
        held = [await opened(server) for _ in range(2)]
        assert await ask_over(held[0], head(1) + b"x") == 200
        assert await ask_over(held[1], head(1) + b"x") == 200
        reader, writer = await opened(server)
        async with asyncio.timeout(LIMIT_S):
            assert await reader.read() == b""
        for _, other in [*held, (reader, writer)]:
            other.close()


async def ask_over(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes) -> int:
    reader, writer = streams
    writer.write(request)
    async with asyncio.timeout(LIMIT_S):
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(answer.lower().partition(b"content-length:")[2].split()[0]))
    return int(answer[9:12])


async def test_all_that_is_under_way_at_once_has_a_bound_and_is_given_back() -> None:
    gate, request = asyncio.Event(), head(60) + b"x" * 60
    async with served(Intake(room_bytes=100), gate) as server:
        both = [asyncio.create_task(ask(server, request), name=f"sender {number}") for number in range(2)]
        async with asyncio.timeout(LIMIT_S):
            refused, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            gate.set()
            assert {(await one)[0] for one in refused} == {503}
            assert sorted([(await one)[0] for one in both]) == [200, 503]
        assert (await ask(server, request))[0] == 200


async def test_beyond_so_many_requests_at_once_one_is_asked_to_come_again() -> None:
    gate = asyncio.Event()
    async with served(Intake(places=1), gate) as server:
        both = [asyncio.create_task(ask(server, head(0)), name=f"sender {number}") for number in range(2)]
        async with asyncio.timeout(LIMIT_S):
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            gate.set()
            assert sorted([(await one)[0] for one in both]) == [200, 503]
