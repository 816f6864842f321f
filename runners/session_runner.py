"""What every runner of session hosts does alike: finds a session, follows it, lets people at its terminal, lets it go.

How a session's files and its control socket are reached is a :class:`Place`'s: this machine (``local``), or a host behind SSH
(``ssh/runner``). Nothing is kept here that matters: what a session is, its files and its session host say, so a runner that begins
anew finds everything. See ``port`` for what each method promises.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol

from chainwright.runners import session_files
from chainwright.runners.client import Disconnected, Link, Streams, opening
from chainwright.runners.port import (
    CannotStart,
    EventFound,
    Exited,
    HostUnreachable,
    InputTaken,
    Lost,
    NeverRan,
    NoTerminal,
    Output,
    RunnerError,
    Running,
    SessionStatus,
    SessionSummary,
    StatusChanged,
    StepTold,
    Terminal,
)
from chainwright.runners.session_files import Found
from chainwright.runners.session_folder import SESSION_ID
from chainwright.runners.terminal import EndedTerminal, LiveTerminal
from chainwright.schemas.session import CHILD_JSON, ChildRecord, ExitRecord, SessionSpec, StepOrder

CONNECT_WITHIN_S: Final = 10.0
LEAST_TRIES: Final = 3
"""Where one of them alone may take as long."""
READ_MAX: Final = 1 << 20
_TELL_TRIES: Final = 5
_KEPT_LINKS: Final = 128
_BATCH: Final = 100
_FAILURES: Final[dict[str, type[RunnerError]]] = {"no-terminal": NoTerminal, "cannot-start": CannotStart}

Told = EventFound | StepTold | StatusChanged | Exited | Lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """What a start was answered, and, where the session host itself has answered, the open connection to it.

    ``streams`` belong to whoever asked, who closes them.
    """

    answer: dict[str, Any]
    streams: Streams | None = None


Foreign = tuple[str, str, Found]
"""The name of another daemon's folder, a session's id, and what was found of it."""


class Place(Protocol):
    """Where the session folders are, and how they and the session hosts in them are reached. Ids are known to be ids.

    Everything raises :class:`HostUnreachable` when the place cannot be reached, within a bounded time.
    """

    @property
    def patience_s(self) -> float:
        """How long :meth:`SessionRunner.follow` and terminals try to reach it again by themselves."""

    def pauses(self) -> Iterator[float]:
        """Seconds between tries, without an end."""

    async def start(self, spec: SessionSpec, opening: bytes) -> Started:
        """Have a session host started, or find the one that is there. ``opening`` is what its connection goes on with, if it can."""

    async def streams(self, session_id: str) -> Streams | None:
        """A connection to the control socket; None when nobody listens."""

    async def look(self, session_ids: list[str]) -> list[Found]:
        """What was found in the folder of each, as ``session_folder.look`` says."""

    async def ids(self) -> list[str]:
        """Of every session folder."""

    async def unacknowledged(self) -> list[str]:
        """Of every session folder without ``ack``."""

    async def foreign(self) -> list[Foreign]:
        """What runs of other daemons in the same place."""

    async def read(self, session_id: str, file: str, offset: int, limit: int) -> bytes:
        """As ``session_folder.read``, but a place may give no more than :data:`READ_MAX` bytes at once; raises :class:`RunnerError`
        for what cannot be read."""

    async def acknowledge(self, session_id: str) -> None:
        """As ``session_folder.acknowledge``."""

    async def end_remains(self, session_id: str) -> None:
        """As ``session_folder.end_remains``."""

    async def remove(self, session_id: str) -> bool:
        """As ``session_folder.remove``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """The connection over which a session was started: its session host was asked, as its owner, for all events."""

    streams: Streams
    token: str
    epoch: int

    def suits(self, *, token: str, epoch: int, events_from: int) -> bool:
        return (self.token, self.epoch, 0) == (token, epoch, events_from)


