"""The one reconciler: every source is followed, whatever its kind, and what it wants is a commit in force.

Owns the repositories, and a named task for each environment that is watched. Sources may join while it runs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from chainwright.daemon.audience import Audience
from chainwright.daemon.config import Home
from chainwright.daemon.configured_sources import hosted_source
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.crash_points import reach
from chainwright.daemon.deployments import Deployments
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.following import Following
from chainwright.daemon.following_ground import Ground
from chainwright.daemon.ref_following import RefFollowing
from chainwright.daemon.request_following import RequestFollowing
from chainwright.daemon.sources.deployment import Load
from chainwright.daemon.sources.fetched import Fetched
from chainwright.daemon.sources.hosted import Hosted, is_name
from chainwright.daemon.sources.plan import Lint
from chainwright.daemon.sources.push import Judge, Push, Verdict, branches
from chainwright.daemon.sources.repository import Quarantine, Repository
from chainwright.daemon.sources.source import Environment, Kind, Source
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import AcceptedPush, RefusedPush, Store

REFUSAL_LINES: Final = 20
"""Of what the pusher reads, that are kept."""
PUSH_TIMEOUT_S: Final = 110.0
"""For the verdict on a push; the hook waits a little longer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every deployment needs."""

    store: Store
    organization: str
    load: Load
    lint: Lint
    """What the plans of pushes read trees with."""
    clock: Clock
    home: Home
    deployed: Callable[[Deployments], Awaitable[None]]
    """Told when something else is in force."""
    told: Callable[[], None] = lambda: None
    """Called when something that chains have to be told has been recorded."""
    jitter: Callable[[], float] = lambda: 1.0
    """What pauses between fetches are multiplied by, so that many daemons do not ask a forge at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A source with everything that follows it."""

    source: Source
    repository: Repository
    environments: tuple[Following, ...]
    refs: RefFollowing
    requests: RequestFollowing
    fetched: Fetched | None = None
    """Of a mirror."""

    async def told_of_fetch(self) -> None:
        """Have every environment know how the newest fetch went, and look at what it brought.

        Only then are the refs of a mirror looked at: in the middle of a fetch some have moved and others have not.
        """
        assert self.fetched is not None
        for one in self.environments:
            one.deployments.stale = self.fetched.problem
            await one.look()
        if not self.fetched.problem:
            await self.refs.look()

    @property
    def deployments(self) -> list[Deployments]:
        """Of each environment, in their order."""
        return [one.deployments for one in self.environments]


class Reconciler:
    """Follows sources from ``start`` until ``close``."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._followed: dict[str, Followed] = {}
        self._is_started = False
        self._tasks: list[asyncio.Task[None]] = []
        self._died: asyncio.Future[asyncio.Task[None]] = asyncio.get_running_loop().create_future()

    @property
    def organization(self) -> str:
        """Whose repositories they are."""
        return self._setting.organization

    @property
    def followed(self) -> Mapping[str, Followed]:
        """By the name of the repository, in the order in which they joined."""
        return self._followed

    def deployments(self) -> Iterable[list[Deployments]]:
        """Of each repository, in the order of its environments."""
        return [one.deployments for one in self._followed.values()]

    def repositories(self) -> list[Repository]:
        """All of them, for whoever reads objects."""
        return [one.repository for one in self._followed.values()]

    async def open(self, sources: Iterable[Source]) -> None:
        """Know these sources, with what was in force when they were followed last. Raises as :meth:`add` does."""
        for source in sources:
            await self._know(source)

    async def start(self) -> None:
        """Follow them from now on: returns when what they hold is in force or refused."""
        self._is_started = True
        for one in self._followed.values():
            await self._start(one)

    async def add(self, source: Source) -> None:
        """One more source, while the others are followed. Raises SourceError for a hosted one that cannot be made."""
        followed = await self._know(source)
        if self._is_started:
            await self._start(followed)

    async def _know(self, source: Source) -> Followed:
        if source.name in self._followed:
            raise SourceError(f"two repositories are called {source.name}: give one of them another name")
        if source.kind is Kind.HOSTED:
            await asyncio.to_thread(Hosted(source=source, socket=self._setting.home.socket).make_ready)
        fetched = Fetched(source, self._setting.jitter) if source.kind is Kind.MIRROR else None
        if fetched is not None:
            await asyncio.to_thread(fetched.make_ready)
        repository = Repository(source.path, signers=source.signers)
        environments = tuple(self._following(source, one, repository) for one in source.environments)
        setting = self._setting
        ground = Ground(
            repository=repository,
            audience=Audience(environments, setting.organization, setting.clock),
            store=setting.store,
            clock=setting.clock,
            told=setting.told,
        )
        known = Followed(
            source=source,
            repository=repository,
            environments=environments,
            refs=RefFollowing(source, ground),
            requests=RequestFollowing(source.name, ground),
            fetched=fetched,
        )
        self._followed[source.name] = known
        for one in known.deployments:
            await one.open()
        return known

    async def _start(self, followed: Followed) -> None:
        for one in followed.environments:
            await one.start()
            self._own(one.run(), f"watcher of {followed.source.name}/{one.environment.name}")
        if followed.fetched is not None:
            self._own(followed.fetched.run(followed.told_of_fetch), f"fetches of {followed.source.name}")
        else:
            await followed.refs.look()
            self._own(followed.refs.run(), f"refs of {followed.source.name}")

    def _own(self, work: Coroutine[Any, Any, None], name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))
        self._tasks[-1].add_done_callback(self._ended)

    def _following(self, source: Source, environment: Environment, repository: Repository) -> Following:
        setting = self._setting
        deployments = Deployments(
            setting.store,
            repository,
            name=source.name,
            organization=setting.organization,
            environment=environment.name,
            folder=environment.folder,
            branch=environment.branch,
            load=setting.load,
            clock=setting.clock,
            deployed=setting.deployed,
        )
        return Following(source, environment, repository, deployments)

    async def died(self) -> asyncio.Task[None]:
        """The first of our tasks that ended by itself, once one has."""
        return await asyncio.shield(self._died)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and not self._died.done():
            self._died.set_result(task)

    async def close(self) -> None:
        """Follow nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for one in self._followed.values():
            await asyncio.to_thread(one.repository.close)

    # what is asked

    async def look(self, repository: str | None = None) -> None:
        """Compare branches with what is in force, now, mirrors fetched first; of one repository, or of all. Raises Refusal for a name of none."""
        chosen = self._followed.values() if repository is None else [self.of(repository)]
        for one in chosen:
            if one.fetched is not None:
                await one.fetched.fetch()
                await one.told_of_fetch()
            for environment in one.environments:
                await environment.look_again()
            if one.fetched is None:
                await one.refs.look()

    def hint(self, repository: str) -> None:
        """Fetch a mirror soon, because somebody says that there is something new. Raises Refusal for what is none."""
        fetched = self.of(repository).fetched
        if fetched is None:
            raise Refusal(
                Code.CONFLICT, f'"{repository}" is not fetched from elsewhere', "pushes to it are seen anyway"
            )
        fetched.hint()

    async def moves(self, repository: str | None, limit: int, before: int | None) -> list[dict[str, Any]]:
        """What has moved in one repository, or in all, newest first: MoveViews. Raises Refusal for a name of none."""
        if repository is not None:
            self.of(repository)
        return await self._setting.store.moves(repository, limit, before)

    async def host(self, name: str) -> Source:
        """The hosted repository with this name, made if there is none. Raises Refusal."""
        if not is_name(name):
            raise Refusal(Code.INVALID_INPUT, f"{name!r} cannot name a repository", "letters, digits, and . _ - within")
        if name not in self._followed:
            try:
                await self.add(hosted_source(self._setting.home, name))
            except SourceError as error:
                raise Refusal(Code.UNAVAILABLE, f"{name} cannot be made", str(error)) from error
        if (source := self.of(name).source).kind is not Kind.HOSTED:
            raise Refusal(Code.CONFLICT, f"there is a {source.kind} repository {name} already", "choose another name")
        return source

    async def judge(self, repository: str, push: Push, quarantine: Quarantine | None, actor: str) -> Verdict:
        """The verdict on a push to a hosted repository, before any ref has moved; who pushed is on record then. Raises Refusal."""
        followed = self.of(repository)
        if followed.source.kind is not Kind.HOSTED:
            raise Refusal(Code.CONFLICT, f'"{repository}" is not hosted here', "push to where it comes from")
        judging = asyncio.to_thread(self._judged, followed, push, _inside(followed.source.path, quarantine))
        try:
            async with asyncio.timeout(PUSH_TIMEOUT_S):
                verdict = await judging
        except SourceError as error:
            raise Refusal(Code.UNAVAILABLE, "the push cannot be read", str(error)) from error
        except TimeoutError:
            raise Refusal(
                Code.UNAVAILABLE, f"no verdict on the push within {PUSH_TIMEOUT_S:g} s", "push again"
            ) from None
        reach("push.before-verdict")
        with recording():
            if verdict.accepted:
                await self._record(followed, push, actor)
            elif not push.is_plan_only:
                await self._record_refusal(followed, push, actor, verdict)
        reach("push.after-record")
        return verdict

    async def _record(self, followed: Followed, push: Push, actor: str) -> None:
        for commit in {update.new for update in push.updates if not update.deletes}:
            accepted = AcceptedPush(
                repository=followed.source.name,
                commit=commit,
                actor=actor,
                message=push.message,
                pushed_at=self._setting.clock(),
            )
            await self._setting.store.record_push(accepted)

    async def _record_refusal(self, followed: Followed, push: Push, actor: str, verdict: Verdict) -> None:
        refused = RefusedPush(
            repository=followed.source.name,
            updates=[(one.ref, one.old, one.new) for one in push.updates],
            actor=actor,
            at=self._setting.clock(),
            lines=verdict.lines[:REFUSAL_LINES],
        )
        await self._setting.store.refuse_push(refused)

    def mover(self, target: Deployments, origin: Deployments) -> Callable[[str], None] | None:
        """Has the target's branch lead to a commit, where that is ours to move: in a hosted repository, unless it is the origin's."""
        followed = self.of(target.name)
        branch, other = (_branch(followed, one) for one in (target, origin))
        if followed.source.kind is not Kind.HOSTED or branch is None or branch == other:
            return None
        return partial(followed.repository.forward, branch)

    def of(self, repository: str) -> Followed:
        """The repository with this name. Raises Refusal."""
        if repository not in self._followed:
            known = ", ".join(self._followed) or "none"
            raise Refusal(Code.NOT_FOUND, f'there is no repository "{repository}"', f"there are: {known}")
        return self._followed[repository]

    def _judged(self, followed: Followed, push: Push, quarantine: Quarantine | None) -> Verdict:
        repository = Repository(followed.source.path, quarantine, followed.source.signers, beside=followed.repository)
        try:
            judge = Judge(
                repository=repository,
                deployed=branches(followed.source.environments, repository),
                load=self._setting.load,
                now=self._setting.clock(),
                lint=self._setting.lint,
            )
            return judge.verdict(push)
        finally:
            repository.close()


def _inside(path: Path, quarantine: Quarantine | None) -> Quarantine | None:
    """The quarantine, if it belongs to this repository: nobody has us read objects from elsewhere."""
    objects = (path / "objects").resolve()
    if quarantine is None:
        return None
    folders = (quarantine.objects, *quarantine.alternates)
    if not all(folder.resolve() == objects or objects in folder.resolve().parents for folder in folders):
        raise Refusal(Code.INVALID_INPUT, "the quarantine is not this repository's", f"it must be below {objects}")
    return quarantine


def _branch(followed: Followed, deployments: Deployments) -> str | None:
    return next(one.environment.branch for one in followed.environments if one.deployments is deployments)
