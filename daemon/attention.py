"""Looks whether agents wait for people: by their terminals, when these have become quiet.

Every :data:`LOOK_S` the output that is new is read from each running session, as any reader of its log would: the agent is never held up,
and an agent that writes without end is skipped over. What a screen means is ``core.attention``'s, how it looks ``runners.screen``'s.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog

from chainwright.daemon.core.attention import IDLE_S, QUIET_S, Signs, cause_of, excerpt_of, is_cleared_by_output
from chainwright.daemon.core.facts import AttentionCleared, AttentionRaised
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.core.states import State
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.log_sizes import size_of
from chainwright.daemon.engine.ports import World
from chainwright.runners.port import HostUnreachable, Runner, RunnerError
from chainwright.runners.screen import TAIL_BYTES, Drawn, drawn, rings, title_in
from chainwright.schemas.session import COLS, ROWS

LOOK_S: Final = 1.0
READ_BYTES: Final = 64 << 10
BELL_BYTES: Final = 256
"""Of what was there before the first look: a bell further up was heard, or not, long ago."""
LOG: Final = "out.log"
READ_WITHIN_S: Final = 5.0
MOST_RAISED: Final = 50
"""Times that one attempt is told of: one that rings for every line is told of no more."""

Size = Callable[[str], tuple[int, int]]

log = structlog.get_logger()


@dataclass(slots=True)
class _Seen:
    """A terminal as it was looked at last."""

    offset: int
    tail: bytes
    quiet_since: float
    bell: bool = False
    title: str = ""
    screen: Drawn | None = None
    """What it shows, drawn once it was quiet."""
    is_judged: bool = False
    """Whether nothing new can be said of it before there is more output."""
    raised: int = 0

    def take(self, data: bytes, now: float) -> None:
        """More output."""
        self.offset += len(data)
        self.tail = (self.tail + data)[-TAIL_BYTES:]
        self.quiet_since, self.screen, self.is_judged = now, None, False
        self.bell = rings(data)
        self.title = title_in(data) or self.title

    def skip(self, size: int) -> None:
        """So much more that nobody could read it."""
        self.offset += size
        self.tail = b"" if size else self.tail


@dataclass(slots=True)
class AttentionWatch:
    """Watches the terminals of every running attempt. ``size`` gives the rows and columns of a session's terminal."""

    engine: Engine
    world: World
    organization: str
    size: Size = lambda _: (ROWS, COLS)
    _seen: dict[str, _Seen] = field(default_factory=dict)

    async def run(self) -> None:
        """For the life of the daemon. What fails at one session is looked at again the next time."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.look()

    async def look(self) -> None:
        """Look at every terminal once."""
        running = {
            attempt.id: (state, attempt)
            for state in self.engine.open_states(self.organization)
            for attempt in list(state.attempts.values())
            if attempt.state is State.RUNNING and attempt.exit is None and attempt.started_at and attempt.child is None
        }
        for session_id in self._seen.keys() - running.keys():
            del self._seen[session_id]
        hosts: dict[str, list[tuple[RunState, AttemptState]]] = {}
        for state, attempt in running.values():
            hosts.setdefault(attempt.host, []).append((state, attempt))
        await asyncio.gather(*(self._look_on(there, is_remote=bool(host)) for host, there in hosts.items()))

    async def _look_on(self, there: list[tuple[RunState, AttemptState]], *, is_remote: bool) -> None:
        for state, attempt in there:
            try:
                async with asyncio.timeout(READ_WITHIN_S):
                    await self._look_at(state, attempt)
            except (HostUnreachable, TimeoutError):
                if is_remote:
                    return  # each of the others there would be waited for as long; all are looked at again
            except RunnerError:
                continue  # it is looked at again
            except Exception:
                # Whatever an agent prints must not end the daemon; its terminal is not looked at again before there is more.
                log.exception("a terminal cannot be judged", action="attention.failed", attempt=attempt.id)
                if (seen := self._seen.get(attempt.id)) is not None:
                    seen.is_judged = True

    async def _look_at(self, state: RunState, attempt: AttemptState) -> None:
        now = self.world.clock()
        runner = (await self.world.hosts.of_session(attempt.id)).runner
        seen = self._seen.get(attempt.id)
        if seen is None:
            self._seen[attempt.id] = await _first_look(runner, attempt.id, now)
        elif await _grows(runner, attempt.id, seen, now):
            self._tell(state, attempt, None)
        elif not seen.is_judged and now - seen.quiet_since >= QUIET_S and seen.raised < MOST_RAISED:
            self._tell(state, attempt, await self._judged(attempt.id, seen, now))

    async def _judged(self, session_id: str, seen: _Seen, now: float) -> AttentionRaised | None:
        if seen.screen is None:
            rows, cols = self.size(session_id)
            seen.screen = await asyncio.to_thread(drawn, seen.tail, rows=rows, cols=cols)
        quiet_s, screen = now - seen.quiet_since, seen.screen
        cause = cause_of(
            Signs(quiet_s=quiet_s, lines=screen.lines, asked=screen.before_cursor, bell=seen.bell, title=seen.title)
        )
        seen.is_judged = cause is not None or quiet_s >= IDLE_S
        if cause is None:
            return None
        return AttentionRaised(at=now, attempt_id=session_id, cause=cause, excerpt=excerpt_of(screen.lines))

    def _tell(self, state: RunState, attempt: AttemptState, raised: AttentionRaised | None) -> None:
        """Only what is new; a run that ended meanwhile hears nothing."""
        if (attempt.attention is None) is (raised is None) or self.engine.open_state(state.id) is None:
            return
        if raised is None:
            if attempt.attention is not None and not is_cleared_by_output(attempt.attention, self.world.clock()):
                return
            self.engine.tell(state.id, AttentionCleared(at=self.world.clock(), attempt_id=attempt.id))
            return
        self._seen[attempt.id].raised += 1
        log.info("an agent waits for a person", action="attention.raised", attempt=attempt.id, cause=raised.cause)
        self.engine.tell(state.id, raised)


async def _first_look(runner: Runner, session_id: str, now: float) -> _Seen:
    """A terminal that was not looked at before, by this daemon: only its last screen counts."""
    begins = max(0, await _size(runner, session_id, 0) - TAIL_BYTES)
    tail = await runner.read(session_id, LOG, offset=begins, limit=TAIL_BYTES)
    title = title_in(tail) or ""
    return _Seen(offset=begins + len(tail), tail=tail, quiet_since=now, bell=rings(tail[-BELL_BYTES:]), title=title)


async def _grows(runner: Runner, session_id: str, seen: _Seen, now: float) -> bool:
    """Whether there is more output, which is taken in; of a flood only what comes at last."""
    data = await runner.read(session_id, LOG, offset=seen.offset, limit=READ_BYTES)
    if not data:
        return False
    seen.take(data, now)
    if len(data) == READ_BYTES:
        seen.skip(max(0, await _size(runner, session_id, seen.offset) - TAIL_BYTES - seen.offset))
    return True


async def _size(runner: Runner, session_id: str, at_least: int) -> int:
    async def has_byte(offset: int) -> bool:
        return bool(await runner.read(session_id, LOG, offset=offset, limit=1))

    return await size_of(has_byte, at_least)
