"""The outbox: who cannot take a letter now is left alone, who never will has a dead one, and nobody waits for another."""

from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.core.letters import GIVEN_UP_AFTER_S, Letter
from chainwright.daemon.outbox import Later, Never, Outbox
from chainwright.daemon.store.port import PlannedPull
from chainwright.daemon.store.sqlite import SqliteStore
from chainwright.daemon.testing import FakeClock


@pytest.fixture
async def store(tmp_path: Path) -> Any:
    opened = SqliteStore(tmp_path / "s.db")
    await opened.open()
    yield opened
    await opened.close()


class Receiver:
    """Takes letters, or fails as it is told."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.asked = 0
        self.fault: Exception | None = None

    async def take(self, letter: Letter) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        self.got.append(letter.subject)


@pytest.fixture
async def posted(store: SqliteStore) -> tuple[Outbox, FakeClock, dict[str, Receiver]]:
    """Two letters for a, one for b."""
    clock = FakeClock()
    outbox, receivers = Outbox(store, clock, lambda: 0.0), {"a": Receiver(), "b": Receiver()}
    outbox.receivers = {name: one.take for name, one in receivers.items()}
    letters = [Letter(receiver=to[0], subject=to, body={}, made_at=clock()) for to in ("a/1", "a/2", "b/1")]
    await store.plan_pull(PlannedPull(forge="a", number=1, seen="", letters=letters))
    return outbox, clock, receivers


async def test_letters_arrive_once(posted: Any) -> None:
    outbox, _, receivers = posted
    await outbox.send_due()
    await outbox.send_due()

    assert (receivers["a"].got, receivers["b"].got) == (["a/1", "a/2"], ["b/1"])


async def test_a_receiver_that_asks_for_patience_gets_it_and_others_do_not_wait(posted: Any) -> None:
    outbox, clock, receivers = posted
    receivers["a"].fault = Later("too many", 60.0)
    await outbox.send_due()
    receivers["a"].fault = None
    clock.advance(59.0)
    await outbox.send_due()
    early = list(receivers["a"].got)
    clock.advance(2.0)
    await outbox.send_due()

    assert (early, receivers["a"].asked) == ([], 3)
    assert (receivers["a"].got, receivers["b"].got) == (["a/2", "a/1"], ["b/1"])


async def test_what_is_never_taken_is_dead_and_holds_nothing_up(posted: Any, store: SqliteStore) -> None:
    outbox, _, receivers = posted
    receivers["a"].fault = Never("422")
    await outbox.send_due()

    assert [subject for subject, _ in (await store.outgoing()).dead] == ["a/1", "a/2"]
    assert receivers["b"].got == ["b/1"]


async def test_after_three_days_a_letter_is_given_up(posted: Any, store: SqliteStore) -> None:
    outbox, clock, receivers = posted
    receivers["a"].fault = Later("away")
    clock.advance(GIVEN_UP_AFTER_S + 1)
    await outbox.send_due()

    assert len((await store.outgoing()).dead) == 2
