"""Hosts in force: what people may do to them, and who hears of it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.hosts.register import STORE, Hosts
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.schemas.hosts import LOCAL, HostSettings

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHxzXPvK1p4amcmQZ6af+HWEPQG17KR4RGwkz7U0O4uN"
ANN = Actor(name="ann")
GPU = HostSettings(address="gpu1", labels=["gpu"])
CONFIGURED = {"big": HostSettings(address="big.example.org"), "gate": HostSettings(address="gate", host_key=KEY)}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    found = SqliteStore(tmp_path / "state.db")
    await found.open()
    yield found
    await found.close()


async def hosts_of(store: SqliteStore) -> Hosts:
    """As a daemon has them after a start."""
    found = Hosts(store, CONFIGURED, lambda key: f"/etc/chainwright.yaml#{key}", lambda: 60.0)
    await found.open()
    return found


@pytest.fixture
async def hosts(store: SqliteStore) -> Hosts:
    return await hosts_of(store)


async def add(
    hosts: Hosts, name: str = "gpu1", settings: HostSettings = GPU, *, replace: bool = False, running: int = 0
) -> None:
    await hosts.add(ANN, name, settings, replace=replace, running=running)


async def test_hosts_are_those_of_the_configuration_and_those_that_were_added(hosts: Hosts) -> None:
    await add(hosts)

    assert {one.name: one.origin for one in hosts.current().values()} == {
        "big": "configured",
        "gate": "configured",
        "gpu1": "added",
    }
    assert hosts.stands_in("big") == "/etc/chainwright.yaml#hosts.big.address"
    assert hosts.stands_in("gpu1") == STORE


async def test_what_people_did_outlives_the_daemon(hosts: Hosts, store: SqliteStore) -> None:
    await add(hosts)
    await hosts.trust(ANN, "big", KEY, replace=False)
    await hosts.drain(ANN, LOCAL, "new disk")
    again = await hosts_of(store)

    assert again.current() == hosts.current()
    assert again.current()["big"].settings.host_key == KEY
    drained = again.drained(LOCAL)
    assert drained is not None
    assert (drained.actor, drained.reason, drained.at) == ("ann", "new disk", 60.0)


async def test_whoever_subscribed_hears_of_each_change_once_it_counts(hosts: Hosts) -> None:
    heard: list[tuple[bool, bool]] = []
    hosts.subscribe(lambda: heard.append(("gpu1" in hosts.current(), hosts.drained("gpu1") is not None)))
    await add(hosts)
    await hosts.drain(ANN, "gpu1", "")
    await hosts.resume(ANN, "gpu1")
    await hosts.remove(ANN, "gpu1", force=False, running=0)

    assert heard == [(True, False), (True, True), (True, False), (False, False)]


async def test_of_two_who_add_the_same_name_at_once_one_is_refused(hosts: Hosts) -> None:
    done = await asyncio.gather(add(hosts), add(hosts), return_exceptions=True)

    assert [type(one) for one in done] == [type(None), Refusal]


@pytest.mark.parametrize("name", ["big", "gpu1", LOCAL])
async def test_a_name_that_is_taken_is_refused(hosts: Hosts, name: str) -> None:
    await add(hosts)

    with pytest.raises(Refusal) as refused:
        await add(hosts, name)
    assert refused.value.code is Code.CONFLICT


async def test_an_added_host_gets_other_settings_and_keeps_key_and_drain(hosts: Hosts) -> None:
    await add(hosts, settings=GPU.model_copy(update={"host_key": KEY}))
    await hosts.drain(ANN, "gpu1", "")
    await add(hosts, settings=HostSettings(address="10.0.0.7"), replace=True, running=3)

    known = hosts.one("gpu1")
    assert (known.settings.address, known.settings.host_key) == ("10.0.0.7", KEY)
    assert known.drained is not None


@pytest.mark.parametrize("changed", [{"user": "bob"}, {"root": "/srv/cw"}])
async def test_where_sessions_are_looked_for_stays_while_some_run(hosts: Hosts, changed: dict[str, str]) -> None:
    await add(hosts)
    other = GPU.model_copy(update=changed)

    with pytest.raises(Refusal, match="1 session runs"):
        await add(hosts, settings=other, replace=True, running=1)
    await add(hosts, settings=other, replace=True)
    assert hosts.one("gpu1").settings == other


async def test_a_way_that_leads_nowhere_is_refused(hosts: Hosts) -> None:
    with pytest.raises(Refusal, match='"nobody" is not known'):
        await add(hosts, settings=HostSettings(address="a", jump="nobody"))
    await add(hosts, settings=HostSettings(address="a", jump="gate"))

    assert hosts.way("gpu1") == ["gpu1", "gate"]


async def test_a_host_that_leads_to_others_is_not_removed(hosts: Hosts) -> None:
    await add(hosts)
    await add(hosts, "inner", HostSettings(address="a", jump="gpu1"))

    with pytest.raises(Refusal, match="inner"):
        await hosts.remove(ANN, "gpu1", force=True, running=0)


async def test_a_host_on_which_sessions_run_is_removed_by_force_alone(hosts: Hosts) -> None:
    await add(hosts)

    with pytest.raises(Refusal, match="2 sessions run") as refused:
        await hosts.remove(ANN, "gpu1", force=False, running=2)
    assert "--force" in refused.value.detail
    await hosts.remove(ANN, "gpu1", force=True, running=2)
    assert "gpu1" not in hosts.current()
    assert [entry.step for entry in hosts.history("gpu1")] == ["added", "removed"]


async def test_a_command_that_would_change_the_configuration_says_where_it_stands(hosts: Hosts) -> None:
    with pytest.raises(Refusal, match="stands in the configuration") as refused:
        await hosts.remove(ANN, "big", force=True, running=0)
    assert "hosts.big of /etc/chainwright.yaml#hosts.big.address" in refused.value.detail
    with pytest.raises(Refusal, match="stands in the configuration") as refused:
        await hosts.trust(ANN, "gate", OTHER, replace=True)
    assert "hosts.gate.host_key" in refused.value.detail


async def test_another_key_is_pinned_only_on_purpose(hosts: Hosts) -> None:
    await hosts.trust(ANN, "big", KEY, replace=False)
    await hosts.trust(ANN, "big", f"{KEY} a comment", replace=False)

    with pytest.raises(Refusal, match="another key") as refused:
        await hosts.trust(ANN, "big", OTHER, replace=False)
    assert (
        "SHA256:Er6M/1lyolwTk0JmClGSh/q6Qmwa+xAhS6Y/M8Yh1VM is pinned, SHA256:QrJOCF9quvEgjKjiUfVzn2M5ZeWITpvEyEEsmK9xGoU is another"
        in refused.value.detail
    )
    await hosts.trust(ANN, "big", OTHER, replace=True)
    assert hosts.one("big").settings.host_key == OTHER
    assert len(hosts.history("big")) == 2


async def test_what_is_no_key_is_not_pinned(hosts: Hosts) -> None:
    with pytest.raises(Refusal) as refused:
        await hosts.trust(ANN, "big", "ssh-ed25519 AAA", replace=False)
    assert refused.value.code is Code.INVALID_INPUT


@pytest.mark.parametrize("name", ["big", LOCAL])
async def test_who_is_not_drained_is_not_resumed(hosts: Hosts, name: str) -> None:
    with pytest.raises(Refusal, match="is not drained"):
        await hosts.resume(ANN, name)


async def test_a_host_that_is_not_known_is_told_with_those_that_are(hosts: Hosts) -> None:
    with pytest.raises(Refusal) as refused:
        await hosts.drain(ANN, "gpu9", "")
    assert (refused.value.code, refused.value.detail) == (Code.NOT_FOUND, "there are: big, gate")


async def test_without_hosts_nothing_that_connects_is_loaded() -> None:
    """A daemon that has none, and one that has yet to reach its first, start as fast as before."""
    code = "import sys, chainwright.daemon.supervisor; sys.exit('asyncssh' in sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)

    assert await asyncio.wait_for(process.wait(), 30) == 0
