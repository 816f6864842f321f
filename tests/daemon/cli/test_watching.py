"""Watching across the death and return of the daemon."""

from typing import Any

import pytest

from chainwright.daemon.cli import watching
from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.failures import Refused, Unreachable
from chainwright.daemon.cli.watching import Watch
from chainwright.daemon.web.port import Change


@pytest.fixture
def second(home: Any, daemon: Any, make: Any) -> Any:
    """A daemon at the same home that can be started once the first has stopped."""
    other = type(daemon)(home)
    other.use_cases.details["run-aaa111"] = make.detail(state="finished", outcome="succeeded", ended_at=101.0)
    other.use_cases.journaled = [Change(run_id="run-aaa111", seq=9, at=1.0, kind="RunFinished", agent=None, data={})]
    yield other
    other.stop()


def test_a_watcher_goes_on_with_the_next_daemon(home: Any, daemon: Any, second: Any) -> None:
    outcomes, away = [], []
    with Watch(Client(home.socket), "run-aaa111") as watch:
        for detail in watch.pictures(20.0):
            outcomes.append(detail["outcome"])
            away.append(watch.away_since is not None)
            if len(outcomes) == 1:
                daemon.stop()
            elif away[-1] and True not in away[:-1]:
                second.start()

    assert (outcomes[0], outcomes[-1]) == (None, "succeeded")
    assert True in away
    assert not away[-1]


def test_a_daemon_that_stays_away_is_told(home: Any, daemon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "AWAY_LIMIT_S", 0.05)
    with Watch(Client(home.socket), "run-aaa111") as watch, pytest.raises(Unreachable):
        for _ in watch.pictures(20.0):
            daemon.stop()


def test_an_unknown_run_is_refused_at_once(home: Any, daemon: Any) -> None:
    with Watch(Client(home.socket), "zzz") as watch, pytest.raises(Refused):
        next(watch.pictures(None))


def test_a_burst_of_changes_costs_few_looks(home: Any, daemon: Any, make: Any) -> None:
    burst = [
        Change(run_id="run-aaa111", seq=seq, at=1.0, kind="EventRouted", agent=None, data={}) for seq in range(1, 2001)
    ]
    daemon.use_cases.journaled = burst
    daemon.use_cases.details["run-aaa111"] = make.detail(state="finished", outcome="succeeded")

    with Watch(Client(home.socket), "run-aaa111") as watch:
        pictures = list(watch.pictures(20.0))

    assert len(pictures) == 1
