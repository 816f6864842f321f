"""Change requests of hosted repositories, from the push that opens one to the merge that deploys it.

Each step is durable before git sees any of it, and what a death parts is joined at the next start: heads that no ref keeps, merges of
which nobody knows whether the branch has them. One step is taken at a time, so a decision is never about an old picture.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import structlog

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.change_requests import (
    ChangeRequest,
    ChangeState,
    Entry,
    Outlook,
    Step,
    answer,
    check,
    entry,
    hindrances,
)
from chainwright.daemon.core.ref_moves import PullRequest
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.crash_points import reach
from chainwright.daemon.engine.ports import Clock
from chainwright.daemon.engine.recording import recording
from chainwright.daemon.reconciler import Followed, Reconciler
from chainwright.daemon.request_following import Request
from chainwright.daemon.sources import review
from chainwright.daemon.sources.deployment import Load, Refused, compiled
from chainwright.daemon.sources.push import Push, branches
from chainwright.daemon.sources.repository import Repository, UnknownRef
from chainwright.daemon.sources.source import Environment, Kind
from chainwright.daemon.sources.trees import SourceError
from chainwright.daemon.store.port import AcceptedPush, Store

READ_TIMEOUT_S: Final = 55.0
"""For reading both sides of a change; the command line waits a little longer."""

T = TypeVar("T")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a push to refs/for/… led to."""

    change: ChangeRequest
    is_new: bool


