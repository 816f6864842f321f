"""What `doctor` says of hosts: who is not there, not trusted, drained or full, and which labels nobody has."""

from typing import Any

import pytest

from chainwright.daemon.core.hosts import UNSEEN, HostEntry, HostStep, KnownHost, Register, Sighting
from chainwright.daemon.hosts.health import LEAST_FREE_BYTES, HostHealth
from chainwright.schemas.hosts import LOCAL, HostSettings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3"
SINCE = 1_767_268_800.0
DRAIN = HostEntry(at=SINCE, actor="ann", host="gpu1", step=HostStep.DRAINED, reason="new disk")


class Hosts:
    """The register, as far as it is asked."""

    def __init__(self, known: Register) -> None:
        self._known = known

    def current(self) -> Any:
        return self._known.hosts

    def drained(self, name: str) -> HostEntry | None:
        return self._known.drained(name)

    def way(self, name: str) -> None:
        if self._known.hosts[name].settings.jump:
            raise ValueError(f'host "{name}": its jump host is not known')


def checks(
    seen: Sighting = UNSEEN,
    asked: dict[frozenset[str], list[str]] | None = None,
    local_drained: HostEntry | None = None,
    **changes: Any,
) -> dict[str, dict[str, Any]]:
    """Of one host and this machine."""
    drained = changes.pop("drained", None)
    settings = HostSettings(**{"address": "a", "host_key": KEY, "labels": ["gpu"]} | changes)
    known = KnownHost(name="gpu1", settings=settings, origin="added", drained=drained)
    hosts: Any = Hosts(Register({"gpu1": known}, local_drained))
    found = HostHealth(hosts, lambda _: seen, lambda: asked or {}, ["big"]).checks()
    return {one["check"]: one for one in found}


@pytest.mark.parametrize("state", ["idle", "connected"])
def test_a_host_is_well_until_something_is_known_to_be_wrong(state: Any) -> None:
    assert [one["ok"] for one in checks(Sighting(state=state, free_bytes=LEAST_FREE_BYTES)).values()] == [True]


@pytest.mark.parametrize(
    ("seen", "changes", "told", "hint"),
    [
        (UNSEEN, {"host_key": None}, "no key is pinned", "chainwright hosts trust gpu1"),
        (UNSEEN, {"jump": "gone"}, "jump host is not known", "hosts add --replace"),
        (
            Sighting(state="unreachable", since=SINCE, why="nothing listens"),
            {},
            "unreachable since 2026-01-01T12:00:00Z: nothing listens",
            "hosts test gpu1",
        ),
        (Sighting(state="refused", why="no python3"), {}, "refused: no python3", "hosts test gpu1"),
        (Sighting(state="connected", free_bytes=5 << 20), {}, "5 MiB free", "free some"),
        (UNSEEN, {"drained": DRAIN}, "drained by ann since 2026-01-01T12:00:00Z: new disk", "hosts resume gpu1"),
    ],
)
def test_what_is_wrong_with_a_host_is_told_with_what_to_do(
    seen: Sighting, changes: dict[str, Any], told: str, hint: str
) -> None:
    found = checks(seen, **changes)["host gpu1"]

    assert not found["ok"]
    assert told in found["detail"]
    assert hint in found["hint"]


def test_the_daemons_own_machine_is_told_of_when_it_is_drained() -> None:
    assert "host local" not in checks()
    assert "drained by ann" in checks(local_drained=DRAIN)["host local"]["detail"]


def test_labels_that_no_host_has_are_drift() -> None:
    met = {frozenset({"gpu"}): ["a/x"], frozenset({LOCAL, "big"}): ["a/y"]}

    assert "labels of hosts" not in checks()
    assert checks(asked=met)["labels of hosts"]["ok"]
    found = checks(asked={**met, frozenset({"gpu", "big"}): ["a/z", "b/z"]})["labels of hosts"]
    assert (found["ok"], found["detail"]) == (False, "no host has big + gpu, for a/z, b/z")
