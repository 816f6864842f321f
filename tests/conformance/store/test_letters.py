"""Letters: of each subject the newest, until it has arrived or is dead; written together with what causes them."""

from dataclasses import replace

from chainwright.daemon.core.letters import Letter
from chainwright.daemon.store.port import Failure, PlannedPull, Store

LETTER = Letter(receiver="forge", subject="forge/comment/1", body={"text": "one"}, made_at=10.0)


async def write(store: Store, *letters: Letter, number: int = 1, seen: str = "s") -> None:
    await store.plan_pull(PlannedPull(forge="forge", number=number, seen=seen, letters=letters))


def failure(letter: Letter, *, due_at: float = 20.0, is_dead: bool = False) -> Failure:
    return Failure(letter=letter, due_at=due_at, fault="away", is_dead=is_dead)


async def test_a_letter_is_due_until_it_has_arrived(store: Store) -> None:
    await write(store, LETTER)

    assert await store.due_letters(9.0, 10) == []
    assert await store.due_letters(10.0, 10) == [LETTER]
    assert await store.seen_pulls("forge") == {1: "s"}
    await store.letter_sent(LETTER)
    assert await store.due_letters(10.0, 10) == []


async def test_the_newest_of_a_subject_takes_the_place_of_the_others(store: Store) -> None:
    newer = replace(LETTER, body={"text": "two"}, made_at=11.0)
    await write(store, LETTER)
    await write(store, newer)
    await store.letter_sent(LETTER)

    assert await store.due_letters(20.0, 10) == [newer]


async def test_a_letter_that_failed_comes_later_and_a_dead_one_never(store: Store) -> None:
    dead = replace(LETTER, subject="forge/comment/2")
    await write(store, LETTER, dead)
    await store.letter_failed(failure(LETTER))
    await store.letter_failed(failure(dead, is_dead=True))

    assert await store.due_letters(19.0, 10) == []
    assert await store.due_letters(20.0, 10) == [replace(LETTER, tries=1)]
    out = await store.outgoing()
    assert (out.waiting, out.dead) == (1, (("forge/comment/2", "away"),))


async def test_a_dead_subject_lives_again_with_new_content(store: Store) -> None:
    await write(store, LETTER)
    await store.letter_failed(failure(LETTER, is_dead=True))
    await write(store, LETTER)

    assert await store.due_letters(10.0, 10) == [LETTER]


async def test_pull_requests_that_are_closed_are_forgotten(store: Store) -> None:
    await write(store, number=1)
    await write(store, number=2)
    await store.forget_pulls("forge", (2,))

    assert await store.seen_pulls("forge") == {2: "s"}
