"""Agents of other repositories come out of real ones, once."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.definition.remotes import NotFetched, Remote
from chainwright.daemon.sources.remotes import Remotes

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


@pytest.fixture
def remotes(tmp_path: Path) -> Iterator[Remotes]:
    found = Remotes(tmp_path / "cache")
    yield found
    found.close()


@pytest.fixture
def commit(work: Work) -> str:
    work.write("review.json", '{"run": "one"}')
    work.write("agents/write.yaml", "run: two")
    work.link("linked.yaml", "agents/write.yaml")
    return str(work.commit(**{"agents/edit": "run: three"}))


def at(work: Work, path: str, commit: str) -> Remote:
    return Remote(url=f"file://{work.path}", path=path, commit=commit)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("review.json", ("review.json", b'{"run": "one"}')),
        ("review", ("review.json", b'{"run": "one"}')),
        ("agents/write", ("agents/write.yaml", b"run: two")),
        ("agents/edit", ("workflows/agents/edit.yaml", b"run: three")),
    ],
)
def test_an_agent_is_found_with_and_without_its_ending(
    work: Work, commit: str, remotes: Remotes, path: str, found: tuple[str, bytes]
) -> None:
    assert remotes.reader(fetch=True)(at(work, path, commit)) == found


@pytest.mark.parametrize(
    ("path", "said"),
    [("missing", "has no agent missing at"), ("linked", "linked.yaml is a link, which is not followed")],
)
def test_a_file_that_is_none_is_told(work: Work, commit: str, remotes: Remotes, path: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        remotes.reader(fetch=True)(at(work, path, commit))


def test_what_was_fetched_is_read_when_the_repository_is_gone(work: Work, commit: str, remotes: Remotes) -> None:
    remote = at(work, "review", commit)
    found = remotes.reader(fetch=True)(remote)
    work.path.rename(work.path.with_name("elsewhere"))

    assert remotes.reader(fetch=True)(remote) == remotes.reader(fetch=False)(remote) == found


def test_without_fetching_only_the_cache_is_read(work: Work, commit: str, remotes: Remotes) -> None:
    with pytest.raises(NotFetched, match=f"was not fetched at {commit[:12]}"):
        remotes.reader(fetch=False)(at(work, "review", commit))


def test_a_commit_that_no_branch_leads_to_any_more_is_fetched_by_its_id(
    work: Work, commit: str, remotes: Remotes
) -> None:
    work.git("commit", "--quiet", "--amend", "--message", "another")

    assert remotes.reader(fetch=True)(at(work, "review", commit))[0] == "review.json"


def test_a_server_that_gives_no_commit_by_its_id_is_asked_for_all(
    work: Work, commit: str, remotes: Remotes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first protocol, in which servers refuse what no branch points at."""
    work.commit(newer="1")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    monkeypatch.setattr("chainwright.daemon.sources.remotes._SETTINGS", {"protocol.version": "0"})

    assert remotes.reader(fetch=True)(at(work, "review", commit))[0] == "review.json"


@pytest.mark.parametrize("commit_id", ["0" * 40, "blob"])
def test_an_id_that_is_no_commit_there_is_refused(work: Work, commit: str, remotes: Remotes, commit_id: str) -> None:
    wanted = work.git("rev-parse", f"{commit}:review.json") if commit_id == "blob" else commit_id

    with pytest.raises(Unusable, match=f"has no commit {wanted}|could not be fetched"):
        remotes.reader(fetch=True)(at(work, "review", wanted))


def test_a_repository_that_is_not_there_is_told_with_what_to_do(tmp_path: Path, remotes: Remotes) -> None:
    with pytest.raises(
        Unusable, match=r"could not be fetched: fatal: .*does not appear to be a git repository"
    ) as told:
        remotes.reader(fetch=True)(Remote(url=f"file://{tmp_path}/none", path="x", commit="0" * 40))

    assert told.value.hint == "can this user read it? once it can: chainwright deployments --reconcile"


@pytest.fixture
def silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server that says nothing: ssh is a program that writes its id down and waits."""
    note = tmp_path / "ssh.pid"
    program = tmp_path / "ssh"
    program.write_text(f"#!/bin/sh\necho $$ > {note}.new; mv {note}.new {note}\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(program))
    return note


SILENT = Remote(url="ssh://git.example.org/a", path="x", commit="0" * 40)


def test_a_server_that_does_not_answer_is_given_up_and_nothing_is_left(tmp_path: Path, silent: Path) -> None:
    remotes = Remotes(tmp_path / "cache", timeout_s=1.0)

    with pytest.raises(Unusable, match="did not give 000000000000 within 1 s"):
        remotes.reader(fetch=True)(SILENT)

    assert not is_alive(int(silent.read_text()))
    assert list((tmp_path / "cache").glob("*/*")) == []


def test_closing_ends_what_is_under_way(tmp_path: Path, silent: Path, soon: Callable[..., None]) -> None:
    remotes = Remotes(tmp_path / "cache")
    told: list[Exception] = []

    def ask() -> None:
        try:
            remotes.reader(fetch=True)(SILENT)
        except Unusable as unusable:
            told.append(unusable)

    thread = Thread(target=ask)
    thread.start()
    soon(silent.exists)
    remotes.close()
    thread.join(10)

    assert len(told) == 1
    assert not is_alive(int(silent.read_text()))


def test_what_a_killed_fetch_left_is_cleared_once_nobody_can_be_at_it(tmp_path: Path) -> None:
    old, young = tmp_path / "a/.old-1", tmp_path / "a/.young-1"
    for aside in (old, young):
        (aside / "objects").mkdir(parents=True)
    os.utime(old, (0, 0))

    Remotes(tmp_path).clear()

    assert (old.exists(), young.exists()) == (False, True)


def is_alive(pid: int) -> bool:
    """One that has ended and that nobody has asked about yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def soon() -> Callable[[Callable[[], bool]], None]:
    """Returns once something is so."""

    def wait(claim: Callable[[], bool]) -> None:
        due = time.monotonic() + 10
        while not claim():
            assert time.monotonic() < due
            time.sleep(0.01)

    return wait
