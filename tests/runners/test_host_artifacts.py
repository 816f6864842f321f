"""Contents on a host are whole and sent once; files of agents are measured as they stand, and nothing else is opened."""

import base64
import hashlib
import io
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chainwright.runners import host_artifacts
from chainwright.runners.host_artifacts import give_file, measure, place, put_content, put_small_content
from chainwright.runners.refused import Refused

BODY = b"some content"
DIGEST = hashlib.sha256(BODY).hexdigest()
TOLD = {"sha256": DIGEST, "name": "a name.txt"}


def put(home: Path, body: bytes = BODY, sha256: str = DIGEST, size: int | None = None) -> None:
    put_content(io.BytesIO(body), str(home), sha256, len(BODY) if size is None else size)


def given(home: Path, *told: Any, attempt: str = "r1-a-1-1") -> Any:
    return place(str(home), f"{home}/runs/r1/artifacts/{attempt}", list(told))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_content_that_was_sent_once_is_copied_for_each_attempt(tmp_path: Path) -> None:
    missing = given(tmp_path, TOLD)
    put(tmp_path)
    (first,) = given(tmp_path, TOLD)["paths"]
    Path(first).write_text("changed")
    (again,) = given(tmp_path, TOLD)["paths"]
    (second,) = given(tmp_path, TOLD, attempt="r1-b-1-1")["paths"]

    assert missing == {"missing": [DIGEST]}
    assert (Path(again).read_text(), Path(second).read_bytes(), Path(second).name) == ("changed", BODY, "a name.txt")


@pytest.mark.parametrize(("body", "size"), [(b"other conten", 12), (BODY[:-1], 12), (b"", 12), (BODY, 11)])
def test_what_does_not_arrive_as_it_is_called_is_nothing(body: bytes, size: int, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        put(tmp_path, body, size=size)

    assert refused.value.kind == "cut-short"
    assert files(tmp_path) == []


def test_a_small_content_arrives_within_a_question(tmp_path: Path) -> None:
    put_small_content(str(tmp_path), DIGEST, base64.b64encode(BODY).decode())
    with pytest.raises(Refused):
        put_small_content(str(tmp_path), "0" * 64, base64.b64encode(BODY).decode())

    assert [path.read_bytes() for path in files(tmp_path)] == [BODY]


@pytest.mark.parametrize("name", ["..", "", "a/b", "a\0b", "x" * 256])
def test_a_name_that_no_file_can_have_is_refused(name: str, tmp_path: Path) -> None:
    put(tmp_path)
    with pytest.raises(Refused, match="cannot be the name"):
        given(tmp_path, TOLD | {"name": name})


@pytest.mark.parametrize("folder", ["/elsewhere", "{}/runs/../../x", "{}/cache"])
def test_copies_are_made_below_the_runs_alone(folder: str, tmp_path: Path) -> None:
    put(tmp_path)
    with pytest.raises(Refused, match="no folder of a run"):
        place(str(tmp_path), folder.format(tmp_path), [TOLD])


@pytest.mark.parametrize("sha256", ["", "../" + "a" * 61, "A" * 64, "a" * 64 + "\n"])
def test_only_a_digest_names_a_content(sha256: str, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        put(tmp_path, sha256=sha256)


# files of agents


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "runs/r1/workspace"
    (folder / "d").mkdir(parents=True)
    (folder / "d/f").write_bytes(BODY)
    (tmp_path / "runs/r1/secret").write_text("of others")
    (folder / "out").symlink_to(folder.parent)
    (folder / "l").symlink_to("d/f")
    os.mkfifo(folder / "pipe")
    return folder


def asked(workspace: Path, path: str, limit: int = 100) -> dict[str, Any]:
    home = str(workspace.parents[2])
    return {"home": home, "path": path, "folder": str(workspace), "roots": [str(workspace)], "limit": limit}


def test_a_file_is_measured_and_given(workspace: Path) -> None:
    told = {"sha256": DIGEST, "size": 12}
    assert measure(**asked(workspace, "d/f"), inline=12) == told | {"content": base64.b64encode(BODY).decode()}
    assert measure(**asked(workspace, "d/f"), inline=11) == told | {"content": None}
    assert b"".join(give_file(**asked(workspace, f"{workspace}/d/../d/f"))) == BODY


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("../secret", "not in the workspace"),
        ("/etc/passwd", "not in the workspace"),
        ("", "not in the workspace"),
        ("out/secret", "a link or no folder"),
        ("l", "links are not followed"),
        ("d", "a folder"),
        ("pipe", "not a regular file"),
        ("gone", "no such file"),
        ("d/f\0", "no null character"),
    ],
)
def test_nothing_else_is_opened(path: str, why: str, workspace: Path) -> None:
    for ask in (partial(measure, inline=0), lambda **arguments: list(give_file(**arguments))):
        with pytest.raises(Refused, match=why) as refused:
            ask(**asked(workspace, path))
        assert refused.value.kind == "bad-file"


def test_a_root_that_is_no_runs_is_refused(workspace: Path) -> None:
    with pytest.raises(Refused, match="no folder of a run"):
        measure(**asked(workspace, "d/f") | {"roots": ["/etc"], "folder": "/etc"}, inline=0)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(workspace: Path) -> None:
    with pytest.raises(Refused, match="at most 11 are kept"):
        measure(**asked(workspace, "d/f", limit=11), inline=0)


@pytest.fixture
def while_it_is_read(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], list[int]]:
    """Has something done after each reading of a file; gives a list with an entry for each."""

    def arrange(act: Callable[[], Any]) -> list[int]:
        readings: list[int] = []
        read = host_artifacts._read

        def reading(descriptor: int) -> Any:
            yield from read(descriptor)
            readings.append(1)
            act()

        monkeypatch.setattr(host_artifacts, "_read", reading)
        return readings

    return arrange


def test_a_file_that_changed_meanwhile_is_measured_again(
    workspace: Path, while_it_is_read: Callable[[Callable[[], Any]], list[int]]
) -> None:
    after = b"another one"
    readings = while_it_is_read(lambda: len(readings) == 1 and (workspace / "d/f").write_bytes(after))

    found = measure(**asked(workspace, "d/f"), inline=0)
    assert (found["sha256"], found["size"]) == (hashlib.sha256(after).hexdigest(), 11)


def test_a_file_that_never_rests_is_refused(
    workspace: Path, while_it_is_read: Callable[[Callable[[], Any]], list[int]]
) -> None:
    while_it_is_read(lambda: (workspace / "d/f").write_bytes(os.urandom(12)))

    with pytest.raises(Refused, match="changes while it is read"):
        measure(**asked(workspace, "d/f"), inline=0)


def test_one_that_grows_for_ever_is_given_up(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_artifacts, "_read", lambda _: iter(lambda: b"x" * 50, b""))

    with pytest.raises(Refused, match="grows"):
        list(give_file(**asked(workspace, "d/f")))
