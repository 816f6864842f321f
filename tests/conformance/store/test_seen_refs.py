"""Where refs led at the last look: remembered together with what chains are told of their movements."""

from typing import Any

from chainwright.daemon.core.announcements import Announcement
from chainwright.daemon.core.ref_moves import RefMove
from chainwright.daemon.core.ref_telling import PassedOver, ToldMove
from chainwright.daemon.store.port import RefusedPush, SeenRef, Store, Told


def told(branch: str, *listeners: str, repository: str = "notes") -> ToldMove:
    """A push that is told to these, and that one chain is not told of."""
    move = RefMove(repository=repository, ref=f"refs/heads/{branch}", before="a", after="b", number=1)
    about: dict[str, Any] = {"organization": "default", "environment": "main", "run_id": None, "at": 5.0, "depth": 0}
    announcements = [
        Announcement(key=f"push:{move.key}>main/{one}", kind="push", listener=one, event={"name": "push"}, **about)
        for one in listeners
    ]
    passed = [PassedOver(environment="main", chain="deaf", reason="because")]
    return ToldMove(kind="push", move=move, at=5.0, actor="ada", told=announcements, passed_over=passed)


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
    await store.see_refs("notes", {"refs/heads/main": SeenRef(commit="a")}, 1.0, [told("main", "reads")])

    assert [one.key for one in await store.open_announcements()] == [f"{told('main').key}>main/reads"]


async def test_movements_are_listed_with_whom_they_were_told_and_who_was_passed_over(store: Store) -> None:
    await store.see_refs("notes", {}, 1.0, [told("main", "reads"), told("next")])
    await store.see_refs("other", {}, 1.0, [told("main", repository="other")])
    await store.settle_announcement(
        f"{told('main').key}>main/reads", Told(fate="started", at=2.0, run_id="r", reason="")
    )
    newest, oldest = await store.moves("notes", 10, None)

    assert [(one["ref"], one["before"], one["after"], one["actor"]) for one in (oldest, newest)] == [
        ("refs/heads/main", "a", "b", "ada"),
        ("refs/heads/next", "a", "b", "ada"),
    ]
    (heard,) = oldest["told"]
    assert heard == {"environment": "main", "chain": "reads", "fate": "started", "run_id": "r", "reason": ""}
    assert newest["told"] == []
    assert newest["passed_over"] == [{"environment": "main", "chain": "deaf", "reason": "because"}]
    assert [one["repository"] for one in await store.moves(None, 1, None)] == ["other"]
    assert await store.moves("notes", 10, oldest["id"]) == []


async def test_a_movement_that_is_recorded_again_is_there_once(store: Store) -> None:
    for _ in range(2):
        await store.see_refs("notes", {}, 1.0, [told("main", "reads")])

    assert len(await store.moves(None, 10, None)) == 1


async def test_a_push_that_was_not_let_in_is_listed_with_what_its_pusher_read(store: Store) -> None:
    updates = [("refs/heads/main", "a", "b")]
    push = RefusedPush(repository="notes", updates=updates, actor="eve", at=3.0, lines=["no", "refused"])
    await store.refuse_push(push)
    (found,) = await store.moves("notes", 10, None)

    assert (found["kind"], found["ref"], found["actor"], found["refusal"]) == (
        "refused",
        "refs/heads/main",
        "eve",
        ["no", "refused"],
    )
