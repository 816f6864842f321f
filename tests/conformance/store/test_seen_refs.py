"""Where refs led at the last look: remembered together with what chains are told of their movements."""

from typing import Any

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.store.port import SeenRef, Store


def announcement(key: str) -> Announcement:
    about: dict[str, Any] = {"listener": "reads", "organization": "default", "environment": "main", "run_id": None}
    return Announcement(key=key, kind="push", at=5.0, event={"name": "push"}, depth=0, **about)


async def test_a_repository_that_was_never_looked_at_is_told_from_one_without_refs(store: Store) -> None:
    await store.see_refs("empty", {}, 1.0)

    assert (await store.seen_refs("notes"), await store.seen_refs("empty")) == (None, {})


async def test_refs_are_remembered_of_each_repository_apart_and_those_that_went_too(store: Store) -> None:
    await store.see_refs("notes", {"refs/heads/main": SeenRef(commit="a")}, 1.0)
    await store.see_refs("other", {"refs/heads/main": SeenRef(commit="x")}, 1.0)
    moved = {"refs/heads/main": SeenRef(commit=None, moves=1), "refs/tags/v1": SeenRef(commit="b", moves=1)}
    await store.see_refs("notes", moved, 2.0)

    assert await store.seen_refs("notes") == moved
    assert await store.seen_refs("other") == {"refs/heads/main": SeenRef(commit="x")}


async def test_what_a_movement_tells_is_recorded_with_it(store: Store) -> None:
    await store.see_refs("notes", {"refs/heads/main": SeenRef(commit="a")}, 1.0, [announcement("a")])

    assert [one.key for one in await store.open_announcements()] == ["a"]
