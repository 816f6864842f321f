"""What a forge's answers mean: patience, never, or a page more. Against ``tests/fake_forge.py``."""

import importlib.util
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chainwright.daemon.forges.client import PAGE, ForgeClient
from chainwright.daemon.outbox import Later, Never
from chainwright.schemas.config import ForgeSettings

MARKER = "<!-- ours -->"


def fake_forge() -> Any:
    """The module, which cannot be imported by name."""
    path = Path(__file__).parents[2] / "fake_forge.py"
    spec = importlib.util.spec_from_file_location("chainwright_fake_forge", path)
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def forge() -> Iterator[Any]:
    with fake_forge().serving() as forge:
        yield forge


class Secrets:
    """Has the token."""

    async def of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fake_forge().TOKEN for _ in names)


@pytest.fixture
async def client(forge: Any) -> AsyncIterator[ForgeClient]:
    settings = ForgeSettings(kind="github", url=forge.url, repository="acme/chains", token="FORGE")
    secrets: Any = Secrets()
    async with aiohttp.ClientSession() as http:
        yield ForgeClient(http, settings, secrets, lambda: 1000.0, limit_s=2.0)


async def test_our_comment_is_found_behind_many_pages_and_changed(forge: Any, client: ForgeClient) -> None:
    for number in range(2 * PAGE):
        forge.say(1, "ada", f"{number}")
    await client.say(1, MARKER, f"{MARKER} first")
    await client.say(1, MARKER, f"{MARKER} second")

    assert [one["body"] for one in forge.comments[1][2 * PAGE :]] == [f"{MARKER} second"]


@pytest.mark.parametrize(
    ("answer", "patience"),
    [
        ((429, {"Retry-After": "30"}), 30.0),
        ((403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1060"}), 60.0),
        ((503, {}), None),
        ((401, {}), None),
    ],
)
async def test_what_passes_is_waited_for(
    forge: Any, client: ForgeClient, answer: tuple[int, dict[str, str]], patience: float | None
) -> None:
    forge.failures.append(answer)

    with pytest.raises(Later) as refused:
        await client.pulls()

    assert refused.value.after_s == patience


@pytest.mark.parametrize("status", [301, 403, 404, 422])
async def test_what_does_not_pass_is_never_sent_again(forge: Any, client: ForgeClient, status: int) -> None:
    forge.failures.append((status, {"Location": "http://127.0.0.1:1/"}))

    with pytest.raises(Never):
        await client.mark("a" * 40, {"state": "success", "context": "c", "description": "d"})


async def test_a_forge_that_is_silent_is_not_waited_for_without_end(forge: Any, client: ForgeClient) -> None:
    forge.slow = threading.Event()

    with pytest.raises(Later, match="does not answer"):
        await client.pulls()


async def test_pull_requests_of_another_shape_are_told_as_such(forge: Any, client: ForgeClient) -> None:
    forge.pulls = [{"number": 1}]

    with pytest.raises(Never, match="another shape"):
        await client.pulls()
