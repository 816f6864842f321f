"""What the watcher tells about a real repository."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chainwright.daemon.sources import watcher as module
from chainwright.daemon.sources.repository import Repository
from chainwright.daemon.sources.watcher import Watcher

Work = Any  # WorkingRepository of conftest.py, which cannot be imported from here
NEVER_S = 3_600.0
LIMIT_S = 20.0


class Told:
    """Collects what a watcher tells; each item can be awaited."""

    def __init__(self) -> None:
        self.items: asyncio.Queue[str] = asyncio.Queue()

    def as_(self, kind: str, *, answers: bool = True) -> Callable[..., Awaitable[Any]]:
        async def tell(*arguments: str) -> bool:
            self.items.put_nowait(" ".join((kind, *arguments)))
            return answers

        return tell

    async def next(self) -> str:
        return await asyncio.wait_for(self.items.get(), LIMIT_S)

    def all(self) -> list[str]:
        return [self.items.get_nowait() for _ in range(self.items.qsize())]


@pytest.fixture
def told() -> Told:
    return Told()


def watcher(repository: Repository, told: Told, **options: Any) -> Watcher:
    return Watcher(
        repository, on_commit=told.as_("commit"), on_gone=told.as_("gone"), on_back=told.as_("back"), **options
    )


async def test_each_commit_is_told_once(work: Work, repository: Repository, told: Told) -> None:
    watching = watcher(repository, told)
    first = work.commit(a="1")
    await watching.look()
    await watching.look()
    second = work.commit(a="2")
    await watching.look()

    assert told.all() == [f"commit {first}", f"commit {second}"]


async def test_a_commit_known_from_before_a_restart_is_not_told(work: Work, repository: Repository, told: Told) -> None:
    await watcher(repository, told, known=work.commit(a="1")).look()

    assert told.all() == []


async def test_a_commit_is_told_again_once_it_was_forgotten(work: Work, repository: Repository, told: Told) -> None:
    commit = work.commit(a="1")
    watching = watcher(repository, told, known=commit)
    watching.forget()
    await watching.look()

    assert told.all() == [f"commit {commit}"]


async def test_only_the_named_branch_is_watched(work: Work, repository: Repository, told: Told) -> None:
    main = work.commit(a="1")
    work.git("switch", "--quiet", "--create", "next")
    work.commit(a="2")
    await watcher(repository, told, branch="main").look()

    assert told.all() == [f"commit {main}"]


async def test_a_commit_whose_handling_fails_is_tried_once(work: Work, repository: Repository, told: Told) -> None:
    tried = []

    async def fail(commit: str) -> bool:
        tried.append(commit)
        raise RuntimeError

    watching = Watcher(repository, on_commit=fail, on_gone=told.as_("gone"), on_back=told.as_("back"))
    commit = work.commit(a="1")
    with pytest.raises(RuntimeError):
        await watching.look()
    await watching.look()

    assert tried == [commit]


async def test_a_commit_that_cannot_be_handled_now_is_told_again(
    work: Work, repository: Repository, told: Told
) -> None:
    commit = work.commit(a="1")
    watching = Watcher(
        repository,
        on_commit=told.as_("commit", answers=False),
        on_gone=told.as_("gone"),
        on_back=told.as_("back"),
    )
    await watching.look()
    await watching.look()

    assert told.all() == [f"commit {commit}"] * 2


async def test_a_vanished_repository_is_told_once_and_so_is_its_return(
    work: Work, repository: Repository, told: Told
) -> None:
    watching = watcher(repository, told)
    commit = work.commit(a="1")
    await watching.look()
    elsewhere = work.path.rename(work.path.with_name("elsewhere"))
    await watching.look()
    await watching.look()
    elsewhere.rename(work.path)
    await watching.look()
    await watching.look()

    assert told.all() == [f"commit {commit}", f"gone {work.path} is not there", "back"]


async def test_a_repository_without_a_commit_counts_as_gone(work: Work, repository: Repository, told: Told) -> None:
    watching = watcher(repository, told)
    await watching.look()
    commit = work.commit(a="1")
    await watching.look()

    gone, back, told_commit = told.all()
    assert "no commit at HEAD" in gone
    assert (back, told_commit) == ("back", f"commit {commit}")


async def test_a_repository_that_does_not_answer_is_asked_once_and_counts_as_gone(
    work: Work, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_TIMEOUT_S", 0.01)
    may_answer, asked = threading.Event(), []

    class Slow(Repository):
        def head(self, branch: str | None = None) -> str:
            asked.append(branch)
            may_answer.wait(LIMIT_S)
            return "1" * 40

    watching = watcher(Slow(work.path), told)
    await watching.look()
    await watching.look()
    monkeypatch.setattr(module, "ANSWER_TIMEOUT_S", LIMIT_S)
    may_answer.set()
    await watching.look()

    assert asked == [None]
    assert told.all() == [f"gone {work.path} did not answer within 0 s", "back", f"commit {'1' * 40}"]


async def test_it_looks_at_once_and_then_at_its_interval_or_when_hinted(
    work: Work, repository: Repository, told: Told
) -> None:
    for interval_s, hints in ((NEVER_S, True), (0.01, False)):
        commit = work.commit(a=str(interval_s))
        watching = watcher(repository, told, interval_s=interval_s)
        task = asyncio.create_task(watching.run(), name="watch")

        assert await told.next() == f"commit {commit}"
        commit = work.commit(a=f"again {interval_s}")
        if hints:
            watching.hint()
        assert await told.next() == f"commit {commit}"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_second_look_returns_once_the_first_has_been_heard(
    work: Work, repository: Repository, told: Told
) -> None:
    heard = asyncio.Event()

    async def wait_to_hear(_: str) -> bool:
        return await heard.wait()

    work.commit(a="1")
    watching = Watcher(repository, on_commit=wait_to_hear, on_gone=told.as_("gone"), on_back=told.as_("back"))
    first, second = (asyncio.create_task(watching.look(), name=name) for name in ("first look", "second look"))
    done, _ = await asyncio.wait({first, second}, timeout=0.2)

    assert not done
    heard.set()
    await asyncio.wait_for(asyncio.gather(first, second), LIMIT_S)
