"""Only what is not there is sent, in both directions, and what arrives is what was named."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.direct_porter import DirectPorter

from chainwright.daemon.artifacts.port import BadFile
from chainwright.daemon.artifacts.store import ArtifactStore
from chainwright.daemon.core.artifacts import Artifact
from chainwright.daemon.remote import artifacts as module
from chainwright.daemon.remote.artifacts import RemoteArtifacts
from chainwright.runners.port import HostUnreachable


@pytest.fixture
def file(porter: DirectPorter) -> Path:
    """A file of an agent on the host."""
    path = porter.home / "runs/r1/workspace/f"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"content")
    return path


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file travels in a channel of its own."""
    monkeypatch.setattr(module, "SMALL_BYTES", -1)


@pytest.fixture(params=["small", "large"])
def size(request: pytest.FixtureRequest) -> str:
    """Whether files travel within questions and answers, or in channels of their own."""
    if request.param == "large":
        request.getfixturevalue("large")
    return str(request.param)


def copy(file: Path, name: str) -> Path:
    other = file.with_name(name)
    other.write_bytes(file.read_bytes())
    return other


async def kept(files: RemoteArtifacts, file: Path) -> Artifact:
    return await files.keep(file.name, folder=str(file.parent), roots=(str(file.parent),))


async def test_a_content_that_the_store_has_is_not_sent(
    files: RemoteArtifacts, file: Path, porter: DirectPorter, size: str
) -> None:
    first = await kept(files, file)
    second = await kept(files, copy(file, "other"))

    assert (first.sha256, second.name) == (second.sha256, "other")
    assert porter.asked == ["measure", *(["file"] if size == "large" else []), "measure"]


@pytest.mark.usefixtures("large")
async def test_a_file_that_changes_on_its_way_is_measured_again(
    files: RemoteArtifacts, file: Path, porter: DirectPorter, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, changes = porter.receive, [b"changed meanwhile"]

    def changing(operation: str, **arguments: Any) -> AsyncIterator[bytes]:
        if changes:
            file.write_bytes(changes.pop())
        return receive(operation, **arguments)

    monkeypatch.setattr(porter, "receive", changing)

    assert (await kept(files, file)).sha256 == hashlib.sha256(b"changed meanwhile").hexdigest()


@pytest.mark.usefixtures("large")
async def test_one_that_never_rests_is_the_agents_mistake(
    files: RemoteArtifacts, file: Path, porter: DirectPorter, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive, call = porter.receive, porter.call

    def grow() -> None:
        file.write_bytes(file.read_bytes() + b"x")

    def receiving(operation: str, **arguments: Any) -> AsyncIterator[bytes]:
        grow()
        return receive(operation, **arguments)

    def calling(operation: str, **arguments: Any) -> Any:
        grow()
        return call(operation, **arguments)

    monkeypatch.setattr(porter, "receive", receiving)
    monkeypatch.setattr(porter, "call", calling)
    with pytest.raises(BadFile, match='"f": it changes while it is read'):
        await kept(files, file)


@pytest.mark.usefixtures("large")
async def test_a_link_that_is_cut_leaves_nothing_in_the_store(
    files: RemoteArtifacts, file: Path, porter: DirectPorter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def cut(*_: Any, **__: Any) -> AsyncIterator[bytes]:
        yield b"con"
        raise HostUnreachable("cut")

    monkeypatch.setattr(porter, "receive", cut)
    with pytest.raises(HostUnreachable):
        await kept(files, file)

    assert [path for path in (tmp_path / "artifacts").rglob("*") if path.is_file()] == []


async def sent(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def test_a_content_is_sent_once_per_host_however_many_attempts_get_it(
    files: RemoteArtifacts, store: ArtifactStore, porter: DirectPorter, size: str
) -> None:
    artifacts = [await store.take_in(name, sent(b"same")) for name in ("a", "b")]
    folders = [f"{porter.home}/runs/r1/artifacts/r1-a-{turn}-1" for turn in range(5)]
    placed = await asyncio.gather(*(files.place(artifacts, folder) for folder in folders))

    assert porter.asked.count("put_content" if size == "large" else "put_small_content") == 1
    assert {path.read_text() for found in placed for path in map(Path, found.values())} == {"same"}


async def test_more_than_fit_into_one_question_are_placed(
    files: RemoteArtifacts, store: ArtifactStore, porter: DirectPorter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AT_ONCE", 2)
    artifacts = [await store.take_in("f", sent(bytes([n]))) for n in range(5)]
    placed = await files.place(artifacts, f"{porter.home}/runs/r1/artifacts/r1-a-1-1")

    assert list(placed) == artifacts
    assert porter.asked.count("place") == 6