class ChangeRequests:
    """All that are or were. Every method that changes one raises Refusal, and has changed nothing then."""

    def __init__(self, store: Store, reconciler: Reconciler, load: Load, clock: Clock) -> None:
        self._store = store
        self._reconciler = reconciler
        self._load = load
        self._clock = clock
        self._changing = asyncio.Lock()

    async def open(self) -> None:
        """Join what a death has parted. Before the reconciler starts: what is merged is then deployed at once."""
        for change in await self._store.unsettled_changes():
            try:
                followed = self._hosted(change.repository)
                await asyncio.to_thread(review.keep_head, followed.source.path, change.number, change.head)
                merged = await self._finish(followed, change) if change.state is ChangeState.MERGING else change
                await self._tell(followed, merged)
            except (Refusal, SourceError) as error:
                log.error("cannot go on with a change", action="change.stuck", change=change.number, error=str(error))
        for followed in self._reconciler.followed.values():
            if followed.source.kind is Kind.HOSTED:
                await self._tell_of_ended(followed)

    # what is asked

    async def one(self, actor: Actor, number: int) -> ChangeRequest:
        """Raises Refusal when there is none."""
        found = await self._store.change(actor.organization, number)
        if found is None:
            raise Refusal(Code.NOT_FOUND, f"there is no change {number}", "chainwright changes lists them")
        return found

    async def outlook(self, change: ChangeRequest) -> Outlook:
        """What its merge would do now; nothing of one that is settled. Raises Refusal."""
        if change.state is not ChangeState.OPEN:
            return Outlook()
        return await self._read(
            self._hosted(change.repository), lambda reading: reading.outlook(change.head, change.branch)
        )

    async def diff(self, change: ChangeRequest) -> str:
        """What it brings, as a patch. Raises Refusal."""
        merge = change.merge if change.state is ChangeState.MERGED else None
        base = merge.onto if merge else f"refs/heads/{change.branch}"
        followed = self._hosted(change.repository)
        return await self._read(followed, lambda reading: review.diff(reading.repository, base, change.head))

    # what is done

    async def pushed(self, actor: Actor, repository: str, ref: str, head: str, push: Push) -> Opened:
        """A change request with this head: the one that the push names, the author's own for that branch, or a new one."""
        followed = self._hosted(repository)
        branch = review.wanted_branch(ref)
        await self._read(followed, lambda reading: _require_commit(reading.repository, head))
        async with self._changing:
            known = await self._meant(actor, followed, branch, head, push.change)
            change = await self._new(actor, followed, branch, head, push) if known is None else known
            check(change, Step.PUSHED)
            if change.head != head:
                follows = replace(entry(change, Step.PUSHED, actor, self._clock(), text=push.message), head=head)
                change = await self._record(change, follows)
            reach("change.recorded")
            await self._read(followed, lambda _: review.keep_head(followed.source.path, change.number, head))
            await self._tell(followed, change)
            return Opened(change=change, is_new=known is None)

    async def comment(self, actor: Actor, number: int, text: str) -> ChangeRequest:
        """Say something about it."""
        return await self._happen(actor, number, Step.COMMENTED, text)

    async def close(self, actor: Actor, number: int, text: str) -> ChangeRequest:
        """Give it up."""
        change = await self._happen(actor, number, Step.CLOSED, text)
        reach("change.ended")
        await self._tell(self._hosted(change.repository), change)
        return change

    async def answer(self, actor: Actor, number: int, *, agrees: bool, head: str | None, text: str) -> ChangeRequest:
        """Approve or reject its head as it is."""
        async with self._changing:
            change = await self.one(actor, number)
            said = answer(change, actor, agrees=agrees, head=head, text=text, at=self._clock())
            return await self._record(change, said)

    async def merge(self, actor: Actor, number: int, message: str) -> ChangeRequest:
        """Have its branch lead to it, and deploy that. Returns when what the branch holds is in force or refused."""
        async with self._changing:
            change = await self.one(actor, number)
            check(change, Step.MERGE_BEGUN)
            followed = self._hosted(change.repository)
            text = message or f"Merge change {number}: {change.title}"
            begun = await self._read(followed, lambda reading: reading.prepared(change, text, actor))
            await self._attribute(followed, begun, actor, text)
            change = await self._record(change, replace(begun, at=self._clock()))
            reach("merge.begun")
            change = await self._finish(followed, change)
        reach("merge.recorded")
        await self._reconciler.look(followed.source.name)
        await self._tell(followed, change)
        return change

    # within

    async def _tell(self, followed: Followed, change: ChangeRequest) -> None:
        """Have chains know how it is now; what cannot be read is told by the next daemon."""
        is_open = change.state in _UNDECIDED
        about = PullRequest(
            number=change.number,
            base=change.branch,
            title=change.title,
            is_merged=change.state is ChangeState.MERGED,
        )
        head, actor = change.head if is_open else None, change.entries[-1].actor
        try:
            ref = review.head_ref(change.number)
            await followed.requests.is_now(Request(about=about, ref=ref, head=head, actor=actor))
        except SourceError as error:
            log.warning("chains were not told", action="change.untold", change=change.number, error=str(error))

    async def _tell_of_ended(self, followed: Followed) -> None:
        """Of changes that ended just before a daemon died."""
        for ref, head in (await followed.requests.known() or {}).items():
            if head is not None:
                change = await self._store.change(self._reconciler.organization, review.number_of(ref))
                if change is not None:
                    await self._tell(followed, change)

    def _hosted(self, repository: str) -> Followed:
        followed = self._reconciler.of(repository)
        if followed.source.kind is not Kind.HOSTED:
            raise Refusal(Code.CONFLICT, f'"{repository}" is not hosted here', "its changes are reviewed where it is")
        return followed

    async def _meant(self, actor: Actor, followed: Followed, branch: str, head: str, told: str) -> ChangeRequest | None:
        if told.isdecimal():
            return _of(await self.one(actor, int(told)), followed.source.name, branch)
        rows = await self._store.changes(
            actor.organization, repository=followed.source.name, states=(ChangeState.OPEN,), limit=_MOST, before=None
        )
        own = [row for row in rows if (row["author"], row["branch"]) == (actor.name, branch)]
        same = [row for row in own if row["head"] == head]  # the same push again, by somebody who was told nothing
        if told == "new" or same:
            own = same
        if len(own) > 1:
            numbers = ", ".join(str(row["number"]) for row in own)
            hint = "say which: git push -o change=N, or change=new for another one"
            raise Refusal(Code.AMBIGUOUS, f"{actor.name} has several changes for {branch}: {numbers}", hint)
        return await self.one(actor, own[0]["number"]) if own else None

    async def _new(self, actor: Actor, followed: Followed, branch: str, head: str, push: Push) -> ChangeRequest:
        title = push.message or await self._read(followed, lambda reading: review.subject(reading.repository, head))
        opened = Entry(at=self._clock(), step=Step.OPENED, actor=actor.name, is_owner=actor.is_owner, head=head)
        change = ChangeRequest(
            number=0,
            organization=actor.organization,
            repository=followed.source.name,
            branch=branch,
            title=title[:_TITLE] or head[:12],
            entries=(opened,),
        )
        with recording():
            number = await self._store.open_change(change)
        log.info("a change was opened", action="change.opened", change=number, actor=actor.name, head=head)
        return replace(change, number=number)

    async def _happen(self, actor: Actor, number: int, step: Step, text: str) -> ChangeRequest:
        async with self._changing:
            change = await self.one(actor, number)
            return await self._record(change, entry(change, step, actor, self._clock(), text=text))

    async def _record(self, change: ChangeRequest, happened: Entry) -> ChangeRequest:
        now = replace(change, entries=(*change.entries, happened))
        with recording():
            await self._store.record_change(now)
        told = {"change": change.number, "actor": happened.actor, "head": happened.head}
        log.info("a change moved on", action=f"change.{happened.step}", **told)
        return now

    async def _attribute(self, followed: Followed, begun: Entry, actor: Actor, message: str) -> None:
        """Who merged is who put its commit in force."""
        pushed = AcceptedPush(
            repository=followed.source.name,
            commit=begun.commit,
            actor=actor.name,
            message=message,
            pushed_at=self._clock(),
        )
        with recording():
            await self._store.record_push(pushed)

    async def _finish(self, followed: Followed, change: ChangeRequest) -> ChangeRequest:
        """Move the branch of a merge that was begun, unless it has it already. Also for the merges that a death left behind."""
        begun = change.merge
        assert begun is not None
        ended = replace(begun, at=self._clock(), step=Step.MERGED)
        try:
            await self._move(followed, change.branch, begun)
        except SourceError as error:
            await self._record(change, replace(ended, step=Step.MERGE_FAILED, text=str(error)))
            hint = f"merge it again; git says: {error}"
            raise Refusal(Code.CONFLICT, f"{change.branch} could not be moved", hint) from error
        reach("merge.moved")
        return await self._record(change, ended)

    async def _move(self, followed: Followed, branch: str, begun: Entry) -> None:
        await asyncio.to_thread(review.move, followed.repository, branch, begun.onto, begun.commit)

    async def _read(self, followed: Followed, question: "Callable[[_Reading], T]") -> T:
        """Ask git in a thread, on a repository of its own: others read meanwhile. Raises Refusal."""
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                return await asyncio.to_thread(self._asked, followed, question)
        except TimeoutError:
            raise Refusal(
                Code.UNAVAILABLE, f"the change was not read within {READ_TIMEOUT_S:g} s", "ask again"
            ) from None

    def _asked(self, followed: Followed, question: "Callable[[_Reading], T]") -> T:
        repository = Repository(followed.source.path, signers=followed.source.signers)
        try:
            return question(_Reading(followed, repository, self._load, self._clock()))
        except SourceError as error:
            raise Refusal(Code.UNAVAILABLE, "the change cannot be read", str(error)) from error
        finally:
            repository.close()


