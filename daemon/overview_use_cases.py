"""The use cases that show the whole: how things stand, what waits for people, events of all runs, due times, settings."""

import asyncio
import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any, Final

from chainwright.daemon.config import Config
from chainwright.daemon.core.access import Actor, Authorizer, Permission
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.verdicts import listed
from chainwright.daemon.engine import Engine
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.store.port import EventFilter

DAY_S: Final = 86_400.0
YEAR_S: Final = 366 * DAY_S
NEXT: Final = 10
MOST_DUE_TIMES: Final = 2_000

_USERINFO: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)")


class OverviewUseCases:
    """Part of :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(self, engine: Engine, scheduling: Scheduling, config: Config, authorizer: Authorizer) -> None:
        self._engine = engine
        self._scheduling = scheduling
        self._config = config
        self._authorizer = authorizer

    async def overview(self, actor: Actor) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "runs")
        now = self._engine.world.clock()
        return {
            "runs": self._engine.open_counts(),
            "waiting": len(self._waiting(actor)),
            "ended": await self._engine.world.store.ended_since(actor.organization, now - DAY_S),
            "next": list(islice(self._scheduling.due_times(now), NEXT)),
        }

    async def inbox(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.VIEW, "runs")
        return self._waiting(actor)

    async def all_events(
        self, actor: Actor, *, name: str | None, unmatched: bool, limit: int, cursor: str | None
    ) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "runs")
        run, _, number = (cursor or "").partition(":")
        page = await self._engine.world.store.all_events(
            actor.organization,
            EventFilter(name=name, unmatched=unmatched),
            limit=limit,
            before=(run, int(number)) if cursor else None,
        )
        return {"items": page.rows, "next": "{}:{}".format(*page.next) if page.next else None}

    async def calendar(self, actor: Actor, *, since: float, until: float) -> dict[str, Any]:
        self._allow(actor, Permission.VIEW, "schedules")
        if not since <= until <= since + YEAR_S:
            raise Refusal(Code.INVALID_INPUT, "that is no time of a calendar", "from, and until at most a year later")
        due = self._scheduling.due_times(since - 1e-6)
        within = takewhile(lambda one: one["at"] < until, due)
        found = await asyncio.to_thread(lambda: list(islice(within, MOST_DUE_TIMES + 1)))
        return {"items": found[:MOST_DUE_TIMES], "is_whole": len(found) <= MOST_DUE_TIMES}

    async def settings(self, actor: Actor) -> list[dict[str, Any]]:
        self._allow(actor, Permission.ADMINISTER, "daemon")
        values = self._config.settings.model_dump(mode="json")
        return [
            {"name": name, "value": value, "origin": self._config.origin(name)} for name, value in _flat(values, "")
        ]

    def _waiting(self, actor: Actor) -> list[dict[str, Any]]:
        states = self._engine.open_states(actor.organization)
        found = [_of_approval(one) for state in states for one in listed(state)]
        found += [one for state in states for one in _at_terminals(state)]
        return sorted(found, key=lambda one: one["since"])

    def _allow(self, actor: Actor, permission: Permission, subject: str) -> None:
        if not self._authorizer.allows(actor, permission, subject):
            raise Refusal(Code.DENIED, f"{actor.name} may not {permission} {subject}")


def _of_approval(view: dict[str, Any]) -> dict[str, Any]:
    """An InboxItem of an ApprovalView."""
    return {
        "kind": "limit" if view["limit"] else "approval",
        "run_id": view["run_id"],
        "chain": view["chain"],
        "number": view["number"],
        "agent": view["agent"],
        "turn": view["turn"],
        "attempt_id": None,
        "since": view["asked_at"],
        "reason": view["limit"] or "approval",
        "excerpt": view["message"],
        "approval": view,
    }


def _at_terminals(state: RunState) -> Iterator[dict[str, Any]]:
    """InboxItems of the agents of a run that wait for a person."""
    request = state.request
    assert request is not None
    for attempt in state.attempts.values():
        if (attention := attempt.attention) is not None:
            yield {
                "kind": "waiting_input",
                "run_id": state.id,
                "chain": request.chain,
                "number": request.number,
                "agent": attempt.agent,
                "turn": attempt.turn,
                "attempt_id": attempt.id,
                "since": attention.since,
                "reason": attention.cause,
                "excerpt": attention.excerpt,
                "approval": None,
            }


def _flat(values: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    """Every setting by its dotted name; one that is an empty map too."""
    for key, value in values.items():
        name = f"{above}{key}"
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{name}.")
        else:
            yield name, _USERINFO.sub("…", value) if isinstance(value, str) else value
