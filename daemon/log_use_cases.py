"""The use cases about what agents wrote: as it came, as a recording, and line by line."""

from typing import Any, Final

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.engine import Engine
from chainwright.daemon.engine.log_lines import Clock, LineIndex, LogLines, Read, matches, page
from chainwright.daemon.engine.logs import followed, is_kept, stripped, timing, written
from chainwright.daemon.web.port import Log
from chainwright.runners.port import RunnerError
from chainwright.runners.transcript import Asciicast, PlainText, plain_text
from chainwright.schemas.api import LogQuery
from chainwright.schemas.log_api import AttemptQuery, LogLinesQuery, LogMatchesQuery
from chainwright.schemas.session import COLS, ROWS

_LOG: Final = "out.log"


class LogUseCases:
    """Part of :class:`~chainwright.daemon.web.port.UseCases`; each method is documented there."""

    def __init__(self, engine: Engine) -> None:
        self._logged = engine
        self._lines = LogLines()

    async def log(self, actor: Actor, run: str, asked: LogQuery) -> Log:
        chosen = await self._attempt_of(actor, run, asked)
        await self._require_kept(chosen)
        world = self._logged.world
        chunks = followed(world, chosen.id) if asked.follow and chosen.live else written(world, chosen.id)
        if not asked.raw:
            chunks = stripped(chunks, PlainText())
        return Log(attempt_id=chosen.id, chunks=chunks)

    async def recording(self, actor: Actor, run: str, asked: AttemptQuery) -> Log:
        chosen = await self._attempt_of(actor, run, asked)
        world = self._logged.world
        cast = Asciicast(
            await timing(world, chosen.id),
            rows=ROWS,
            cols=COLS,
            started_at=chosen.started_at or 0.0,
            exit_code=chosen.exit.code if chosen.exit else None,
        )
        return Log(attempt_id=chosen.id, chunks=stripped(written(world, chosen.id), cast))

    async def log_lines(self, actor: Actor, run: str, asked: LogLinesQuery) -> dict[str, Any]:
        chosen = await self._attempt_of(actor, run, asked)
        read = await self._reader(chosen)
        is_growing = chosen.live
        index = await self._lines.index(chosen.id, read)
        lines = await page(index, read, asked.first or max(1, index.total - asked.limit + 1), asked.limit)
        clock = Clock(await timing(self._logged.world, chosen.id), chosen.started_at or 0.0)
        shown = [
            {"number": one.number, "at": clock.at(one.offset), "text": plain_text(one.data).replace("\n", "")}
            for one in lines
        ]
        return {"lines": shown, "is_growing": is_growing, **_about(chosen, index)}

    async def log_matches(self, actor: Actor, run: str, asked: LogMatchesQuery) -> dict[str, Any]:
        chosen = await self._attempt_of(actor, run, asked)
        found = await matches(await self._reader(chosen), asked.text, asked.limit)
        return {"attempt_id": chosen.id, "numbers": found.numbers, "is_whole": found.is_whole}

    async def _require_kept(self, chosen: AttemptState) -> None:
        """Refused when there was output and it has gone: an empty log would say that there was none. Unavailable when nobody can tell."""
        try:
            if await is_kept(self._logged.world, chosen.id) or chosen.exit is None or not chosen.exit.size:
                return
        except RunnerError as error:
            raise Refusal(Code.UNAVAILABLE, f"the output of {chosen.id} cannot be read now", str(error)) from error
        where = f'on host "{chosen.host}"' if chosen.host else "here"
        why = f"it was {where}, and was removed there, or the host was"
        raise Refusal(Code.NOT_FOUND, f"the output of {chosen.id} is not kept any more", why)

    async def _reader(self, chosen: AttemptState) -> Read:
        runner = (await self._logged.world.hosts.of_session(chosen.id)).runner

        async def read(offset: int, limit: int) -> bytes:
            return await runner.read(chosen.id, _LOG, offset=offset, limit=limit)

        return read

    async def _attempt_of(self, actor: Actor, run: str, asked: AttemptQuery) -> AttemptState:
        run_id = await self._logged.find(actor, run)
        return _attempt(await self._logged.state(run_id), asked)


def _about(chosen: AttemptState, index: LineIndex) -> dict[str, Any]:
    return {"attempt_id": chosen.id, "total": index.total, "size": index.size}


def _attempt(state: RunState, asked: AttemptQuery) -> AttemptState:
    """The attempt whose log is meant: the latest that fits, a running one before an ended one."""
    fitting = [
        one
        for one in state.attempts.values()
        if asked.agent in (None, one.agent) and asked.turn in (None, one.turn) and asked.attempt in (None, one.number)
        if asked.leg is None or state.leg_of(one).is_called(asked.leg)
    ]
    if not fitting:
        raise Refusal(Code.NOT_FOUND, _no_log(state, asked), _elsewhere(state, asked.agent))
    return next((one for one in reversed(fitting) if one.live and one.started_at), fitting[-1])


def _no_log(state: RunState, asked: AttemptQuery) -> str:
    if asked.agent is not None and asked.agent not in state.agents:
        return f'run {state.id} has no agent "{asked.agent}"; it has {", ".join(state.agents)}'
    which = f'agent "{asked.agent}"' if asked.agent else "no agent"
    leg = f', leg "{asked.leg}"' if asked.leg else ""
    numbered = (f", turn {asked.turn}" if asked.turn else "") + (f", attempt {asked.attempt}" if asked.attempt else "")
    return f"{which} of run {state.id} has not started{leg}{numbered}"


def _elsewhere(state: RunState, agent: str | None) -> str:
    """What to call instead, when the agent's turn was kept from another run."""
    turns = state.agents[agent].turns if agent in state.agents else []
    kept = [turn.adopted_from for turn in turns if turn.adopted_from]
    return f"it was kept from another run: chainwright logs {kept[-1]} {agent}" if kept else ""
