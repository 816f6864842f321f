"""What goes on a host is what nobody has used for long, the rest of old runs, and nothing that is in use."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners.host_garbage import clear

NOW = 1_000_000.0
BOUNDS = {"unused_s": 100.0, "ended_s": 1_000.0, "kept_runs": 10}
RUNNING = "s/gone-b-1-1"
"""Nobody knows of its run, and it has not ended: it is for the daemon to end it."""
TREE, OLD_TREE, USED_TREE = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """That of a daemon; the tools are beside it."""
    home = tmp_path / "daemon"
    subprocess.run(["git", "init", "--quiet", "--bare", str(home / "cache/repository.git")], check=True, timeout=20)
    ages = {
        f"cache/trees/{TREE}": 50,
        f"cache/trees/{OLD_TREE}": 150,
        f"cache/trees/{USED_TREE}": 150,
        f"cache/mirrors/{OLD_TREE}.git": 160,
        f"cache/mirrors/{USED_TREE}.git": 160,
        f"cache/artifacts/{'d' * 64}": 170,
        f"cache/artifacts/{'e' * 64}": 10,
        f"cache/repository.git/refs/commits/{OLD_TREE}": 180,
        "runs/new": 900,
        "runs/old": 1_100,
        "runs/open": 1_200,
        "s/old-a-1-1": 1_050,
        "s/gone-a-1-1": 1_300,
        "s/gone-b-1-1": 1_300,
        "s/open-a-1-1": 1_300,
        "../bin/in-use": 900,
        "../bin/older": 1_400,
    }
    for name, age in ages.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if "artifacts" in name or "commits" in name:
            path.write_bytes(b"x" * 5_000)
        else:
            path.mkdir()
            (path / "f").write_bytes(b"x" * 5_000)
            for record in ("exit.json", "ack") if name.startswith("s/") and name != RUNNING else ():
                (path / record).touch()
        os.utime(path, (NOW - age, NOW - age))
    return home


def ask(home: Path, *, dry: bool, **bounds: Any) -> Any:
    used = {"commits": [USED_TREE], "runs": ["open"]}
    return clear(str(home), now=NOW, used=used, bounds=BOUNDS | bounds, dry=dry)


def there(home: Path) -> set[str]:
    found = [
        *(home / "cache").glob("[tma]*/*"),
        *(home / "cache").glob("repository.git/refs/commits/*"),
        *(home / "runs").iterdir(),
        *(home / "s").iterdir(),
        *home.with_name("bin").iterdir(),
    ]
    return {path.name for path in found}


def test_it_tells_what_would_go_and_nothing_goes(home: Path) -> None:
    before = there(home)
    told = ask(home, dry=True)

    assert [(one["kind"], one["age_s"]) for one in told["surplus"]] == [
        ("tools", 1_400.0),
        ("session", 1_300.0),
        ("run", 1_100.0),
        ("session", 1_050.0),
        ("history", 180.0),
        ("artifact", 170.0),
        ("mirror", 160.0),
        ("tree", 150.0),
    ]
    assert (told["count"], {one["bytes"] for one in told["surplus"]}) == (8, {8_192})
    assert there(home) == before


def test_what_it_told_goes_and_what_is_in_use_stays(home: Path) -> None:
    told = ask(home, dry=True)
    assert ask(home, dry=False) == told
    sessions = {RUNNING.partition("/")[2], "open-a-1-1"}
    assert there(home) == {TREE, USED_TREE, f"{USED_TREE}.git", "e" * 64, "new", "open", "in-use", *sessions}
    assert ask(home, dry=False) == {"surplus": [], "count": 0}


def test_of_the_runs_that_have_ended_so_many_stay(home: Path) -> None:
    assert [one["name"] for one in ask(home, dry=True, kept_runs=0)["surplus"] if one["kind"] == "run"] == [
        "old",
        "new",
    ]


def test_what_was_left_half_made_goes_too(home: Path) -> None:
    (home / "cache/trees/.half.x").mkdir()
    ask(home, dry=False)

    assert not (home / "cache/trees/.half.x").exists()


def test_a_folder_that_is_not_there_has_no_garbage(tmp_path: Path) -> None:
    assert ask(tmp_path, dry=False) == {"surplus": [], "count": 0}
