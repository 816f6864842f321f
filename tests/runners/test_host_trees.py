"""Trees arrive on a host whole or not at all, whatever is sent, however many send at once, and whenever they are killed."""

import errno
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainwright.runners import host_trees
from chainwright.runners.host_files import Bounds
from chainwright.runners.refused import Refused

COMMIT = "c" * 40
SOURCES = Path(host_trees.__file__).parents[2]
PUT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from chainwright.runners.host_trees import put_tree;"
    "put_tree(sys.stdin.buffer, sys.argv[2], sys.argv[3])"
)

Entry = tuple[dict[str, Any], bytes]


def file(path: str, content: bytes = b"x", kind: str = "file") -> Entry:
    return {"path": path, "kind": kind, "size": len(content)}, content


def link(path: str, target: str) -> Entry:
    return {"path": path, "kind": "link", "target": target}, b""


def sent(*entries: Entry, count: int | None = None) -> bytes:
    end = {"count": len(entries) if count is None else count}
    return b"".join(json.dumps(told).encode() + b"\n" + content for told, content in [*entries, (end, b"")])


def put(home: Path, data: bytes) -> Any:
    return host_trees.put_tree(io.BytesIO(data), str(home), COMMIT)


def content_of(folder: Path) -> dict[str, Any]:
    """What is below, by path: content, target or None for a folder; the mark of a program is part of its content."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"→ {path.readlink()}"
        elif path.is_file():
            found[name] = ("+x " if path.stat().st_mode & 0o100 else "") + path.read_text()
    return found


def left(home: Path) -> list[str]:
    """Everything below the home, for a look at what must not be there."""
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() or path.is_symlink())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return tmp_path / "home/cache/trees" / COMMIT


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_tree_is_what_was_sent(home: Path, tree: Path) -> None:
    put(home, sent(file("a"), file("d/e/run", b"#!", kind="program"), link("d/l", "../a"), file("empty", b"")))

    assert content_of(tree) == {"a": "x", "d/e/run": "+x #!", "d/l": "→ ../a", "empty": ""}
    assert host_trees.has_tree(str(home), COMMIT)


def test_names_that_are_no_text_arrive_as_they_are(home: Path, tree: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \xf0\x9f\x8c\xb1")
    put(home, sent(file(name)))

    assert [os.fsencode(path.name) for path in tree.iterdir()] == [b"caf\xe9 \xf0\x9f\x8c\xb1"]


def test_files_are_for_whoever_this_users_files_are_for(home: Path, tree: Path) -> None:
    before = os.umask(0o027)
    try:
        put(home, sent(file("a"), file("b", kind="program")))
    finally:
        os.umask(before)

    assert [(tree / name).stat().st_mode & 0o777 for name in (".", "a", "b")] == [0o750, 0o640, 0o750]


HOSTILE = {
    "climbs": [file("../out")],
    "climbs inside": [file("a/../../out")],
    "absolute": [file("/tmp/out")],
    "nothing between": [file("a//b")],
    "git's own": [file("sub/.GIT/config")],
    "null": [file("a\0b")],
    "device": [({"path": "d", "kind": "device", "size": 0}, b"")],
    "no kind": [({"path": "d", "size": 0}, b"")],
    "link out": [link("l", "../out")],
    "absolute link": [link("l", "/etc/passwd")],
    "link to nothing": [({"path": "l", "kind": "link"}, b"")],
    "through a link": [link("l", "."), file("l/a")],
    "through a file": [file("f"), file("f/a")],
    "over a link": [link("l", "target"), file("l")],
    "over a file": [file("f"), file("f")],
    "negative": [({"path": "a", "kind": "file", "size": -1}, b"")],
    "size of another type": [({"path": "a", "kind": "file", "size": "1"}, b"")],
    "path of another type": [({"path": ["a"], "kind": "file", "size": 1}, b"")],
    "no path": [({"kind": "file", "size": 0}, b"")],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_may_not_be_in_a_tree_is_refused_and_nothing_of_it_stays(name: str, home: Path) -> None:
    """This is checked here too, although our own daemon sends: its mistake must not write outside of the folder."""
    with pytest.raises(Refused):
        put(home, sent(file("before"), *HOSTILE[name]))

    assert left(home) == []
    assert [path.name for path in home.parent.iterdir()] == ["home"]


@pytest.mark.parametrize(
    "data", [b"", b"x" * 70_000, b"null\n", b"[]\n", b'{"count": 0', sent(file("a"))[:-20], sent(file("a"), count=2)]
)
def test_what_is_cut_short_is_nothing(data: bytes, home: Path) -> None:
    with pytest.raises(Refused) as refused:
        put(home, data)

    assert refused.value.kind == "cut-short"
    assert left(home) == []


@pytest.mark.parametrize("bounds", [(1, 9, 99), (9, 1, 99), (9, 9, 3)])
def test_a_tree_beyond_its_bounds_is_refused(
    bounds: tuple[int, int, int], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_trees, "WORKSPACE_BOUNDS", Bounds(*bounds))
    with pytest.raises(Refused) as refused:
        put(home, sent(file("a", b"xx"), file("b", b"xx")))

    assert refused.value.kind == "tree-refused"
    assert left(home) == []


@settings(max_examples=60)
@given(st.data())
def test_no_stream_writes_anywhere_else(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Whatever is made of a good one by losing, doubling and changing bytes."""
    good = sent(file("a/b"), link("a/l", "b"), file("c", b"../x", kind="program"))
    mutated = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(mutated) - 1))
        mutated[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3) | st.just(b"/../"))
    top = tmp_path_factory.mktemp("fuzz")
    (top / "home").mkdir()
    try:
        put(top / "home", bytes(mutated))
    except Refused:
        assert left(top / "home") == []

    assert [path.name for path in top.iterdir()] == ["home"]
    assert {path.split("/")[2] for path in left(top / "home")} <= {COMMIT}


