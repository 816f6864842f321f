"""From entries to commands, while a run lives; and from a state to the commands still open, after a restart.

Both ways give the same commands, and every command may come twice.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from chainwright.daemon.core import decisions as d
from chainwright.daemon.core.commands import (
    CancelChildRun,
    ClaimSlot,
    ClearTimer,
    Command,
    EndSteps,
    FinishRun,
    ReleaseSlot,
    RunStep,
    SetTimer,
    StartCheck,
    StartChildRun,
    StartSession,
    StopSession,
    StopStep,
)
from chainwright.daemon.core.facts import CancelRequested, Fact
from chainwright.daemon.core.state import AttemptState, RunState
from chainwright.daemon.core.states import Reason


def following(state: RunState, entries: Iterable[Fact | d.Decision]) -> Iterator[Command]:
    """The commands that leave when these entries, which ``state`` has seen, are durable, in their order."""
    for entry in entries:
        if make := _COMMANDS.get(type(entry)):
            yield from (_meant(state, command) for command in make(entry))
        elif isinstance(entry, CancelRequested) and state.abandoned:
            yield from _abandoned_children(state)


def outstanding(state: RunState) -> Iterator[Command]:
    """The commands of an open run that may not have been carried out: sessions first looked for, then stopped."""
    for attempt in state.live_attempts():
        if attempt.asked_for:
            yield from (_meant(state, command) for command in _of(attempt))
    if state.abandoned:
        yield from _abandoned_children(state)
    for claim, slot in state.slots.items():
        if not slot.granted:
            yield ClaimSlot(claim=claim)
    for timer, due in state.timers.items():
        yield SetTimer(timer=timer, due=due)


def _meant(state: RunState, command: Command) -> Command:
    """The command, said of a child run where the attempt is one."""
    match command:
        case StartSession() if state.calls(command.attempt_id):
            return StartChildRun(attempt_id=command.attempt_id)
        case StopSession() if state.calls(command.attempt_id):
            return CancelChildRun(attempt_id=command.attempt_id)
    return command


def _abandoned_children(state: RunState) -> Iterator[Command]:
    """A second cancel goes down like the first."""
    for attempt in state.live_attempts():
        if state.calls(attempt.id) and attempt.asked_for:
            yield CancelChildRun(attempt_id=attempt.id, again=True)


def _of(attempt: AttemptState) -> Iterator[Command]:
    if attempt.check is not None:
        yield StartCheck(attempt_id=attempt.id, index=attempt.check, again=attempt.again)
    else:
        yield StartSession(attempt_id=attempt.id)
        yield from _of_steps(attempt)
    # That its event has come ends the agent's session, and not the checks that follow.
    if attempt.stopping_for is not None and (attempt.taken_away or attempt.check is None):
        yield _stop(attempt.id, attempt.stopping_for, attempt.cleans_up)


def _of_steps(attempt: AttemptState) -> Iterator[Command]:
    if attempt.steps_code is not None:
        yield EndSteps(attempt_id=attempt.id, code=attempt.steps_code)
    elif (step := attempt.running_step) is not None:
        yield RunStep(attempt_id=attempt.id, step=step.number)


def _stop(attempt_id: str, reason: Reason, cleans_up: bool) -> Command:
    return StopStep(attempt_id=attempt_id) if cleans_up else StopSession(attempt_id=attempt_id, reason=reason)


def _scheduled(decision: d.AttemptScheduled) -> Iterator[Command]:
    if decision.due is None:
        yield StartSession(attempt_id=decision.attempt_id)


_COMMANDS: Final[dict[type, Callable[[Any], Iterable[Command]]]] = {
    d.AttemptScheduled: _scheduled,
    d.AttemptDue: lambda entry: (StartSession(attempt_id=entry.attempt_id),),
    d.AttemptStopping: lambda entry: (_stop(entry.attempt_id, entry.reason, entry.cleans_up),),
    d.StepOrdered: lambda entry: (RunStep(attempt_id=entry.attempt_id, step=entry.step),),
    d.StepsFinished: lambda entry: (EndSteps(attempt_id=entry.attempt_id, code=entry.code),),
    d.CheckStarted: lambda entry: (StartCheck(attempt_id=entry.attempt_id, index=entry.index, again=entry.again),),
    d.SlotRequested: lambda entry: (ClaimSlot(claim=entry.claim),),
    d.SlotReleased: lambda entry: (ReleaseSlot(claim=entry.claim),),
    d.TimerSet: lambda entry: (SetTimer(timer=entry.timer, due=entry.due),),
    d.TimerCleared: lambda entry: (ClearTimer(timer=entry.timer),),
    d.RunFinished: lambda entry: (FinishRun(),),
}
