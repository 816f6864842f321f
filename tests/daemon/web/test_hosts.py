"""Routes of hosts."""

import json
from typing import Any

import pytest
from aiohttp import ClientSession

from chainwright.schemas.host_api import HostCheck, HostDetail, HostKeyView, HostView
from chainwright.schemas.hosts import HostSettings
from chainwright.schemas.pages import Page

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3"


@pytest.fixture(autouse=True)
def _listed(use_cases: Any, host: dict[str, Any]) -> None:
    use_cases.listed["hosts"] = [host]


async def test_hosts_are_listed(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/hosts")

    assert Page[HostView].model_validate(await answer.json()).items[0].name == "gpu1"


async def test_a_host_is_told_with_its_settings(api: ClientSession, use_cases: Any) -> None:
    answer = await api.get("/api/v1/hosts/gpu1")

    assert HostDetail.model_validate(await answer.json()).entries[0].step == "drained"
    assert use_cases.asked == [("host", "gpu1")]


async def test_a_host_is_added(api: ClientSession, use_cases: Any) -> None:
    answer = await api.post("/api/v1/hosts", json={"name": "gpu1", "settings": {"address": "a"}, "replace": True})

    assert (answer.status, answer.headers["Location"]) == (201, "/api/v1/hosts/gpu1")
    assert use_cases.asked == [("add_host", "gpu1", HostSettings(address="a"), True)]


@pytest.mark.parametrize(
    ("verb", "body", "asked"),
    [
        ("drain", {"reason": "new disk"}, ("drain_host", "gpu1", "new disk")),
        ("drain", {}, ("drain_host", "gpu1", "")),
        ("resume", {}, ("resume_host", "gpu1")),
        ("remove", {"force": True}, ("remove_host", "gpu1", True)),
        ("clear", {"dry": True}, ("clear_host", "gpu1", True)),
        ("clear", {}, ("clear_host", "gpu1", False)),
        ("trust", {"host_key": KEY}, ("trust_host", "gpu1", KEY, False)),
    ],
)
async def test_people_have_a_hold_on_hosts(
    api: ClientSession, use_cases: Any, verb: str, body: dict[str, Any], asked: Any
) -> None:
    assert (await api.post(f"/api/v1/hosts/gpu1/{verb}", json=body)).status == 200
    assert use_cases.asked == [asked]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"name": "gpu1"}),
        ("", {"name": "a b", "settings": {"address": "a"}}),
        ("", {"name": "gpu1", "settings": {"address": "-oProxyCommand=x"}}),
        ("", {"name": "gpu1", "settings": {"address": "a", "port": 0}}),
        ("/gpu1/trust", {"host_key": "gpu1 ssh-ed25519"}),
        ("/gpu1/drain", {"why": "x"}),
    ],
)
async def test_what_does_not_fit_is_refused(api: ClientSession, use_cases: Any, path: str, body: Any) -> None:
    assert (await api.post(f"/api/v1/hosts{path}", json=body)).status == 422
    assert use_cases.asked == []


async def test_a_trial_is_told_check_by_check(api: ClientSession, use_cases: Any) -> None:
    found = {"check": "login", "verdict": "failed", "detail": "no", "hint": "add the key", "seconds": 0.5}
    use_cases.listed["checks"] = [found, found]
    answer = await api.post("/api/v1/hosts/gpu1/test")

    assert answer.content_type == "application/x-ndjson"
    assert [HostCheck.model_validate(json.loads(line)).check for line in (await answer.read()).splitlines()] == [
        "login"
    ] * 2
    assert use_cases.asked == [("test_host", "gpu1")]


async def test_the_key_that_a_host_shows_is_told(api: ClientSession, use_cases: Any) -> None:
    shown = {"host_key": KEY, "algorithm": "ssh-ed25519", "fingerprint": "SHA256:x", "is_pinned": False}
    use_cases.listed["keys"] = [shown | {"pinned": None, "pinned_algorithm": None}]
    answer = await api.get("/api/v1/hosts/gpu1/key")

    assert HostKeyView.model_validate(await answer.json()).host_key == KEY
