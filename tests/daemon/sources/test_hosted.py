"""Hosted repositories: made once, with hooks that git runs and that are put back."""

import json
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.sources.hosted import Hosted, is_name
from chainwright.daemon.sources.source import Kind, Source

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here


@pytest.fixture
def hosted(tmp_path: Path) -> Hosted:
    source = Source(name="chains", kind=Kind.HOSTED, path=tmp_path / "repositories" / "chains.git")
    made = Hosted(source=source, socket=tmp_path / "nobody.sock")
    made.make_ready()
    return made


def test_a_push_is_refused_while_no_daemon_answers(hosted: Hosted, work: Work) -> None:
    work.commit(a="1")

    with pytest.raises(Exception, match="returned non-zero") as failed:
        work.git("push", "--quiet", str(hosted.source.path), "HEAD:main")

    assert b"nothing is taken unchecked" in failed.value.stderr  # type: ignore[attr-defined] # CalledProcessError's


def test_made_ready_again_it_keeps_what_it_holds(hosted: Hosted, work: Work) -> None:
    commit = work.commit(a="1")
    (hosted.source.path / "refs/heads/main").write_text(f"{commit}\n")
    hosted.make_ready()

    assert (hosted.source.path / "refs/heads/main").read_text().strip() == commit


def test_hooks_that_were_changed_removed_or_disarmed_are_told_and_put_back(hosted: Hosted) -> None:
    hooks = hosted.source.path / "hooks"
    (hooks / "pre-receive").write_text("#!/bin/sh\nexit 0\n")
    (hooks / "post-receive").unlink()
    (hooks / "receive_hook.py").chmod(0o644)

    told = "\n".join(hosted.faults())

    assert all(word in told for word in ("pre-receive was changed", "post-receive is missing", "is not executable"))
    hosted.make_ready()
    assert hosted.faults() == []


def test_the_hooks_are_told_what_they_need(hosted: Hosted) -> None:
    told = json.loads((hosted.source.path / "chainwright.json").read_text())

    assert (told["repository"], told["away"]) == ("chains", "refuse")
    assert told["environments"] == [{"name": "main", "branch": None, "folder": "workflows"}]


@pytest.mark.parametrize("name", ["", "-x", ".git", "a/b", "..", "a..b", "x.lock", "x.git", "a b", "x" * 49])
def test_what_git_or_a_shell_could_misread_names_no_repository(name: str) -> None:
    assert not is_name(name)