class Patience:
    """How much longer a place is tried that cannot be reached. Whatever comes from it makes it whole again."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.renew()

    def renew(self) -> None:
        """The place has answered."""
        self._until: float | None = None
        self._pauses = self._place.pauses()

    async def wait(self, problem: HostUnreachable) -> None:
        """Return when it is time to try again; raises ``problem`` when it was tried long enough."""
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + self._place.patience_s
        if now >= self._until or not self._place.patience_s:  # whoever left the place meanwhile waits no longer
            raise problem
        await asyncio.sleep(next(self._pauses))


class SessionRunner:
    """The sessions of one place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._ended: OrderedDict[str, Link] = OrderedDict()

    async def close(self) -> None:
        """Leave every session."""
        while self._begun:
            self._begun.popitem()[1].streams[1].close()
        while self._ended:
            await self._ended.popitem()[1].close()

    async def start(self, spec: SessionSpec) -> ChildRecord:
        """See the port."""
        wish = opening(token=spec.token, epoch=spec.epoch, role="owner", events_from=0)
        started = await self._place.start(_checked(spec), wish)
        answer = started.answer
        if not answer["ok"]:
            raise _FAILURES.get(answer["kind"], RunnerError)(answer["detail"])
        if started.streams is not None:
            self._keep_begun(spec.id, _Begun(streams=started.streams, token=spec.token, epoch=spec.epoch))
        return CHILD_JSON.validate_python(answer["child"])

    def _keep_begun(self, session_id: str, begun: _Begun) -> None:
        """Hold on to the connection: :meth:`follow` comes next, and saves a second one."""
        self._drop_begun(session_id)
        self._begun[session_id] = begun
        while len(self._begun) > _KEPT_LINKS:
            self._begun.popitem(last=False)[1].streams[1].close()

    def _drop_begun(self, session_id: str) -> None:
        if (begun := self._begun.pop(session_id, None)) is not None:
            begun.streams[1].close()

    async def poll(self, session_id: str) -> SessionStatus:
        """See the port. What is no session's id never ran."""
        if not SESSION_ID.match(session_id):
            return NeverRan()
        return session_files.status(session_id, await self._look(session_id))

    async def _look(self, session_id: str) -> Found:
        if not SESSION_ID.match(session_id):
            raise RunnerError(f"{session_id!r} is no session's id")
        return (await self._place.look([session_id]))[0]

    async def _child(self, session_id: str) -> ChildRecord | None:
        return session_files.child(session_id, await self._look(session_id))

    # following

    async def follow(self, session_id: str, *, token: str, epoch: int, events_from: int) -> AsyncIterator[Told]:
        """See the port."""
        patience = Patience(self._place)
        while True:
            try:
                link = await self._owning(session_id, token=token, epoch=epoch, events_from=events_from)
                life = self._left_behind(session_id, events_from) if link is None else self._told(link, session_id)
                async with aclosing(life):
                    async for told in life:
                        patience.renew()
                        if isinstance(told, EventFound):
                            events_from = told.offset
                        yield told
                        if isinstance(told, Exited | Lost):
                            return
            except Disconnected:
                continue  # its files know why
            except HostUnreachable as problem:
                await patience.wait(problem)

    async def _owning(self, session_id: str, *, token: str, epoch: int, events_from: int) -> Link | None:
        """The connection that :meth:`start` has left, if it does, else a new one."""
        begun = self._begun.get(session_id)
        if begun is not None and begun.suits(token=token, epoch=epoch, events_from=events_from):
            del self._begun[session_id]
            with suppress(Disconnected):
                return await Link.greeted(begun.streams, epoch=epoch)
        self._drop_begun(session_id)
        return await self._connected(session_id, token=token, epoch=epoch, role="owner", events_from=events_from)

    async def _told(self, link: Link, session_id: str) -> AsyncGenerator[Told, None]:
        """Of a session whose host answers; the link is kept or closed here."""
        try:
            async with aclosing(link.frames()) as frames:
                async for frame in frames:
                    if isinstance(frame, ExitRecord):
                        end = await self.poll(session_id)
                        if not isinstance(end, Exited | Lost):
                            raise HostUnreachable(f"session {session_id} has ended, and its files do not say so: {end}")
                        await self._keep(session_id, link)
                        yield end
                    elif not isinstance(frame, Output | InputTaken):
                        yield frame
        finally:
            if self._ended.get(session_id) is not link:
                await link.close()

    async def _left_behind(self, session_id: str, events_from: int) -> AsyncGenerator[Told, None]:
        """Of a session that has ended, from its files."""
        end = await self.poll(session_id)
        if not isinstance(end, Exited | Lost):
            raise HostUnreachable(f"session {session_id} has no end: {end}")
        async for event in session_files.events(self._reading(session_id, "events.log"), events_from):
            yield event
        for step in await session_files.steps(self._reading(session_id, "steps.log")):
            yield step
        yield end

    def _reading(self, session_id: str, file: str) -> session_files.ReadFrom:
        return lambda offset: self.read(session_id, file, offset=offset)

    async def _keep(self, session_id: str, link: Link) -> None:
        """Hold on to the connection of an ended session: :meth:`forget` comes next, and saves a second one."""
        if (before := self._ended.pop(session_id, None)) is not None:
            await before.close()
        self._ended[session_id] = link
        while len(self._ended) > _KEPT_LINKS:
            await self._ended.popitem(last=False)[1].close()

    # terminals

    async def attach(
        self, session_id: str, *, token: str, epoch: int, role: Literal["viewer", "typist"], offset: int
    ) -> Terminal:
        """See the port."""

        async def opened(at: int) -> Link | EndedTerminal:
            link = await self._connected(session_id, token=token, epoch=epoch, role=role, output_from=at)
            return link or await self._ended_terminal(session_id, at)

        terminal = await opened(offset)
        if isinstance(terminal, EndedTerminal):
            return terminal
        return LiveTerminal(
            terminal,
            child=await self._child(session_id),
            may_act=role == "typist",
            offset=offset,
            opened_again=opened if self._place.patience_s else None,
            patience=Patience(self._place),
        )

    async def _ended_terminal(self, session_id: str, offset: int) -> EndedTerminal:
        end = await self.poll(session_id)
        if not isinstance(end, Exited):
            raise RunnerError(f"session {session_id} has no terminal: {end}")
        return EndedTerminal(self._reading(session_id, "out.log"), end, offset)

    # acting

    async def stop(self, session_id: str, *, token: str, epoch: int, grace_s: float) -> None:
        """See the port. What a killed session host has left of its agent is killed at once: nobody could wait for it."""
        if not await self._tell(session_id, token, epoch, lambda link: link.stop(grace_s)):
            await self._place.end_remains(session_id)

    async def run_step(self, session_id: str, *, token: str, epoch: int, step: StepOrder) -> None:
        """See the port."""
        await self._tell(session_id, token, epoch, lambda link: link.run_step(step))

    async def stop_step(self, session_id: str, *, token: str, epoch: int, n: int, grace_s: float) -> None:
        """See the port."""
        await self._tell(session_id, token, epoch, lambda link: link.stop_step(n, grace_s))

    async def end_steps(self, session_id: str, *, token: str, epoch: int, code: int) -> None:
        """See the port."""
        await self._tell(session_id, token, epoch, lambda link: link.end_steps(code))

    async def _tell(self, session_id: str, token: str, epoch: int, tell: Callable[[Link], Awaitable[None]]) -> bool:
        """Whether the session was told; one that has ended is told nothing. Told twice is harmless, and happens when the
        connection goes before the answer."""
        for _ in range(_TELL_TRIES):
            link = await self._connected(session_id, token=token, epoch=epoch, role="owner")
            if link is None:
                return False
            try:
                await tell(link)
            except Disconnected:
                continue  # ended over it, or only the connection did
            finally:
                await link.close()
            return True
        raise HostUnreachable(f"the connections to the session host of {session_id} end before it answers")

    async def forget(self, session_id: str, *, token: str, epoch: int) -> None:
        """See the port."""
        self._drop_begun(session_id)
        kept = self._ended.pop(session_id, None)
        if kept is None or not await self._is_forgotten_by(kept):
            link = await self._connected(session_id, token=token, epoch=epoch, role="owner")
            if link is not None:
                await self._is_forgotten_by(link)
        await self._place.acknowledge(session_id)

    @staticmethod
    async def _is_forgotten_by(link: Link) -> bool:
        """False when it has just gone by itself, or the connection has."""
        try:
            await link.forget()
        except Disconnected:
            return False
        finally:
            await link.close()
        return True

    # files

    async def read(self, session_id: str, file: str, *, offset: int = 0, limit: int = 1 << 20) -> bytes:
        """See the port."""
        if not SESSION_ID.match(session_id):
            raise RunnerError(f"{session_id!r} is no session's id")
        piece = found = await self._place.read(session_id, file, offset, limit)
        while len(piece) == READ_MAX and len(found) < limit:
            piece = await self._place.read(session_id, file, offset + len(found), limit - len(found))
            found += piece
        return found

    async def remove(self, session_id: str) -> None:
        """See the port."""
        if not SESSION_ID.match(session_id) or not await self._place.remove(session_id):
            raise RunnerError(f"session {session_id} is not both ended and acknowledged: its folder stays")

    async def unacknowledged(self) -> list[str]:
        """See the port."""
        return await self._place.unacknowledged()

    async def sessions(self) -> list[SessionSummary]:
        """See the port."""
        found: list[SessionSummary] = []
        ids = await self._place.ids()
        for at in range(0, len(ids), _BATCH):
            batch = ids[at : at + _BATCH]
            looked = zip(batch, await self._place.look(batch), strict=True)
            found += [each for session_id, seen in looked if (each := session_files.summary(session_id, seen))]
        for daemon, session_id, seen in await self._place.foreign():
            if each := session_files.summary(session_id, seen):
                found.append(replace(each, daemon=daemon))
        return found

    # connecting

    async def _connected(
        self,
        session_id: str,
        *,
        token: str,
        epoch: int,
        role: str,
        events_from: int | None = None,
        output_from: int | None = None,
    ) -> Link | None:
        """A link to the session's host; None when the files say that there is none. A host that is just coming up or going
        down is waited for."""
        if not SESSION_ID.match(session_id):
            raise RunnerError(f"{session_id!r} is no session's id")
        deadline = asyncio.get_running_loop().time() + CONNECT_WITHIN_S
        for tries, pause in enumerate(self._place.pauses(), 1):
            with suppress(Disconnected):
                if streams := await self._place.streams(session_id):
                    return await Link.open(
                        streams, token=token, epoch=epoch, role=role, events_from=events_from, output_from=output_from
                    )
            if not await self._may_answer(session_id):
                return None
            if tries >= LEAST_TRIES and asyncio.get_running_loop().time() >= deadline:
                break
            await asyncio.sleep(pause)
        raise HostUnreachable(f"the session host of {session_id} lives, and does not answer")

    async def _may_answer(self, session_id: str) -> bool:
        found = await self.poll(session_id)
        if isinstance(found, NeverRan):
            raise RunnerError(f"session {session_id} never ran")
        return isinstance(found, Running)


def _checked(spec: SessionSpec) -> SessionSpec:
    if not SESSION_ID.match(spec.id):
        raise RunnerError(f"{spec.id!r} is no session's id")
    return spec
