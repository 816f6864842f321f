"""Clients that never give up: they start runs, type into terminals and watch them, through every death of the daemon."""

import asyncio
import json
import random
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

SESSIONS_OF_A_RUN = 7
"""talk, three turns of hear, two attempts of flaky, late."""


class Load:
    """Runs of the chain ``load``, and what their clients know of them."""

    def __init__(self, daemon: Any, away: tuple[type[Exception], ...], books: Path, chance: random.Random) -> None:
        self.acknowledged: dict[str, str] = {}
        self.typed: dict[str, list[str]] = {}
        self.seen: dict[str, bytes] = {}
        self.inputs = {"python": sys.executable, "books": str(books)}
        """What every chain of these tests wants."""
        self._daemon = daemon
        self._away = away
        self._chance = chance

    def flags(self) -> list[str]:
        """The same for the command line."""
        return [word for name, value in self.inputs.items() for word in ("-i", f"{name}={value}")]

    async def run(self, key: str, **inputs: Any) -> dict[str, Any]:
        """One run from its start to its end, with a person at its terminal."""
        run_id = await self.start(key, **inputs)
        await self.type(f"{run_id}-talk-1-1", [f"{key} input {n}" for n in range(inputs.get("typed", 3))])
        detail: dict[str, Any] = await self._daemon.until(run_id, limit_s=240.0)
        return detail

    async def whole(self, key: str) -> dict[str, Any]:
        """One run of ``whole``, with a person who agrees, until all that it tells others has come to something."""
        run_id = await self.start(key, "whole")
        async with asyncio.timeout(240.0):
            while not _has_told(detail := await self._daemon.run(run_id)):
                if _asks(detail):
                    await self._daemon.insist("POST", f"/runs/{run_id}/approve", {"agent": "ask"})
                await asyncio.sleep(0.05)
        return detail

    async def start(self, key: str, chain: str = "load", **inputs: Any) -> str:
        """Start a run, asking again under the same key until there is an answer; some ask once more after that."""
        own = {"seed": self._chance.randrange(10**6)} if chain in ("load", "linked") else {}
        body = {"chain": chain, "inputs": self.inputs | own | inputs}
        status, run = await self._daemon.insist("POST", "/runs", body, Idempotency_Key=key)
        assert status == 201, run
        self.acknowledged[key] = run["id"]
        if self._chance.random() < 0.2:
            _, again = await self._daemon.insist("POST", "/runs", body, Idempotency_Key=key)
            assert again["id"] == run["id"]
        return str(run["id"])

    async def type(self, attempt: str, lines: list[str], limit_s: float = 240.0, every_s: float = 0.0) -> None:
        """Type lines one by one, each until it is acknowledged, and see everything up to the session's end."""
        self.typed[attempt] = []
        self.seen[attempt] = b""
        async with asyncio.timeout(limit_s):
            while not await self._at_terminal(attempt, lines, every_s):
                await self._require_hope(attempt)
                await asyncio.sleep(0.05)

    async def _require_hope(self, attempt: str) -> None:
        """A run that ended without the session never gives a terminal."""
        detail = await self._daemon.run(attempt.partition("-")[0])
        has_run = [
            one["started_at"] for agent in detail["agents"].values() for one in _attempts(agent) if one["id"] == attempt
        ]
        assert detail["state"] != "finished" or any(has_run), f"{attempt} never ran: {json.dumps(detail)}"

    async def _at_terminal(self, attempt: str, lines: list[str], every_s: float) -> bool:
        """One connection; whether the session's end was seen."""
        path = f"/api/v1/sessions/{attempt}/terminal?take_over=true&acks=true&offset={len(self.seen[attempt])}"
        with suppress(*self._away, aiohttp.WSServerHandshakeError):
            async with self._daemon.client(300.0) as client, client.ws_connect(path) as socket:
                return await self._converse(socket, attempt, lines, every_s)
        return False

    async def _converse(self, socket: Any, attempt: str, lines: list[str], every_s: float) -> bool:
        stored, sent = None, 0
        async for message in socket:
            if message.type is aiohttp.WSMsgType.BINARY:
                self.seen[attempt] += message.data
            else:
                told = json.loads(message.data)
                if told["type"] == "exit":
                    return True
                if told["type"] == "typed":
                    stored = sent = told["seq"]
                    self.typed[attempt] = lines[:stored]
            is_ready = b"ready\r\n" in self.seen[attempt]
            if is_ready and stored is not None and sent == stored < len(lines):
                sent += 1
                await asyncio.sleep(every_s)
                await socket.send_bytes(lines[stored].encode() + b"\n")
        return False


def _asks(detail: dict[str, Any]) -> bool:
    return any(turn["reason"] == "approval" for turn in detail["agents"]["ask"]["turns"])


def _has_told(detail: dict[str, Any]) -> bool:
    return detail["state"] == "finished" and all(one["fate"] for one in detail["told"])


def _attempts(agent: dict[str, Any]) -> list[dict[str, Any]]:
    return [attempt for turn in agent["turns"] for attempt in turn["attempts"]]
