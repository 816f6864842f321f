"""Sessions of every host in the shape of ``schemas.api.SessionView``."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, Final

from chainwright.daemon.core.attempt_ids import parsed
from chainwright.daemon.engine.hosts import Host
from chainwright.runners.port import RunnerError, SessionSummary

ANSWER_WITHIN_S: Final = 10.0
_UNNAMED: Final[dict[str, Any]] = {"run_id": None, "agent": None, "turn": None, "attempt": None, "leg": None}


async def sessions_of(hosts: Sequence[Host], owner: Callable[[SessionSummary], str | None]) -> dict[str, Any]:
    """A SessionListing of every session folder of every host that answers in time; ``owner`` tells to whom one belongs."""
    found = await asyncio.gather(*(_sessions_of(host) for host in hosts))
    each = list(zip(hosts, found, strict=True))
    items = [_view(one, host.name, owner(one)) for host, told in each if not isinstance(told, str) for one in told]
    silent = [{"host": host.name, "why": told} for host, told in each if isinstance(told, str)]
    return {"items": items, "silent": silent}


async def _sessions_of(host: Host) -> list[SessionSummary] | str:
    """What is there, or why that is not known."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await host.runner.sessions()
    except RunnerError as error:
        return str(error)
    except TimeoutError:
        return f"no answer within {ANSWER_WITHIN_S:.0f} s"


def _view(found: SessionSummary, host: str, owner: str | None) -> dict[str, Any]:
    named = _named(found.id) if found.daemon is None else _UNNAMED  # of another daemon's runs nothing can be asked here
    return asdict(found) | named | {"host": host, "owner": owner}


def _named(session_id: str) -> dict[str, Any]:
    """What the id says; nothing for one that no run gave."""
    try:
        return asdict(parsed(session_id))
    except ValueError:
        return dict(_UNNAMED)
