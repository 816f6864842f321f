"""Timers hold to the wall clock, wherever it jumps."""

import asyncio

import pytest

from chainwright.daemon.engine import timers as module
from chainwright.daemon.engine.timers import Timers
from chainwright.daemon.testing import FakeClock
from chainwright.daemon.testing.scripted_runner import within


class Bell:
    """Timers on a clock that the test holds; what rang."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.rang: list[str] = []
        self.timers = Timers(self.clock, self._ring)
        self.heard = asyncio.Event()

    def _ring(self, name: str) -> None:
        self.rang.append(name)
        self.heard.set()

    async def looks(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        """Return when the clock has been looked at so often."""
        seen = 0
        enough = asyncio.Event()
        clock = type(self.clock).__call__

        def counted(clock_: FakeClock) -> float:
            nonlocal seen
            seen += 1
            if seen >= times:
                enough.set()
            return clock(clock_)

        monkeypatch.setattr(FakeClock, "__call__", counted)
        await within(enough.wait(), "the timers to look at the clock")


@pytest.fixture
def bell(monkeypatch):
    """Timers that look at the clock every millisecond."""
    monkeypatch.setattr(module, "LONGEST_NAP_S", 0.001)
    return Bell()


async def test_a_due_timer_rings_at_once(bell):
    bell.timers.set("a", bell.clock.now - 5)
    await within(bell.heard.wait(), "the timer")

    assert bell.rang == ["a"]


async def test_a_clock_that_is_set_forward_rings_what_it_has_passed(bell):
    bell.timers.set("a", bell.clock.now + 3600)
    bell.clock.advance(4000)
    await within(bell.heard.wait(), "the timer")

    assert bell.rang == ["a"]


async def test_a_clock_that_is_set_back_rings_nothing_too_early(bell, monkeypatch):
    bell.timers.set("a", bell.clock.now + 0.01)
    bell.clock.advance(-3600)
    await bell.looks(monkeypatch, 5)

    assert bell.rang == []
    bell.clock.advance(3601)
    await within(bell.heard.wait(), "the timer")


async def test_a_timer_that_is_set_again_rings_once_at_its_new_time(bell):
    bell.timers.set("a", bell.clock.now + 3600)
    bell.timers.set("a", bell.clock.now)
    await within(bell.heard.wait(), "the timer")
    bell.clock.advance(7200)
    bell.heard.clear()
    bell.timers.set("b", bell.clock.now)
    await within(bell.heard.wait(), "the other timer")

    assert bell.rang == ["a", "b"]


async def test_what_is_cleared_does_not_ring(bell, monkeypatch):
    for name in ("a", "b", "c"):
        bell.timers.set(name, bell.clock.now + 3600)
    bell.timers.clear("a")
    bell.timers.clear("unknown")
    bell.clock.advance(7200)
    await within(bell.heard.wait(), "the others")
    bell.timers.clear_all()

    assert "a" not in bell.rang
