"""What may stand in a tree."""

import pytest

from chainwright.daemon.sources.trees import TreeEntry, TreeRefused, check_bounds, checked_link, parse_listing
from chainwright.runners.host_files import Bounds


@pytest.mark.parametrize(
    ("path", "target"), [("a", "b"), ("a", "b/c"), ("d/a", "../b"), ("d/e/a", "../../b/./c"), ("d/a", "..")]
)
def test_a_link_that_stays_inside_is_kept(path: str, target: str) -> None:
    assert checked_link(path, target) == target


@pytest.mark.parametrize(
    ("path", "target"), [("a", "/etc"), ("a", ".."), ("d/a", "../../b"), ("d/a", "b/../c"), ("a", ""), ("a", "x\0")]
)
def test_a_link_that_could_leave_is_refused(path: str, target: str) -> None:
    with pytest.raises(TreeRefused, match="leaves the tree"):
        checked_link(path, target)


@pytest.mark.parametrize("path", ["../a", "a//b", "/a", ".git/config", "a/.GIT/hooks/x", "a/."])
def test_a_path_that_leaves_the_tree_or_means_git_is_refused(path: str) -> None:
    with pytest.raises(TreeRefused, match="cannot be the path"):
        parse_listing(b"100644 blob " + b"1" * 40 + b"       1\t" + path.encode() + b"\0")


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(TreeRefused, match="unknown mode 100000"):
        parse_listing(b"100000 blob " + b"1" * 40 + b"       1\ta\0")


@pytest.mark.parametrize("bounds", [(1, 9, 99), (9, 1, 99), (9, 9, 3)])
def test_a_tree_beyond_its_bounds_is_refused(bounds: tuple[int, int, int]) -> None:
    files, file_bytes, total_bytes = bounds
    entry = TreeEntry(path="a", kind="file", is_executable=False, blob="1" * 40, size=2)
    with pytest.raises(TreeRefused):
        check_bounds([entry, entry], Bounds(files=files, file_bytes=file_bytes, total_bytes=total_bytes))
