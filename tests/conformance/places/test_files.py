"""Files of agents become artifacts, and artifacts files for agents, in the same way on every host."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chainwright.daemon.artifacts.port import BadFile, NoSuchArtifact
from chainwright.daemon.core.artifacts import Artifact

Place = Any  # of conftest.py, which cannot be imported from here


@pytest.fixture
def workspace(place: Place) -> Path:
    folder: Path = place.home / "runs/r1/workspace"
    (folder / "d").mkdir(parents=True)
    return folder


async def kept(place: Place, workspace: Path, path: str) -> Artifact:
    found: Artifact = await place.files.keep(path, folder=f"{workspace}/d", roots=(str(workspace),))
    return found


def change(path: str) -> None:
    Path(path).write_text("changed")


def texts(*paths: str) -> list[str]:
    return [Path(path).read_text() for path in paths]


async def content(place: Place, artifact: Artifact) -> bytes:
    return b"".join([piece async for piece in place.store.read(artifact)])


async def test_a_file_becomes_an_artifact_in_the_daemons_store(place: Place, workspace: Path) -> None:
    for body in (b"", b"x", bytes(range(256)) * 3_000):
        (workspace / "d/süß.bin").write_bytes(body)
        artifact = await kept(place, workspace, "süß.bin")
        again = await kept(place, workspace, f"{workspace}/d/süß.bin")

        assert artifact == Artifact(sha256=hashlib.sha256(body).hexdigest(), name="süß.bin", size=len(body))
        assert (again, await content(place, artifact)) == (artifact, body)


REFUSED = {
    "../../secret": "not in the workspace",
    "/etc/passwd": "not in the workspace",
    "link": "links are not followed",
    "out/secret": "a link or no folder",
    "folder": "a folder, not a file",
    "gone": "there is no such file",
    "large": "at most 1048576 are kept",
}


async def test_what_is_no_file_of_the_workspace_is_refused(place: Place, workspace: Path) -> None:
    (workspace.parent / "secret").touch()
    (workspace / "d/link").symlink_to("large")
    (workspace / "d/out").symlink_to(workspace.parent)
    (workspace / "d/folder").mkdir()
    (workspace / "d/large").write_bytes(b"x" * 1_048_577)
    for path, why in REFUSED.items():
        with pytest.raises(BadFile, match=f'"{path}": .*{why}'):
            await kept(place, workspace, path)


async def test_a_consumer_gets_a_copy_of_its_own(place: Place, workspace: Path) -> None:
    (workspace / "d/draft.md").write_text("text")
    artifact = await kept(place, workspace, "draft.md")
    first = await place.files.place([artifact], f"{place.home}/runs/r1/artifacts/r1-b-1-1")
    change(first[artifact])
    again = await place.files.place([artifact], f"{place.home}/runs/r1/artifacts/r1-b-1-1")
    other = await place.files.place([artifact], f"{place.home}/runs/r1/artifacts/r1-c-1-1")

    assert texts(again[artifact], other[artifact]) == ["changed", "text"]
    assert (first, Path(first[artifact]).name) == (again, "draft.md")


async def test_several_are_placed_at_once_under_their_names(place: Place) -> None:
    async def sent(body: str) -> AsyncIterator[bytes]:
        yield body.encode()

    artifacts = [await place.store.take_in("same name", sent(str(n) * n)) for n in range(5)]
    paths = await place.files.place(artifacts, f"{place.home}/runs/r1/artifacts/r1-a-1-1")

    assert texts(*(paths[one] for one in artifacts)) == [str(n) * n for n in range(5)]
    assert await place.files.place([], f"{place.home}/runs/r1/artifacts/r1-a-1-1") == {}


async def test_one_whose_content_is_gone_is_told(place: Place) -> None:
    lost = Artifact(sha256="0" * 64, name="f", size=1)
    with pytest.raises(NoSuchArtifact, match=r'content of "f" .* is not kept'):
        await place.files.place([lost], f"{place.home}/runs/r1/artifacts/r1-a-1-1")
