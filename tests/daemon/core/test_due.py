"""What becomes of due times under each policy."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainwright.daemon.core.due import GRACE_S, MOST_MADE_UP, NOT_RUNNING, Fire, Look, Miss, Pause, starts_at, verdicts
from chainwright.daemon.core.graph import Schedule

NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z
TEN_MINUTES = [NOON + 60 * minute for minute in range(1, 11)]
BACK = NOON + 630
"""When the daemon comes back."""


def minutely(**fields: Any) -> Schedule:
    return Schedule(id="minutely", cron="* * * * *", **fields)


def fates(schedule: Schedule, dues: list[float], **look: Any) -> list[tuple[str, str]]:
    """``run``, ``made up`` or ``missed``, and the reason."""
    found = verdicts(schedule, dues, Look(**{"now": BACK, "away_until": BACK} | look))
    assert [verdict.due for verdict in found] == dues
    return [_fate(verdict) for verdict in found]


def _fate(verdict: Fire | Miss) -> tuple[str, str]:
    if isinstance(verdict, Miss):
        return "missed", verdict.reason
    return ("made up" if verdict.made_up else "run"), ""


def test_skip_leaves_all_that_passed_while_the_daemon_was_away() -> None:
    assert fates(minutely(), TEN_MINUTES) == [("missed", NOT_RUNNING)] * 10


def test_once_makes_up_for_all_of_it_with_one_run_of_the_newest() -> None:
    why = f"{NOT_RUNNING}; made up for by that of 2026-01-01T12:10:00Z"

    assert fates(minutely(missed="once"), TEN_MINUTES) == [("missed", why)] * 9 + [("made up", "")]


def test_all_makes_up_for_each() -> None:
    assert fates(minutely(missed="all"), TEN_MINUTES) == [("made up", "")] * 10


def test_all_is_bounded_to_the_newest() -> None:
    many = [NOON - 60 * minute for minute in range(MOST_MADE_UP + 20, 0, -1)]

    found = fates(minutely(missed="all"), many)
    assert [fate for fate, _ in found] == ["missed"] * 20 + ["made up"] * MOST_MADE_UP
    assert found[0][1] == f"{NOT_RUNNING}; made up for by the newest 100, from 2026-01-01T10:20:00Z on"


@pytest.mark.parametrize("missed", ["skip", "once", "all"])
def test_what_is_in_time_runs_whatever_is_said_of_the_rest(missed: str) -> None:
    assert fates(minutely(missed=missed), [BACK + 30], now=BACK + 40) == [("run", "")]


@pytest.mark.parametrize(("late_by", "fate"), [(GRACE_S, "run"), (GRACE_S + 1, "missed")])
def test_what_is_noticed_too_late_has_passed(late_by: float, fate: str) -> None:
    ((found, why),) = fates(minutely(), [NOON], now=NOON + late_by, away_until=0.0)

    assert found == fate
    assert ("61 s late" in why) == (fate == "missed")


def test_a_clock_that_jumps_ahead_is_made_up_for_too() -> None:
    found = fates(minutely(missed="once"), TEN_MINUTES, now=NOON + 600, away_until=0.0)

    assert [fate for fate, _ in found] == ["missed"] * 7 + ["made up", "run", "run"]


@pytest.mark.parametrize("missed", ["skip", "once", "all"])
def test_what_is_paused_starts_nothing_and_is_not_made_up_for(missed: str) -> None:
    pause = Pause(actor="ann", at=NOON, until=NOON + 301)

    found = fates(minutely(missed=missed), TEN_MINUTES, pause=pause)
    assert found[:5] == [("missed", "paused by ann")] * 5
    assert {fate for fate, _ in found[5:]} == {
        "skip": {"missed"},
        "once": {"missed", "made up"},
        "all": {"made up"},
    }[missed]


def test_a_pause_without_an_end_goes_on() -> None:
    pause = Pause(actor="ann", at=NOON)

    assert (pause.covers(NOON - 1), pause.covers(NOON), pause.covers(NOON + 1e9)) == (False, True, True)


def test_jitter_delays_by_a_share_that_is_always_the_same() -> None:
    schedule = minutely(jitter_s=30.0)
    delays = [starts_at(schedule, due) - due for due in TEN_MINUTES]

    assert delays == [starts_at(schedule, due) - due for due in TEN_MINUTES]
    assert all(0 <= delay < 30 for delay in delays)
    assert len(set(delays)) == 10
    assert starts_at(minutely(), NOON) == NOON


def test_a_delayed_start_that_the_daemon_comes_back_for_is_in_time() -> None:
    schedule = minutely(jitter_s=30.0)
    starts = starts_at(schedule, NOON)

    assert fates(schedule, [NOON], now=starts + 1, away_until=starts - 0.01) == [("run", "")]
    assert fates(schedule, [NOON], now=starts + 1, away_until=starts + 0.01) == [("missed", NOT_RUNNING)]


PAUSES = st.one_of(st.none(), st.tuples(st.integers(-200, 0), st.one_of(st.none(), st.integers(-200, 0))))


@given(
    dues=st.lists(st.integers(-200, -2), unique=True, min_size=1).map(sorted),
    missed=st.sampled_from(["skip", "once", "all"]),
    away=st.integers(-200, 0),
    pause=PAUSES,
    jitter_s=st.sampled_from([0.0, 45.0]),
)
def test_policies_differ_only_in_what_has_passed(
    dues: list[int], missed: Any, away: int, pause: Any, jitter_s: float
) -> None:
    """In minutes before noon; each due time has one answer under each policy."""
    moments = [NOON + 60.0 * due for due in dues]
    begin, end = pause or (1, None)
    look = Look(
        now=NOON,
        away_until=NOON + 60.0 * away,
        pause=Pause(actor="ann", at=NOON + 60.0 * begin, until=None if end is None else NOON + 60.0 * end),
    )

    skipped = verdicts(minutely(jitter_s=jitter_s), moments, look)
    decided = verdicts(minutely(jitter_s=jitter_s, missed=missed), moments, look)
    assert [one.due for one in decided] == moments
    for before, after in zip(skipped, decided, strict=True):
        assert isinstance(before, Miss) or after == before
        assert isinstance(after, Miss) or after.made_up == isinstance(before, Miss)
        assert not (isinstance(before, Miss) and "paused" in before.reason) or after == before
    made_up = [one for one in decided if isinstance(one, Fire) and one.made_up]
    assert len(made_up) <= {"skip": 0, "once": 1, "all": MOST_MADE_UP}[missed]
