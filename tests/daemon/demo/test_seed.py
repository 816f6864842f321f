"""The demo's own repository: made once, brought up to date after."""

import subprocess
from pathlib import Path

from chainwright.daemon.demo.seed import ENOUGH_COMMITS, history_worth_reading, seed


def head(folder: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_it_holds_the_shipped_chains_and_a_history_worth_reading(tmp_path: Path) -> None:
    folder = seed(tmp_path / "demo")

    assert (folder / "workflows" / "demo.yaml").is_file()
    assert history_worth_reading(folder) == folder
    count = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert int(count.stdout) >= ENOUGH_COMMITS


def test_a_second_seeding_changes_nothing(tmp_path: Path) -> None:
    first = head(seed(tmp_path / "demo"))

    assert head(seed(tmp_path / "demo")) == first


def test_a_chain_that_was_changed_is_put_back_by_a_new_commit(tmp_path: Path) -> None:
    folder = seed(tmp_path / "demo")
    first = head(folder)
    chain = folder / "workflows" / "demo.yaml"
    shipped = chain.read_text()
    chain.write_text("mine")

    seed(folder)

    assert chain.read_text() == shipped
    assert head(folder) == first


def test_a_folder_without_history_is_not_worth_reading(tmp_path: Path) -> None:
    assert history_worth_reading(tmp_path) is None
