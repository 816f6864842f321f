"""What ten viewers of an agent that floods its terminal cost: the agent its speed, and a person at another terminal.

The floor of the rate is the same flood through a bare PTY that somebody reads.
"""

import asyncio
import json
import os
import pty
import subprocess
import time
from contextlib import suppress
from statistics import median
from typing import Any, Final

import aiohttp
from figures import since, tell, tell_rate

FLOOD_BYTES: Final = 100_000_000
ROUNDS: Final = 3
"""Of a flood without and one with viewers, in turn: the machine is never the same for long."""
VIEWERS: Final = 10
PAUSE_S: Final = 0.05
"""Between two keys: a person who types fast."""
FLOOD: Final = f"yes {'x' * 99} | head -c {FLOOD_BYTES}"
CHAINS: Final = {
    "flood.yaml": f"agents:\n  a: {{run: '{FLOOD}'}}\n",
    "echo.yaml": "agents:\n  a: {run: 'stty raw -echo; echo ready; cat'}\n",
}
LIMIT_S: Final = 240.0


async def viewers(client: aiohttp.ClientSession) -> None:
    """All of it."""
    floor = await asyncio.to_thread(_bare_rate)
    tell_rate("a flood through a bare PTY", floor)
    async with Typist(client) as typist:
        tell("a key to its echo, nothing else going on", await typist.typed(40))
        rates: dict[int, list[float]] = {0: [], VIEWERS: []}
        echoes: dict[int, list[float]] = {0: [], VIEWERS: []}
        for _ in range(ROUNDS):
            for count in (0, VIEWERS):
                rate, typed = await _flooded(client, typist, count)
                rates[count].append(rate)
                echoes[count] += typed
    alone, watched = (median(rates[count]) for count in (0, VIEWERS))
    for count in (0, VIEWERS):
        tell_rate(f"an agent's flood, {count} viewers", median(rates[count]), floor)
        tell(f"a key to its echo meanwhile, {count} viewers", echoes[count])
    print(f"  {f'{VIEWERS} viewers leave of its speed':46} {watched / alone * 100:7.0f} %", flush=True)


async def _flooded(client: aiohttp.ClientSession, typist: "Typist", viewers: int) -> tuple[float, list[float]]:
    """An agent's rate, and what a person elsewhere felt of it."""
    run = await _started(client, "flood")
    watching = [asyncio.create_task(_watched(client, f"{run}-a-1-1"), name="a viewer") for _ in range(viewers)]
    flood = asyncio.create_task(_rate(client, run), name="the flood")
    echoes = await typist.typed_until(flood)
    for one in watching:
        one.cancel()
    return await flood, echoes


class Typist:
    """A person at a terminal of their own."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client

    async def __aenter__(self) -> "Typist":
        self._run = await _started(self._client, "echo")
        self._socket = await opened(self._client, f"{self._run}-a-1-1", "take_over=true&live=true")
        while b"ready" not in await _bytes(self._socket):
            pass
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._client.post(f"/api/v1/runs/{self._run}/cancel")

    async def typed(self, count: int) -> list[float]:
        """Milliseconds of each of so many keys."""
        return [await self._key() for _ in range(count)]

    async def typed_until(self, end: "asyncio.Task[Any]") -> list[float]:
        """The same, for as long as something goes on."""
        taken = [await self._key()]
        while not end.done():
            taken.append(await self._key())
        return taken

    async def _key(self) -> float:
        await asyncio.sleep(PAUSE_S)
        began = time.perf_counter()
        await self._socket.send_bytes(b"x")
        await _bytes(self._socket)
        return since(began)


async def opened(client: aiohttp.ClientSession, session: str, query: str) -> aiohttp.ClientWebSocketResponse:
    """A terminal, once its session is there."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            with suppress(aiohttp.WSServerHandshakeError):
                return await client.ws_connect(f"/api/v1/sessions/{session}/terminal?{query}", max_msg_size=0)
            await asyncio.sleep(0.02)


async def _bytes(socket: aiohttp.ClientWebSocketResponse) -> bytes:
    async with asyncio.timeout(LIMIT_S):
        while (message := await socket.receive()).type is not aiohttp.WSMsgType.BINARY:
            assert message.type is aiohttp.WSMsgType.TEXT, message
        return bytes(message.data)


async def _watched(client: aiohttp.ClientSession, session: str) -> None:
    """As the dashboard does: it says what it has shown, and is sent no more than a window ahead."""
    socket = await opened(client, session, "hello=true&live=true&flow=true&tail=262144")
    offset = 0
    async for message in socket:
        if message.type is aiohttp.WSMsgType.BINARY:
            offset += len(message.data)
            await socket.send_json({"type": "ack", "offset": offset})
        elif message.type is aiohttp.WSMsgType.TEXT:
            told = json.loads(message.data)
            offset = told.get("gap", {}).get("to", told.get("offset", offset))


async def _started(client: aiohttp.ClientSession, chain: str) -> str:
    async with client.post("/api/v1/runs", json={"chain": chain}) as started:
        return str((await started.json())["id"])


async def _rate(client: aiohttp.ClientSession, run: str) -> float:
    """Megabytes in a second that an agent gets rid of, once it has ended."""
    async with asyncio.timeout(LIMIT_S):
        while True:
            async with client.get(f"/api/v1/runs/{run}") as answer:
                detail = await answer.json()
            if detail["state"] == "finished":
                break
            await asyncio.sleep(0.1)
    (turn,) = detail["agents"]["a"]["turns"]
    (attempt,) = turn["attempts"]
    assert attempt["outcome"] == "succeeded", attempt
    return FLOOD_BYTES / 1e6 / float(attempt["ended_at"] - attempt["started_at"])


def _bare_rate() -> float:
    master, slave = pty.openpty()
    began = time.perf_counter()
    with subprocess.Popen(["sh", "-c", FLOOD], stdin=slave, stdout=slave, start_new_session=True):
        os.close(slave)
        with suppress(OSError):
            while os.read(master, 1 << 16):
                pass
    os.close(master)
    return FLOOD_BYTES / 1e6 / (time.perf_counter() - began)
