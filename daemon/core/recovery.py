"""From entries to commands, while a run lives; and from a state to the commands still open, after a restart.

Both ways give the same commands, and every command may come twice.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.commands import (
    ClaimSlot,
    ClearTimer,
    Command,
    FinishRun,
    ReleaseSlot,
    SetTimer,
    StartCheck,
    StartSession,
    StopSession,
)
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.state import AttemptState, RunState


def following(entries: Iterable[Fact | d.Decision]) -> Iterator[Command]:
    """The commands that leave when these entries are durable, in their order."""
    for entry in entries:
        if make := _COMMANDS.get(type(entry)):
            yield from make(entry)


def outstanding(state: RunState) -> Iterator[Command]:
    """The commands of an open run that may not have been carried out: sessions first looked for, then stopped."""
    for attempt in state.live_attempts():
        if attempt.asked_for:
            yield from _of(attempt)
    for claim, slot in state.slots.items():
        if not slot.granted:
            yield ClaimSlot(claim=claim)
    for timer, due in state.timers.items():
        yield SetTimer(timer=timer, due=due)


def _of(attempt: AttemptState) -> Iterator[Command]:
    if attempt.check is not None:
        yield StartCheck(attempt_id=attempt.id, index=attempt.check, again=attempt.again)
    else:
        yield StartSession(attempt_id=attempt.id)
    # That its event has come ends the agent's session, and not the checks that follow.
    if attempt.stopping_for is not None and (attempt.taken_away or attempt.check is None):
        yield StopSession(attempt_id=attempt.id, reason=attempt.stopping_for)


def _scheduled(decision: d.AttemptScheduled) -> Iterator[Command]:
    if decision.due is None:
        yield StartSession(attempt_id=decision.attempt_id)


_COMMANDS: Final[dict[type, Callable[[Any], Iterable[Command]]]] = {
    d.AttemptScheduled: _scheduled,
    d.AttemptDue: lambda entry: (StartSession(attempt_id=entry.attempt_id),),
    d.AttemptStopping: lambda entry: (StopSession(attempt_id=entry.attempt_id, reason=entry.reason),),
    d.CheckStarted: lambda entry: (StartCheck(attempt_id=entry.attempt_id, index=entry.index, again=entry.again),),
    d.SlotRequested: lambda entry: (ClaimSlot(claim=entry.claim),),
    d.SlotReleased: lambda entry: (ReleaseSlot(claim=entry.claim),),
    d.TimerSet: lambda entry: (SetTimer(timer=entry.timer, due=entry.due),),
    d.TimerCleared: lambda entry: (ClearTimer(timer=entry.timer),),
    d.RunFinished: lambda entry: (FinishRun(),),
}