@pytest.mark.parametrize("commit", ["", "c" * 39, "../" + "c" * 37, "C" * 40, "c" * 40 + "\n"])
def test_only_a_commits_id_names_a_tree(commit: str, home: Path) -> None:
    with pytest.raises(Refused):
        host_trees.put_tree(io.BytesIO(sent()), str(home), commit)


def test_what_is_there_is_not_read_again(home: Path, tree: Path) -> None:
    put(home, sent(file("a")))
    again = io.BytesIO(sent(file("b")))
    host_trees.put_tree(again, str(home), COMMIT)

    assert (content_of(tree), again.tell()) == ({"a": "x"}, 0)


# several processes, as several connections have them


@pytest.fixture
def putting(home: Path) -> Iterator[Callable[[], "subprocess.Popen[bytes]"]]:
    """Begins to put a tree in a process of its own; whatever is left of them is ended."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-I", "-S", "-c", PUT, str(SOURCES), str(home), COMMIT]
        begun.append(subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def half_done(process: "subprocess.Popen[bytes]", data: bytes, home: Path, eventually: Callable[..., Any]) -> None:
    """Returns when it has begun to write."""
    assert process.stdin is not None
    process.stdin.write(data[: len(data) // 2])
    process.stdin.flush()
    eventually(lambda: any(home.glob(f"cache/trees/.{COMMIT}.*/*")))


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Waits for a condition."""

    def wait(condition: Callable[[], bool]) -> None:
        until = time.monotonic() + 20.0
        while not condition():
            assert time.monotonic() < until, "it never became true"
            time.sleep(0.005)

    return wait


def test_ten_at_once_make_one_tree(
    home: Path, tree: Path, putting: Callable[[], Any], eventually: Callable[..., Any]
) -> None:
    data = sent(*(file(f"d{n % 7}/f{n}", bytes([65 + n % 26]) * 50_000) for n in range(40)))
    processes = [putting() for _ in range(10)]
    for process in processes:
        half_done(process, data, home, eventually)
    ended = []
    for process in processes:
        _, err = process.communicate(data[len(data) // 2 :], timeout=20)
        ended.append((process.returncode, err))

    assert ended == [(0, b"")] * 10
    assert len(content_of(tree)) == 40
    assert list((home / "cache/trees").iterdir()) == [tree]


def test_one_that_was_killed_over_it_leaves_nothing_to_the_next(
    home: Path, tree: Path, putting: Callable[[], Any], eventually: Callable[..., Any]
) -> None:
    data = sent(*(file(f"f{n}", b"x" * 100_000) for n in range(8)))
    killed, slow = putting(), putting()
    for process in (killed, slow):
        half_done(process, data, home, eventually)
    eventually(lambda: len(list(home.glob("cache/trees/.*"))) == 2)
    killed.kill()
    killed.wait()
    assert not tree.exists()
    put(home, data)
    aside = list(home.glob("cache/trees/.*"))

    assert len(content_of(tree)) == 8
    assert len(aside) == 1, "what the slow one writes is its own, what the killed one wrote is nobody's"


def test_a_full_disk_leaves_nothing_and_is_told(tmp_path: Path) -> None:
    mounted = tmp_path / "small"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(mounted)]
    if subprocess.run(mount, capture_output=True, check=False, timeout=20).returncode != 0:
        pytest.skip("CAPABILITY: no file system can be mounted here")
    try:
        ballast = mounted / "ballast"
        ballast.write_bytes(b"x" * 600_000)
        data = sent(file("a", b"x" * 400_000), file("b", b"x" * 200_000))
        with pytest.raises(OSError) as full:
            put(mounted, data)
        assert (full.value.errno, left(mounted)) == (errno.ENOSPC, ["ballast"])
        ballast.unlink()
        put(mounted, data)
        assert len(content_of(mounted / "cache/trees" / COMMIT)) == 2
    finally:
        subprocess.run(["umount", str(mounted)], check=True, timeout=20)
