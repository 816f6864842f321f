"""Change requests: numbered, listed by their state, whole with every entry, and never written over."""

from dataclasses import replace

import pytest

from chainwright.daemon.core.change_requests import ChangeRequest, ChangeState, Entry, Step
from chainwright.daemon.store.port import Store, StoreError


def change(branch: str = "main") -> ChangeRequest:
    first = Entry(at=1.0, step=Step.OPENED, actor="ada", is_owner=True, head="a" * 40)
    about = {"organization": "default", "repository": "chains", "title": "t"}
    return ChangeRequest(number=0, branch=branch, entries=(first,), **about)


def merged(opened: ChangeRequest) -> ChangeRequest:
    last = Entry(at=2.0, step=Step.MERGED, actor="bob", head="a" * 40, commit="c", onto="d", text="both")
    return replace(opened, entries=(*opened.entries, last))


async def listed(store: Store, *states: ChangeState, **asked: object) -> list[int]:
    told = {"repository": None, "limit": 50, "before": None, **asked}
    return [row["number"] for row in await store.changes("default", states=states, **told)]


async def test_a_change_is_found_as_it_was_written(store: Store) -> None:
    number = await store.open_change(change())
    await store.record_change(merged(replace(change(), number=number)))

    assert await store.change("default", number) == merged(replace(change(), number=number))
    assert await store.change("another", number) is None


async def test_changes_are_listed_by_their_state_newest_first(store: Store) -> None:
    first, second, third = [await store.open_change(change(branch)) for branch in "abc"]
    await store.record_change(merged(replace(change("b"), number=second)))

    assert await listed(store, ChangeState.OPEN) == [third, first]
    assert await listed(store, ChangeState.MERGED) == [second]
    assert await listed(store, *ChangeState, before=third, limit=1) == [second]
    assert await listed(store, *ChangeState, repository="other") == []
    assert [one.number for one in await store.unsettled_changes()] == [first, third]


async def test_an_entry_that_another_has_written_meanwhile_is_refused(store: Store) -> None:
    number = await store.open_change(change())
    await store.record_change(merged(replace(change(), number=number)))

    with pytest.raises(StoreError):
        await store.record_change(merged(replace(change(), number=number)))
