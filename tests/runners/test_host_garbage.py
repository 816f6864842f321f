"""What goes on a host is what nobody has used for long, the rest of old runs, and nothing that is in use."""

import os
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners.host_garbage import clear

NOW = 1_000_000.0
BOUNDS = {"unused_s": 100.0, "ended_s": 1_000.0, "kept_runs": 10}
TREE, OLD_TREE, USED_TREE = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture
def home(tmp_path: Path) -> Path:
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
    }
    for name, age in ages.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if "artifacts" in name or "commits" in name:
            path.write_bytes(b"x" * 5_000)
        else:
            path.mkdir()
            (path / "f").write_bytes(b"x" * 5_000)
        os.utime(path, (NOW - age, NOW - age))
    return tmp_path


def ask(home: Path, *, dry: bool, **bounds: Any) -> Any:
    used = {"commits": [USED_TREE], "runs": ["open"]}
    return clear(str(home), now=NOW, used=used, bounds=BOUNDS | bounds, dry=dry)


def there(home: Path) -> set[str]:
    found = [
        *(home / "cache").glob("[tma]*/*"),
        *(home / "cache").glob("repository.git/refs/commits/*"),
        *(home / "runs").iterdir(),
    ]
    return {path.name for path in found}


def test_it_tells_what_would_go_and_nothing_goes(home: Path) -> None:
    before = there(home)
    told = ask(home, dry=True)

    assert [(one["kind"], one["age_s"]) for one in told["surplus"]] == [
        ("run", 1_100.0),
        ("history", 180.0),
        ("artifact", 170.0),
        ("mirror", 160.0),
        ("tree", 150.0),
    ]
    assert (told["count"], {one["bytes"] for one in told["surplus"]}) == (5, {8_192})
    assert there(home) == before


def test_what_it_told_goes_and_what_is_in_use_stays(home: Path) -> None:
    told = ask(home, dry=True)
    assert ask(home, dry=False) == told
    assert there(home) == {TREE, USED_TREE, f"{USED_TREE}.git", "e" * 64, "new", "open"}
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
