"""Sessions of every host: one that gives no answer keeps nobody from seeing the others."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chainwright.daemon import session_views
from chainwright.daemon.session_views import sessions_of
from chainwright.runners.port import HostUnreachable, SessionSummary


def summary(name: str, status: Any = "running") -> SessionSummary:
    return SessionSummary(id=name, status=status, pid=7, started_at=1.0, ended_at=None, acknowledged=False)


def host(name: str, answer: Any) -> Any:
    """A host whose runner tells these sessions, raises this, or says nothing."""

    async def sessions() -> list[SessionSummary]:
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            await asyncio.Event().wait()
        found: list[SessionSummary] = answer
        return found

    return SimpleNamespace(name=name, runner=SimpleNamespace(sessions=sessions))


async def test_each_session_is_told_with_its_host_its_attempt_and_its_owner() -> None:
    hosts = [host("local", [summary("run-write-2.1-3")]), host("g1", [summary("strange")])]
    found = await sessions_of(hosts, lambda one: None if one.id == "strange" else "me")

    assert found["silent"] == []
    first, second = found["items"]
    assert (first["host"], first["owner"], first["run_id"], first["agent"]) == ("local", "me", "run", "write")
    assert (first["turn"], first["leg"], first["attempt"]) == (2, "1", 3)
    assert (second["host"], second["owner"], second["run_id"], second["attempt"]) == ("g1", None, None, None)


async def test_of_another_daemons_session_nothing_is_read_into_its_id() -> None:
    hosts = [host("g1", [replace(summary("run-write-1-1"), daemon="0a1b2c3d4e5f")])]
    (found,) = (await sessions_of(hosts, lambda one: one.daemon))["items"]

    assert (found["owner"], found["daemon"], found["run_id"]) == ("0a1b2c3d4e5f", "0a1b2c3d4e5f", None)


async def test_hosts_that_give_no_answer_are_told_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_views, "ANSWER_WITHIN_S", 0.05)
    hosts = [host("local", [summary("run-a-1-1")]), host("g1", HostUnreachable("nothing listens")), host("g2", None)]
    found = await sessions_of(hosts, lambda _: "me")

    assert [one["host"] for one in found["items"]] == ["local"]
    assert [one["host"] for one in found["silent"]] == ["g1", "g2"]
    assert found["silent"][0]["why"] == "nothing listens"
