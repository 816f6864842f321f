"""Contents are kept once, whole, for their owner alone, and never handed out themselves."""

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chainwright.daemon.artifacts.port import BadFile, NoSuchArtifact
from chainwright.daemon.artifacts.store import ArtifactStore
from chainwright.daemon.core.artifacts import Artifact

BODY = b"some content"
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
async def store(tmp_path: Path) -> ArtifactStore:
    found = ArtifactStore(tmp_path / "artifacts", limit_bytes=100)
    await found.open()
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "f").write_bytes(BODY)
    return folder


async def kept(store: ArtifactStore, workspace: Path, path: str = "f") -> Artifact:
    return await store.keep(path, folder=str(workspace), roots=(str(workspace),))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_equal_contents_are_one_file_under_their_digest(
    store: ArtifactStore, workspace: Path, tmp_path: Path
) -> None:
    (workspace / "other name").write_bytes(BODY)
    first, second = await kept(store, workspace), await kept(store, workspace, "other name")
    (found,) = files(tmp_path / "artifacts")

    assert (first, second.name, second.sha256) == (Artifact(sha256=DIGEST, name="f", size=12), "other name", DIGEST)
    assert (found.name, found.read_bytes(), found.stat().st_mode & 0o777) == (DIGEST, BODY, 0o600)


async def test_a_consumer_gets_a_copy_which_it_may_change(
    store: ArtifactStore, workspace: Path, tmp_path: Path
) -> None:
    artifact = await kept(store, workspace)
    first = await store.place([artifact], str(tmp_path / "one"))
    (path,) = files(tmp_path / "one")
    path.write_text("changed")
    again = await store.place([artifact], str(tmp_path / "one"))
    await store.place([artifact], str(tmp_path / "two"))

    assert first == again == {artifact: str(path)}
    assert (path.name, path.read_text()) == ("f", "changed")
    assert [other.read_bytes() for other in files(tmp_path / "two")] == [BODY]


async def test_sent_bytes_are_kept_as_files_are(store: ArtifactStore) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield BODY[:5]
        yield BODY[5:]

    artifact = await store.take_in("paper", pieces())

    assert artifact == Artifact(sha256=DIGEST, name="paper", size=12)
    assert b"".join([piece async for piece in store.read(artifact)]) == BODY
    assert await store.holds(artifact)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b", "x" * 256])
async def test_a_name_that_no_file_can_have_is_refused(store: ArtifactStore, name: str) -> None:
    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    with pytest.raises(BadFile, match="cannot be the name of a file"):
        await store.take_in(name, nothing())


async def test_what_is_sent_beyond_the_limit_leaves_nothing_behind(store: ArtifactStore, tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 60

    with pytest.raises(BadFile, match="more than 100 bytes"):
        await store.take_in("large", endless())

    assert files(tmp_path / "artifacts") == []


async def test_what_is_not_kept_is_told_by_its_name(store: ArtifactStore, tmp_path: Path) -> None:
    lost = Artifact(sha256="0" * 64, name="gone", size=1)

    assert not await store.holds(lost)
    with pytest.raises(NoSuchArtifact, match='"gone"'):
        await store.place([lost], str(tmp_path))


async def test_what_a_dead_daemon_left_half_written_is_cleared(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "artifacts" / "aside" / "half").write_bytes(b"x")
    await store.open()

    assert files(tmp_path / "artifacts") == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("gone", "no such file"),
        ("folder", "it is a folder"),
        ("link", "links are not followed"),
        ("way/f", "a link or no folder"),
        ("f/f", "a link or no folder"),
        ("pipe", "not a regular file"),
        ("large", "101 bytes, at most 100"),
        ("../outside", "not in the workspace"),
        ("folder/../../outside", "not in the workspace"),
        (".", "not in the workspace"),
        ("nul\0l", "no null character"),
        ("x" * 300, "too long"),
    ],
)
async def test_a_file_that_is_none_is_refused_by_name(
    store: ArtifactStore, workspace: Path, path: str, said: str
) -> None:
    (workspace.parent / "outside").write_text("x")
    (workspace / "folder").mkdir()
    (workspace / "link").symlink_to("f")
    (workspace / "way").symlink_to(".")
    (workspace / "large").write_bytes(b"x" * 101)
    os.mkfifo(workspace / "pipe")

    with pytest.raises(BadFile, match=said):
        await kept(store, workspace, path)
