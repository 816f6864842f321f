"""Where agents work is prepared in the same way on every host."""

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Place = Any  # of conftest.py, which cannot be imported from here
ContentOf = Callable[[str], dict[str, str]]


def subjects(git_dir: str) -> list[str]:
    command = ["git", f"--git-dir={git_dir}", "log", "--format=%s"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout.splitlines()


async def test_a_workspace_is_the_tree_of_the_commit_and_has_no_git(place: Place, content_of: ContentOf) -> None:
    place.work.write("scripts/run.sh", "#!/bin/sh\n", mode=0o755)
    place.work.write("empty", "")
    place.work.write("süß/☃", "snow")
    place.work.link("scripts/link", "../empty")
    commit = place.work.commit(a="1")
    place.work.commit(a="2")
    made = await place.workspaces.prepare("r1", "repo", commit)

    assert content_of(made.folder) == {
        "empty": "",
        "scripts/link": "→ ../empty",
        "scripts/run.sh": "+x #!/bin/sh\n",
        "süß/☃": "snow",
        "workflows/a.yaml": "1",
    }
    assert made.folder == f"{place.home}/runs/r1/workspace"


async def test_it_is_shared_by_the_run_and_never_touched_again(place: Place, content_of: ContentOf) -> None:
    commit = place.work.commit(a="1")
    made = await place.workspaces.prepare("r1", "repo", commit)
    (Path(made.folder) / "workflows/a.yaml").write_text("mine")
    again = await place.workspaces.prepare("r1", "repo", commit)
    other = await place.workspaces.prepare("r2", "repo", commit)

    assert (again, content_of(again.folder)) == (made, {"workflows/a.yaml": "mine"})
    assert content_of(other.folder) == {"workflows/a.yaml": "1"}


async def test_an_attempt_has_one_to_itself(place: Place, content_of: ContentOf) -> None:
    commit = place.work.commit(a="1")
    shared = await place.workspaces.prepare("r1", "repo", commit)
    first = await place.workspaces.prepare_own("r1", "r1-a-1-1", "repo", commit)
    (Path(first.folder) / "workflows/a.yaml").write_text("mine")
    second = await place.workspaces.prepare_own("r1", "r1-a-1-2", "repo", commit)

    assert len({shared.folder, first.folder, second.folder}) == 3
    assert content_of(second.folder) == {"workflows/a.yaml": "1"}


async def test_many_at_once_share_the_work(place: Place, content_of: ContentOf) -> None:
    place.work.write("large", "x" * 300_000)
    commit = place.work.commit(a="1")
    made = await asyncio.gather(*(place.workspaces.prepare(f"r{n % 3}", "repo", commit) for n in range(10)))

    assert {one.folder for one in made} == {f"{place.home}/runs/r{n}/workspace" for n in range(3)}
    assert {len(content_of(one.folder)["large"]) for one in made} == {300_000}


async def test_the_mirror_shows_the_history_and_takes_no_push(place: Place) -> None:
    place.work.commit(a="1")
    commit = place.work.commit(a="2")
    place.work.commit(a="3")
    made = await place.workspaces.prepare("r1", "repo", commit)

    assert len(subjects(made.repository)) == 2
    with pytest.raises(subprocess.CalledProcessError) as refused:
        place.work.git("push", made.repository, "HEAD:refs/heads/mine")
    assert b"for reading" in refused.value.stderr


async def test_a_commit_that_nobody_has_is_told(place: Place) -> None:
    place.work.commit(a="1")
    with pytest.raises(OSError, match="no workspace at 111111111111 of repo: "):
        await place.workspaces.prepare("r1", "repo", "1" * 40)


async def test_a_tree_that_leaves_its_folder_is_refused(place: Place, content_of: ContentOf) -> None:
    place.work.link("out", "../../etc/passwd")
    commit = place.work.commit(a="1")
    with pytest.raises(OSError, match=r"no workspace at .*out is a link that leaves the tree"):
        await place.workspaces.prepare("r1", "repo", commit)

    assert content_of(f"{place.home}/runs/r1/workspace") == {}


async def test_a_worktree_is_on_a_branch_of_its_turn_and_reset_when_it_is_wanted_anew(place: Place) -> None:
    commit = place.work.commit(a="1")
    place.work.commit(a="2")
    made = await place.workspaces.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=True)
    folder = Path(made.folder)
    (folder / "workflows/a.yaml").write_text("mine")
    kept = await place.workspaces.prepare_worktree("r1", "r1-a-1-1", "repo", commit, anew=False)
    content = (folder / "workflows/a.yaml").read_text()
    reset = await place.workspaces.prepare_worktree("r1", "r1-a-1-2", "repo", commit, anew=True)

    assert (made, content) == (kept, "mine")
    assert reset.folder == made.folder
    assert (folder / "workflows/a.yaml").read_text() == "1"
    assert place.work.git("branch", "--show-current", at=folder) == "chainwright/r1-a-1"
    assert place.work.git("rev-parse", "HEAD", at=folder) == commit


async def test_what_was_committed_in_a_worktree_is_there_for_people_to_fetch(place: Place) -> None:
    commit = place.work.commit(a="1")
    for agent in ("a", "b"):
        made = await place.workspaces.prepare_worktree("r1", f"r1-{agent}-1-1", "repo", commit, anew=True)
        (Path(made.folder) / "mine").write_text(agent)
        place.work.git("add", "--all", at=Path(made.folder))
        place.work.git("commit", "--quiet", "-m", f"of {agent}", at=Path(made.folder))
    await place.workspaces.release("r1", commit)
    place.work.git("fetch", "--quiet", str(place.branches), "refs/heads/chainwright/*:refs/heads/of/*")

    assert place.work.git("show", "of/r1-a-1:mine") == "a"
    assert place.work.git("log", "--format=%s", "of/r1-b-1").splitlines() == ["of b", "a change"]


async def test_after_the_run_what_was_changed_stays(place: Place, content_of: ContentOf) -> None:
    commit = place.work.commit(a="1")
    made = await place.workspaces.prepare("r1", "repo", commit)
    (Path(made.folder) / "result").write_text("x")
    await place.workspaces.release("r1", commit)

    assert content_of(made.folder)["result"] == "x"


async def test_event_files_are_visible_below_the_run(place: Place) -> None:
    done = place.home / "s/r1-a-1-1/events/done"
    done.mkdir(parents=True)
    (done / "e").write_text("{}")
    await place.workspaces.link_events("r1", "r1-a-1-1")
    await place.workspaces.link_events("r1", "r1-a-1-1")

    assert (place.home / "runs/r1/events/r1-a-1-1/e").read_text() == "{}"
