"""What is in force and not what git asks for is logged once, and once when it is over."""

import asyncio
from typing import Any

import structlog

from chainwright.daemon.drift import check, tell_drift
from chainwright.daemon.sources.trees import SourceError


async def test_each_thing_is_told_once_and_again_when_it_is_well() -> None:
    bad, well = [check("hooks of chains", False, "pre-receive was changed", "restart")], [check("room", True, "", "")]
    answers: list[Any] = [well, bad, SourceError("gone"), bad, well]
    asked = asyncio.Event()

    async def checks() -> list[dict[str, Any]]:
        if not answers:
            asked.set()
            await asyncio.sleep(3600)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return] # scripted

    with structlog.testing.capture_logs() as told:
        telling = asyncio.create_task(tell_drift(checks, every_s=0), name="drift")
        async with asyncio.timeout(10):
            await asked.wait()
        telling.cancel()

    assert [(one["action"], one.get("check")) for one in told] == [
        ("drift.found", "hooks of chains"),
        ("drift.unknown", None),
        ("drift.over", "hooks of chains"),
    ]
