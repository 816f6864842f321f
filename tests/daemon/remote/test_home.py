"""What a host refuses is told to whoever can do something about it."""

import pytest
from tests.direct_porter import DirectPorter

from chainwright.daemon.artifacts.port import BadFile
from chainwright.daemon.remote.home import RemoteHome
from chainwright.runners.port import CannotStart, HostUnreachable, RunnerError
from chainwright.runners.ssh.unreached import PorterRefused


@pytest.mark.parametrize(
    ("error", "meaning", "text"),
    [
        (PorterRefused("tree-refused", "a//b cannot be"), OSError, 'host "one": a//b cannot be'),
        (PorterRefused("system", "No space left on device"), OSError, 'host "one": No space left on device'),
        (PorterRefused("no-git", "git is not there"), CannotStart, 'host "one": git is not there'),
        (PorterRefused("bad-file", '"f": it is a link'), BadFile, '^"f": it is a link$'),
        (PorterRefused("cut-short", "it ended"), HostUnreachable, "it ended"),
        (PorterRefused("new-kind", "?"), HostUnreachable, 'host "one"'),
        (RunnerError("our files cannot be put there"), HostUnreachable, "our files cannot be put there"),
        (HostUnreachable("gone"), HostUnreachable, "gone"),
        (CannotStart("never"), CannotStart, "never"),
    ],
)
async def test_a_refusal_has_its_meaning_for_each_way_of_asking(
    error: Exception, meaning: type[Exception], text: str, home: RemoteHome, porter: DirectPorter
) -> None:
    async def chunks() -> "object":
        yield b""

    porter.failing = [error] * 3
    with pytest.raises(meaning, match=text):
        await home.call("has_tree", commit="c" * 40)
    with pytest.raises(meaning, match=text):
        await home.send("put_tree", chunks(), commit="c" * 40)  # type: ignore[arg-type]
    with pytest.raises(meaning, match=text):
        [piece async for piece in home.receive("file")]


async def test_a_full_disk_there_is_told_with_the_host(home: RemoteHome, porter: DirectPorter) -> None:
    """The porter's own text of an error of its system."""
    porter.home.parent.mkdir(exist_ok=True)
    porter.home.write_text("a file where the folder should be")
    with pytest.raises(OSError, match='host "one": '):
        await home.call("link_events", run="r1", attempt="a")
