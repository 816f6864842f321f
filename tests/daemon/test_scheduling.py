"""What becomes of a due time: a run, or a row that says why not."""

from dataclasses import replace
from typing import Any

import pytest

from chainwright.daemon import scheduling
from chainwright.daemon.core.due import Fire, Miss
from chainwright.daemon.core.graph import Schedule
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.scheduling import Scheduling
from chainwright.daemon.store.port import StoreFull
from chainwright.daemon.triggers.cron import NotRecorded

HOURLY = Schedule(id="s1", cron="0 * * * *", inputs={"topic": "tea"})
DUE = 3_600.0


class Timer:
    """Stands in for the cron trigger: the test says when it is time."""

    def __init__(self, *, fire: Any, missed: Any, paused: Any, clock: Any) -> None:
        self.fire, self.missed = fire, missed
        self.followed: tuple[Any, Any, float] | None = None

    def set_schedules(self, schedules: Any, since: Any, *, away_until: float) -> None:
        self.followed = schedules, since, away_until

    def start(self) -> None:
        """Nobody waits."""

    async def look(self) -> None:
        """Nothing is due."""


class Runs:
    """The engine and the store, as far as schedules ask them."""

    def __init__(self) -> None:
        self.started: list[tuple[str, dict[str, Any], Any, Any, str]] = []
        self.missed: list[tuple[str, float, str]] = []
        self.open: str | None = None
        self.refusal: Refusal | None = None
        self.full = False
        self.last: dict[str, float] = {}

    def open_run_of(self, schedule: str) -> str | None:
        return self.open

    async def start_run(
        self, actor: Any, chain: str, inputs: dict[str, Any], *, once: Any, trigger: Any, overlap: str
    ) -> str:
        if self.refusal:
            raise self.refusal
        self.started.append((chain, inputs, once, trigger, overlap))
        return "run-1"

    async def record_missed(self, schedule: str, reasons: dict[float, str]) -> int:
        if self.full:
            raise StoreFull("no space left")
        self.missed += [(schedule, due, reason) for due, reason in reasons.items()]
        return len(reasons)

    async def pauses(self) -> dict[str, Any]:
        return {}

    async def last_fire(self, schedule: str) -> float | None:
        return self.last.get(schedule)


@pytest.fixture
def runs() -> Runs:
    return Runs()


@pytest.fixture
def timer(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Timer:
    """The trigger of a Scheduling over ``runs``."""
    monkeypatch.setattr(scheduling, "CronTrigger", Timer)
    made: Any = Scheduling(runs, runs, lambda: DUE)  # type: ignore[arg-type] # stand-ins
    found: Timer = made._cron
    return found


async def test_a_due_time_starts_one_run_with_the_schedules_inputs(runs: Runs, timer: Timer) -> None:
    await timer.fire("brief", HOURLY, Fire(due=DUE))

    ((chain, inputs, once, trigger, overlap),) = runs.started
    assert (chain, inputs) == ("brief", {"topic": "tea"})
    assert once.fire == ("s1", DUE)
    assert (trigger.kind, overlap) == ("schedule", "allow")


async def test_what_overlaps_a_run_of_the_same_schedule_is_missed(runs: Runs, timer: Timer) -> None:
    runs.open = "run-0"

    await timer.fire("brief", HOURLY, Fire(due=DUE))

    assert runs.started == []
    assert runs.missed == [("s1", DUE, "overlap: run run-0 has not ended")]


@pytest.mark.parametrize(
    ("policy", "made_up", "given"),
    [
        ({"overlap": "queue"}, False, "queue"),
        ({"overlap": "cancel"}, False, "cancel"),
        ({"overlap": "allow", "missed": "all"}, True, "allow"),
        ({"overlap": "skip", "missed": "all"}, True, "queue"),  # each is to have its run
        ({"overlap": "cancel", "missed": "all"}, True, "queue"),
        ({"overlap": "cancel", "missed": "once"}, True, "cancel"),
        ({"overlap": "skip", "missed": "once"}, True, None),
        ({"overlap": "skip", "missed": "all"}, False, None),
    ],
)
async def test_39_overlap_says_what_happens_while_an_earlier_run_goes_on(
    runs: Runs, timer: Timer, policy: dict[str, Any], made_up: bool, given: str | None
) -> None:
    runs.open = "run-0"
    schedule = replace(HOURLY, **policy)

    await timer.fire("brief", schedule, Fire(due=DUE, made_up=made_up))

    assert [how for *_, how in runs.started] == ([given] if given else [])
    assert len(runs.missed) == (given is None)


async def test_what_cannot_be_written_now_is_tried_again(runs: Runs, timer: Timer) -> None:
    """A full disk or a daemon that goes down is no fate of a due time."""
    runs.refusal = Refusal(Code.UNAVAILABLE, "the disk is full")
    runs.full = True

    with pytest.raises(NotRecorded, match="the disk is full"):
        await timer.fire("brief", HOURLY, Fire(due=DUE))
    with pytest.raises(NotRecorded, match="no space left"):
        await timer.missed("brief", HOURLY, [Miss(due=DUE, reason="x")])

    assert runs.missed == []


async def test_a_run_that_is_refused_is_missed_with_the_reason(runs: Runs, timer: Timer) -> None:
    runs.refusal = Refusal(Code.INVALID_INPUT, "the inputs do not fit", "topic is missing")

    await timer.fire("brief", HOURLY, Fire(due=DUE))

    assert runs.missed == [("s1", DUE, "the inputs do not fit: topic is missing")]


@pytest.mark.parametrize(("last", "since"), [(None, 100.0), (50.0, 100.0), (200.0, 200.0)])
async def test_due_times_count_from_the_deployment_or_the_last_on_record(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, last: float | None, since: float
) -> None:
    monkeypatch.setattr(scheduling, "CronTrigger", Timer)
    made: Any = Scheduling(runs, runs, lambda: DUE)  # type: ignore[arg-type] # stand-ins
    if last is not None:
        runs.last["s1"] = last

    class Chain:
        id = "brief"
        schedules = (HOURLY,)

    await made.follow({"brief": Chain}, in_force_since={"brief": 100.0})

    assert made._cron.followed == ({"brief": (HOURLY,)}, {"s1": since}, DUE)
    made.open()
    await made.follow({"brief": Chain}, in_force_since={"brief": 100.0})
    assert made._cron.followed[2] == 0.0
