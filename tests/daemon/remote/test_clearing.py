"""Garbage is told before it goes, and nothing in use goes."""

from pathlib import Path

from tests.direct_porter import DirectPorter
from tests.repositories import WorkingRepository

from chainwright.daemon.remote import clearing as module
from chainwright.daemon.remote.clearing import Bounds, Clearing, Surplus
from chainwright.daemon.remote.home import RemoteHome
from chainwright.daemon.remote.workplaces import RemoteWorkplaces

FAR = 4e9
BOUNDS = Bounds(unused_s=10.0, ended_s=10.0)


def is_there(folder: str) -> bool:
    return Path(folder).exists()


async def test_what_is_in_use_stays_and_the_rest_goes_when_it_is_not_dry(
    places: RemoteWorkplaces, home: RemoteHome, work: WorkingRepository
) -> None:
    old, used = work.commit(a="1"), work.commit(a="2")
    for run, commit in (("r1", old), ("r2", used)):
        made = await places.prepare(run, "repo", commit)
    clearing = Clearing(home, lambda: FAR, BOUNDS)
    told = await clearing.clear(commits=[used], runs=["r2"], dry=True)
    before = is_there(made.folder.replace("r2", "r1"))
    went = await clearing.clear(commits=[used], runs=["r2"], dry=False)

    assert {(one.kind, one.name) for one in told} == {
        ("tree", old),
        ("mirror", f"{old}.git"),
        ("history", old),
        ("run", "r1"),
    }
    assert (before, [one.name for one in went]) == (True, [one.name for one in told])
    assert (is_there(made.folder), is_there(made.folder.replace("r2", "r1"))) == (True, False)
    assert all(isinstance(one, Surplus) and one.age_s > 10 for one in told)


async def test_with_more_in_use_than_can_be_told_nothing_goes(home: RemoteHome, porter: DirectPorter) -> None:
    runs = [f"r{n}" for n in range(module.MESSAGE_NAMES + 1)]

    assert await Clearing(home, lambda: FAR, BOUNDS).clear(commits=[], runs=runs, dry=False) == []
    assert porter.asked == []
