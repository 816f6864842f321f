"""``schedules``: what is due, what became of it, and people's hold on it."""

import time
from typing import Any

import pytest

LISTED = [
    "brief",
    "5eed5eed",
    "0 7 * * 1",
    "At 07:00 on Monday",
    "Europe/Riga",
    "2026-11-23T05:00:00Z",
    "2026-11-16T05:00:00Z",
    "missed: paused by ann",
    "by ann since 2026-11-16T03:33:20Z",
]


@pytest.fixture(autouse=True)
def _listed(scripted: Any, schedule: dict[str, Any]) -> None:
    scripted.listed |= {"schedules": [schedule], "fires": [schedule["last"]]}


def test_a_schedule_is_told_with_its_next_time_and_the_fate_of_its_last(run: Any) -> None:
    done = run("schedules")

    assert done.out.splitlines()[0].split("\t") == LISTED


def test_nothing_scheduled_is_told(run: Any, scripted: Any) -> None:
    scripted.listed["schedules"] = []

    assert run("schedules").code == 0


def test_what_became_of_due_times_is_listed(run: Any, scripted: Any) -> None:
    done = run("schedules", "past", "brief", "-n", "3")

    assert done.out == "brief\t5eed5eed\t2026-11-16T05:00:00Z\t\tmissed: paused by ann\n"
    assert scripted.asked == [("schedules", "brief"), ("schedule_fires", "5eed" * 8, 3, None)]


@pytest.mark.parametrize(
    ("end", "until"), [("2026-11-23T05:00:00Z", 1_795_410_000.0), ("2026-11-23T07:00:00+02:00", 1_795_410_000.0)]
)
def test_a_pause_may_have_an_end(run: Any, scripted: Any, end: str, until: float) -> None:
    done = run("schedules", "pause", "team/brief", "--until", end)

    assert (done.code, scripted.asked) == (0, [("pause_schedules", "team/brief", until)])


def test_a_pause_may_last_a_while(run: Any, scripted: Any) -> None:
    before = time.time()
    run("schedules", "pause", "brief", "--until", "2h")

    ((_, _, until),) = scripted.asked
    assert before + 7_200 <= until <= time.time() + 7_200


@pytest.mark.parametrize("end", ["2026-11-23T05:00:00", "tomorrow"])
def test_an_end_that_does_not_say_when_is_a_usage_error(run: Any, scripted: Any, end: str) -> None:
    assert run("schedules", "pause", "brief", "--until", end).code == 2
    assert scripted.asked == []


def test_a_pause_is_for_good_until_it_is_resumed(run: Any, scripted: Any) -> None:
    run("schedules", "pause", "brief")
    run("schedules", "resume", "brief", "--json")

    assert scripted.asked == [("pause_schedules", "brief", None), ("resume_schedules", "brief")]


def test_a_schedule_is_run_now(run: Any, scripted: Any) -> None:
    done = run("schedules", "run", "brief", "--schedule", "5eed")

    assert (done.out, done.err) == ("run-aaa111\n", "hello #1 begins\n")
    assert scripted.asked == [("run_schedule", "brief", "5eed")]