def _require_commit(repository: Repository, head: str) -> None:
    try:
        repository.resolve(head)
    except UnknownRef as error:
        raise Refusal(Code.NOT_FOUND, "the repository has no such commit", str(error)) from None


_UNDECIDED: Final = frozenset({ChangeState.OPEN, ChangeState.MERGING})
_MOST: Final = 1000
_TITLE: Final = 200


def _of(change: ChangeRequest, repository: str, branch: str) -> ChangeRequest:
    if (change.repository, change.branch) != (repository, branch):
        where = f"refs/for/{change.branch} of {change.repository}"
        raise Refusal(Code.CONFLICT, f"change {change.number} is for another branch", f"push it to {where}")
    return change


@dataclass(frozen=True, slots=True)
class _Reading:
    """Blocking questions about both sides of a change."""

    followed: Followed
    repository: Repository
    load: Load
    now: float

    def target(self, branch: str) -> review.Target:
        return review.Target(branch=branch, environments=self.environments(branch), now=self.now)

    def environments(self, branch: str) -> tuple[Environment, ...]:
        return branches(self.followed.source.environments, self.repository).get(f"refs/heads/{branch}", ())

    def outlook(self, head: str, branch: str) -> Outlook:
        return review.outlook(self.repository, head, self.target(branch))

    def prepared(self, change: ChangeRequest, message: str, actor: Actor) -> Entry:
        """The beginning of its merge. Raises Refusal for everything that stands in its way."""
        _require_free(change, self.outlook(change.head, change.branch))
        tip = self.repository.head(change.branch)
        commit = review.merged(self.repository, tip, change.head, message=message, who=actor.name)
        if commit != change.head:  # what the two are together may do what neither did
            plans = review.plans_of(self.repository, tip, commit, self.target(change.branch))
            _require_free(change, Outlook(plans=plans))
        self._require_loadable(change, commit)
        begun = entry(change, Step.MERGE_BEGUN, actor, self.now, text=message)
        return replace(begun, commit=commit, onto=tip)

    def _require_loadable(self, change: ChangeRequest, commit: str) -> None:
        for one in self.environments(change.branch):
            made = compiled(self.repository, commit, self.load, folder=one.folder)
            if isinstance(made, Refused):
                title = f"change {change.number} does not load in {one.name} together with what {change.branch} has"
                raise Refusal(Code.INVALID_DEFINITION, title, "\n".join(made.diagnostics))


def _require_free(change: ChangeRequest, outlook: Outlook) -> None:
    if found := hindrances(change, outlook):
        raise Refusal(Code.CONFLICT, f"change {change.number} cannot be merged", "\n".join(found))
