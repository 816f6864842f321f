"""What people did to hosts: whole, in its order, and each organization its own."""

from typing import Any

from chainwright.daemon.core.hosts import HostEntry, HostStep
from chainwright.daemon.store.port import Store
from chainwright.schemas.hosts import HostSettings

SETTINGS = HostSettings(address="10.0.0.7", labels=["gpu"], environment={"A": "é"}, jump="gate")
ADDED = HostEntry(at=1.5, actor="ann", host="gpu1", step=HostStep.ADDED, settings=SETTINGS)
DRAINED = HostEntry(at=1.0, actor="bob", host="gpu1", step=HostStep.DRAINED, reason="new disk")
TRUSTED = HostEntry(
    at=3.0,
    actor="ann",
    host="gpu1",
    step=HostStep.TRUSTED,
    host_key="ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKGcFrFf03c/hg8q8895cvDD5c8mHLQMxaF1mWrnhUE3",
)


async def test_entries_come_back_whole_in_the_order_in_which_they_were_made(store: Store) -> None:
    """The clock may be set back: who came later still counts."""
    for one in (ADDED, DRAINED, TRUSTED):
        await store.record_host("default", one)

    assert await store.host_entries("default") == [ADDED, DRAINED, TRUSTED]


async def test_organizations_do_not_see_each_others(store: Store) -> None:
    await store.record_host("default", ADDED)

    assert await store.host_entries("another") == []


async def test_the_next_daemon_finds_them(database: Any) -> None:
    await (await database.open()).record_host("default", ADDED)

    assert await (await database.open()).host_entries("default") == [ADDED]
