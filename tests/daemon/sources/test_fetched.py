"""Fetching into a mirror: what arrives, what fails, and how long to wait then."""

from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.config import BadConfig, load
from chainwright.daemon.sources.fetched import LONGEST_PAUSE_S, Fetched
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.source import Kind, Source

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


@pytest.fixture
def mirror(tmp_path: Path, work: Work) -> Fetched:
    source = Source(name="m", kind=Kind.MIRROR, path=tmp_path / "mirrors" / "m.git", url=f"file://{work.path}")
    made = Fetched(source, jitter=lambda: 1.0)
    made.make_ready()
    return made


async def test_branches_arrive_move_and_go_and_head_is_that_of_elsewhere(work: Work, mirror: Fetched) -> None:
    work.git("switch", "--quiet", "--create", "trunk")
    first = work.commit(a="1")
    work.git("branch", "side")
    await mirror.fetch()
    copy = Repository(mirror.source.path)

    assert (copy.head(), copy.head("side")) == (first, first)
    work.git("branch", "--delete", "--force", "side")
    work.git("commit", "--quiet", "--amend", "--message", "rewritten")
    await mirror.fetch()
    assert copy.head() == work.git("rev-parse", "HEAD")
    assert work.git("branch", "--list", "side", at=mirror.source.path) == ""
    copy.close()


async def test_marks_of_deployments_stay_whatever_is_elsewhere(work: Work, mirror: Fetched) -> None:
    commit = work.commit(a="1")
    await mirror.fetch()
    copy = Repository(mirror.source.path)
    copy.mark_deployed("main", commit)
    await mirror.fetch()

    assert copy.resolve("refs/chains/deployed/main") == commit
    copy.close()


async def test_a_fetch_that_fails_says_why_and_is_tried_ever_later(work: Work, mirror: Fetched) -> None:
    work.commit(a="1")
    away = work.path.rename(work.path.with_name("away"))
    pauses = []
    for _ in range(8):
        await mirror.fetch()
        pauses.append(mirror.pause_s())

    assert "was not fetched" in mirror.problem
    assert pauses[:3] == [120.0, 240.0, 480.0]
    assert pauses[-1] == LONGEST_PAUSE_S
    away.rename(work.path)
    await mirror.fetch()
    assert (mirror.problem, mirror.pause_s()) == ("", 60.0)


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "-oProxyCommand=touch",
        "--upload-pack=touch",
        "ssh://-oProxyCommand=touch/x",
        "git@-host:x",
        "user@host:-x",
        "../elsewhere",
        "https://host/a b",
    ],
)
def test_an_address_that_could_run_something_is_refused_by_the_configuration(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadConfig, match="cannot be mirrored"):
        load({"repositories": {"m": {"url": url}}}, environ={"CHAINWRIGHT_HOME": str(tmp_path)})


@pytest.mark.parametrize(
    "url", ["https://host/x.git", "ssh://git@host:2222/x", "git@host:team/x.git", "file:///srv/x", "git://host/x"]
)
def test_what_forges_give_people_can_be_mirrored(tmp_path: Path, url: str) -> None:
    config = load({"repositories": {"m": {"url": url}}}, environ={"CHAINWRIGHT_HOME": str(tmp_path)})

    assert config.settings.repositories["m"].url == url
