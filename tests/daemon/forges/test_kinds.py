"""Every kind of forge answers the port in the same way: patience, never, pages, whose answers count. Against ``tests/fake_forge.py``."""

import importlib.util
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from chainwright.daemon.forges.all import KINDS
from chainwright.daemon.forges.port import Answer, End, Forge
from chainwright.daemon.outbox import Later, Never
from chainwright.schemas.config import ForgeSettings

MARKER = "<!-- ours -->"
HEAD, OTHER = "a" * 40, "b" * 40
STATUS = {"state": "pending", "context": "chainwright/plan", "description": "1 more approval"}


def fake_forge() -> Any:
    """The module, which cannot be imported by name."""
    path = Path(__file__).parents[2] / "fake_forge.py"
    spec = importlib.util.spec_from_file_location("chainwright_fake_forge", path)
    assert spec is not None and spec.loader is not None
    module = sys.modules.setdefault(spec.name, importlib.util.module_from_spec(spec))
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=["github", "gitea", "gitlab"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def there(kind: str) -> Iterator[Any]:
    """The other side."""
    with fake_forge().serving(kind) as forge:
        yield forge


class Secrets:
    """Has the token."""

    async def of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(fake_forge().TOKEN for _ in names)


@pytest.fixture
async def forge(there: Any, kind: str) -> AsyncIterator[Forge]:
    settings = ForgeSettings(kind=kind, url=there.url, repository="acme/chains", token="FORGE")
    secrets: Any = Secrets()
    make: Any = KINDS[kind]
    async with aiohttp.ClientSession() as http:
        yield make(http, settings, secrets, lambda: 1000.0, limit_s=2.0)


async def answers(forge: Forge) -> list[Answer]:
    (pull,) = await forge.pulls()
    return list(await forge.answers(pull))


async def test_open_requests_are_found_over_many_pages(there: Any, forge: Forge) -> None:
    for number in range(1, 204):
        there.open(number, HEAD, author="bob")
    there.end(203, merged=True)
    found = await forge.pulls()

    assert sorted(one.number for one in found) == list(range(1, 203))
    assert {(one.head, one.base, one.author) for one in found} == {(HEAD, "main", "bob")}


async def test_our_comment_is_found_behind_many_pages_and_changed(there: Any, forge: Forge) -> None:
    there.open(1, HEAD)
    for _ in range(201):
        there.say(1, "ada", f"{MARKER} theirs")
    await forge.say(1, MARKER, f"{MARKER} first")
    await forge.say(1, MARKER, f"{MARKER} second")

    assert [one["body"] for one in there.comments[1][201:]] == [f"{MARKER} second"]


async def test_a_comment_that_says_so_already_is_left_alone(there: Any, forge: Forge) -> None:
    there.open(1, HEAD)
    await forge.say(1, MARKER, f"{MARKER} same")
    there.asked.clear()
    await forge.say(1, MARKER, f"{MARKER} same")

    assert {method for method, _ in there.asked} == {"GET"}


async def test_answers_to_the_head_as_it_is_count(there: Any, forge: Forge) -> None:
    there.open(1, OTHER)
    there.review(1, "bob", OTHER)
    there.open(1, HEAD)
    before = await answers(forge)
    there.review(1, "carla", HEAD)

    assert (before, await answers(forge)) == ([], [Answer(actor="carla", agrees=True)])


async def test_a_head_that_comes_back_does_not_bring_its_approvals_along_where_they_are_of_no_commit(
    there: Any, forge: Forge, kind: str
) -> None:
    there.open(1, HEAD)
    there.review(1, "bob", HEAD)
    there.open(1, OTHER)
    there.open(1, HEAD)

    assert await answers(forge) == ([] if kind == "gitlab" else [Answer(actor="bob", agrees=True)])


async def test_who_wants_changes_is_heard(there: Any, forge: Forge) -> None:
    there.open(1, HEAD)
    there.review(1, "bob", HEAD, agrees=False)

    assert await answers(forge) == [Answer(actor="bob", agrees=False)]


async def test_what_was_taken_back_is_no_answer(there: Any, forge: Forge) -> None:
    there.open(1, HEAD)
    there.review(1, "bob", HEAD)
    there.take_back(1, "bob")

    assert await answers(forge) == []


@pytest.mark.parametrize("kind", ["github", "gitea"])
async def test_who_may_only_read_can_review_and_does_not_count(there: Any, forge: Forge) -> None:
    there.strangers.add("mallory")
    there.open(1, HEAD)
    there.review(1, "mallory", HEAD)
    there.review(1, "bob", HEAD)

    assert await answers(forge) == [Answer(actor="bob", agrees=True)]


@pytest.mark.parametrize("kind", ["gitlab"])
async def test_a_gitlab_that_does_not_say_when_is_read_by_its_own_notes(there: Any, forge: Forge) -> None:
    there.says_when = False
    there.open(1, OTHER)
    there.review(1, "bob", OTHER)
    there.open(1, HEAD)
    there.review(1, "carla", HEAD)
    there.say(1, "mallory", "approved this merge request")

    assert await answers(forge) == [Answer(actor="carla", agrees=True)]


@pytest.mark.parametrize("kind", ["gitlab"])
async def test_a_gitlab_that_has_not_seen_the_head_yet_has_no_approvals_of_it(there: Any, forge: Forge) -> None:
    there.open(1, HEAD)
    there.review(1, "bob", HEAD)
    there.pulls[0]["head"] = OTHER

    assert await answers(forge) == []


async def test_how_a_request_ended_is_asked(there: Any, forge: Forge) -> None:
    for number in (1, 2, 3):
        there.open(number, HEAD)
    there.end(2, merged=True)
    there.end(3, merged=False)

    found = [await forge.pull(number) for number in (1, 2, 3)]
    assert [one and one.end for one in found] == [End.OPEN, End.MERGED, End.CLOSED]
    assert await forge.pull(4) is None


async def test_a_status_can_be_set_again_and_to_another_state(there: Any, forge: Forge) -> None:
    for state in ("pending", "pending", "failure", "success", "pending"):
        await forge.mark(HEAD, "topic", STATUS | {"state": state})

    assert there.statuses[-1]["state"] == "pending"
    assert {one["sha"] for one in there.statuses} == {HEAD}


@pytest.mark.parametrize(
    ("answer", "patience"),
    [
        ((429, {"Retry-After": "30"}), 30.0),
        ((403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1060"}), 60.0),
        ((429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "1060"}), 60.0),
        ((503, {}), None),
        ((401, {}), None),
    ],
)
async def test_what_passes_is_waited_for(
    there: Any, forge: Forge, answer: tuple[int, dict[str, str]], patience: float | None
) -> None:
    there.failures.append(answer)

    with pytest.raises(Later) as refused:
        await forge.pulls()

    assert refused.value.after_s == patience


@pytest.mark.parametrize("status", [301, 400, 403, 404, 422])
async def test_what_does_not_pass_is_never_sent_again(there: Any, forge: Forge, status: int) -> None:
    there.failures.append((status, {"Location": "http://127.0.0.1:1/"}))

    with pytest.raises(Never):
        await forge.mark(HEAD, "topic", STATUS)


async def test_a_refusal_is_told_in_the_words_of_the_forge(there: Any, forge: Forge) -> None:
    there.answer = lambda *_: (422, {"message": "Validation Failed"})

    with pytest.raises(Never, match="is answered 422: Validation Failed"):
        await forge.mark(HEAD, "topic", STATUS)


async def test_a_forge_that_is_silent_is_not_waited_for_without_end(there: Any, forge: Forge) -> None:
    there.slow = threading.Event()

    with pytest.raises(Later, match="does not answer"):
        await forge.pulls()


async def test_requests_of_another_shape_are_told_as_such(there: Any, forge: Forge) -> None:
    there.pulls = [{"number": 1}]

    with pytest.raises(Never, match="another shape"):
        await forge.pulls()
