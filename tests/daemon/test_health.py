"""What `doctor` says of a running daemon."""

from types import SimpleNamespace
from typing import Any

import pytest

from chainwright.daemon import health
from chainwright.daemon.config import Home
from chainwright.daemon.core.due import Pause
from chainwright.daemon.health import Health


class Deployments:
    """One commit in force, unless a test says otherwise."""

    address = "chains/main"
    problem = ""
    current: Any = SimpleNamespace(commit="c" * 40)
    refused: Any = None

    async def described(self) -> dict[str, Any]:
        return {"refused": self.refused}


@pytest.fixture
def deployments() -> Deployments:
    return Deployments()


class Scheduling:
    """Nothing is paused, unless a test says otherwise."""

    def __init__(self) -> None:
        self.pauses: dict[str, Pause] = {}
        self.ahead: float | None = None

    def paused(self) -> dict[str, Pause]:
        return self.pauses

    def ahead_until(self) -> float | None:
        return self.ahead


@pytest.fixture
def scheduling() -> Scheduling:
    return Scheduling()


@pytest.fixture
def fork_server() -> SimpleNamespace:
    """The runner, as far as it is asked."""
    return SimpleNamespace(fork_server_pid=7)


class Secrets:
    """Those that chains ask for."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    async def listed(self) -> list[dict[str, str]]:
        return self.found


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


class Hooks:
    """Webhooks, as far as they are asked."""

    def __init__(self) -> None:
        self.wrong: dict[str, str] = {}

    async def problems(self) -> dict[str, str]:
        return self.wrong


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


class Forges:
    """What leaves for others, as far as it is asked."""

    async def checks(self) -> list[tuple[str, str, str]]:
        return [("outbox", "", "0 letters wait")]


@pytest.fixture
def watched(hooks: Hooks, secrets: Secrets) -> dict[str, Any]:
    """What else is looked at."""
    return {"hooks": hooks, "secrets": secrets, "forges": Forges(), "hosts": SimpleNamespace(checks=list)}


@pytest.fixture
def checks(
    home: Home,
    deployments: Deployments,
    fork_server: SimpleNamespace,
    scheduling: Scheduling,
    watched: dict[str, Any],
) -> Any:
    """Looks, and gives the checks by name."""
    followed = SimpleNamespace(deployments=lambda: [[deployments]], followed={})
    looker: Any = Health(home, fork_server, followed, scheduling=scheduling, **watched)  # type: ignore[arg-type] # stand-ins

    async def look() -> dict[str, dict[str, Any]]:
        return {one["check"]: one for one in await looker.checks()}

    return look


async def test_all_is_well(checks: Any) -> None:
    found = await checks()

    assert all(one["ok"] and not one["hint"] for one in found.values())
    assert found["repository chains/main"]["detail"] == "chains/main at cccccccccccc"


async def test_a_webhook_without_a_secret_that_counts_is_told(checks: Any, hooks: Hooks) -> None:
    hooks.wrong["main/github"] = 'there is no secret "S"'
    found = (await checks())["webhook main/github"]

    assert (found["ok"], found["detail"]) == (False, 'there is no secret "S"')
    assert "503" in found["hint"]


@pytest.mark.parametrize(("until", "told"), [(None, "for good"), (1_767_272_400.0, "until 2026-01-01T13:00:00Z")])
async def test_a_pause_is_drift(checks: Any, scheduling: Scheduling, until: float | None, told: str) -> None:
    scheduling.pauses["brief"] = Pause(actor="ann", at=1_767_268_800.0, until=until)

    assert (await checks())["schedules"] == {
        "check": "schedules",
        "ok": False,
        "detail": f"brief is paused by ann since 2026-01-01T12:00:00Z, {told}",
        "hint": "chainwright schedules resume CHAIN",
    }


async def test_a_clock_that_is_behind_what_is_on_record_is_told(checks: Any, scheduling: Scheduling) -> None:
    scheduling.ahead = 1_767_268_800.0

    found = (await checks())["clock"]
    assert not found["ok"]
    assert "times up to 2026-01-01T12:00:00Z are on record" in found["detail"]


async def test_nothing_deployed_yet_is_no_fault(checks: Any, deployments: Deployments) -> None:
    deployments.current = None

    assert (await checks())["repository chains/main"] == {
        "check": "repository chains/main",
        "ok": True,
        "detail": "nothing deployed yet",
        "hint": "",
    }


async def test_a_repository_that_is_gone_says_what_stays(checks: Any, deployments: Deployments) -> None:
    deployments.problem = "/chains is no longer there"
    found = (await checks())["repository chains/main"]

    assert (found["ok"], found["detail"]) == (False, "/chains is no longer there")
    assert "stays in force" in found["hint"]


async def test_a_refused_commit_is_told_with_its_first_diagnostic(checks: Any, deployments: Deployments) -> None:
    deployments.refused = {"commit": "d" * 40, "diagnostics": ["a.yaml:1:1: error: no", "b.yaml:2:2: error: no"]}
    found = (await checks())["newest commit of chains/main"]

    assert (found["ok"], found["detail"]) == (False, "dddddddddddd does not load: a.yaml:1:1: error: no")


async def test_a_fork_server_that_is_gone_is_told_with_what_it_costs(checks: Any, fork_server: SimpleNamespace) -> None:
    fork_server.fork_server_pid = None
    found = (await checks())["fork server"]

    assert (found["ok"], found["detail"]) == (False, "not running")
    assert "slower" in found["hint"]


async def test_a_disk_that_is_nearly_full_is_not_well(checks: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 << 20))

    assert (await checks())["room"]["detail"] == "5 MiB"
    assert not (await checks())["room"]["ok"]


async def test_secrets_that_cannot_be_had_are_named(checks: Any, secrets: Secrets) -> None:
    secrets.found = [{"name": "A", "problem": ""}, {"name": "B", "problem": "nowhere"}]
    found = (await checks())["secrets"]

    assert (found["ok"], found["detail"]) == (False, "cannot be had: B")
    assert "chainwright secrets" in found["hint"]
