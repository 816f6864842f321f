"""Nothing that happens below a sealed folder goes unnoticed; moving the folder itself is no change."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from chainwright.daemon.sources.seal import Seal, seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small tree."""
    root = tmp_path / "tree"
    (root / "deep" / "er").mkdir(parents=True)
    (root / "a.txt").write_text("a")
    (root / "deep" / "er" / "b.txt").write_text("b")
    (root / "link").symlink_to("a.txt")
    return root


@pytest.fixture
def sealed(folder: Path, by_and_by: Callable[[Callable[[], bool]], None]) -> Seal:
    """Its seal, old enough to be relied on."""
    made = seal(folder)
    by_and_by(lambda: made.is_settled)
    return made


def test_an_untouched_folder_keeps_its_seal_wherever_it_goes(folder: Path, sealed: Seal) -> None:
    """A rename is ours."""
    moved = folder.rename(folder.with_name("moved"))

    assert sealed.holds(moved)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "new").write_text(""),
        lambda root: (root / "a.txt").unlink(),
        lambda root: (root / "a.txt").write_text("a"),
        lambda root: (root / "a.txt").chmod(0o600),
        lambda root: (root / "deep" / "er" / "b.txt").rename(root / "deep" / "b.txt"),
        lambda root: (root / "deep" / "er" / "new").mkdir(),
        lambda root: (root / "link").unlink() or (root / "link").symlink_to("a.txt"),
        lambda root: os.utime(root / "a.txt", ns=(1, (root / "a.txt").stat().st_mtime_ns)),
    ],
)
def test_every_change_breaks_the_seal(folder: Path, sealed: Seal, change: Callable[[Path], object]) -> None:
    """Content, names, modes, times, links, in whatever depth; also when the times are set back."""
    change(folder)

    assert not sealed.holds(folder)


def test_a_rewrite_that_restores_the_times_is_noticed(folder: Path, sealed: Seal) -> None:
    """The change time cannot be set."""
    file = folder / "a.txt"
    before = file.stat()
    file.write_text("b")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert not sealed.holds(folder)


def test_a_folder_that_is_gone_has_no_seal(tmp_path: Path, sealed: Seal) -> None:
    """Nothing to reuse, and no error."""
    assert not sealed.holds(tmp_path / "nowhere")
