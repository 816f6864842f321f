"""``decide(state, fact)``: what follows from a fact. Pure: no await, no I/O, no clock, no random source.

A fact that can no longer matter (a second exit, a timer that was cleared, anything after the run's end) is answered with no entries
and is not journaled: that is how everything that may be reported twice counts once.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from chainwright.daemon.core import facts as f
from chainwright.daemon.core.approvals import answered, can_matter, expired
from chainwright.daemon.core.calling import CHILD_TIMER, child_overdue, on_child_finished, on_child_started
from chainwright.daemon.core.child_facts import ChildRunFinished, ChildRunPaused, ChildRunResumed, ChildRunStarted
from chainwright.daemon.core.concluding import on_check, on_exit, on_lost, on_refused
from chainwright.daemon.core.decisions import AttemptDue, Decision
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import RETRY_TIMER
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.holds import APPROVAL_TIMER, TURN_DURATION_TIMER
from chainwright.daemon.core.limit_answers import decided
from chainwright.daemon.core.limits import allowed, is_paused, is_waited_for, reach
from chainwright.daemon.core.resting import RUN_DURATION_TIMER
from chainwright.daemon.core.routing import accept, raise_automatic, route
from chainwright.daemon.core.settling import advance
from chainwright.daemon.core.slot_answers import granted, is_awaited, refused, taken
from chainwright.daemon.core.starting import request
from chainwright.daemon.core.state import AttemptState, RunState, StepState
from chainwright.daemon.core.states import Outcome, Reason, State
from chainwright.daemon.core.stepping import begin_steps, on_step
from chainwright.daemon.core.stopping import stop_attempt, stop_live
from chainwright.daemon.core.turn_limits import hold_to_events, is_waited_for_of, time_is_up


def decide(state: RunState, fact: Fact, adopted: Iterable[Fact | Decision] = ()) -> list[Fact | Decision]:
    """The entries to journal for this fact, already applied to ``state``: the fact itself, then all that follows.

    ``adopted`` is what a new run takes over from the one that it retries (``resuming``): recorded right after its request.
    Empty when the fact is a repeat or comes too late to matter. An exception is a mistake of ours and leaves ``state`` unusable:
    rebuild it from the journal and report :class:`~.facts.InternalErrorOccurred`.
    """
    if not _CAN_MATTER[type(fact)](state, fact):
        return []
    draft = Draft(state, fact.at)
    draft.record(fact)
    for entry in adopted:
        draft.record(entry)
    _REACTIONS[type(fact)](draft, fact)
    advance(draft)
    return draft.entries


# whether a fact can still matter


def _run_is_new(state: RunState, fact: f.RunRequested) -> bool:
    return state.request is None


def _run_is_open(state: RunState, fact: object) -> bool:
    return state.request is not None and state.state is not State.FINISHED


def _attempt(state: RunState, fact: Any) -> AttemptState | None:
    return state.attempts.get(fact.attempt_id) if _run_is_open(state, fact) else None


def _not_yet_started(state: RunState, fact: Any) -> bool:
    attempt = _attempt(state, fact)
    return attempt is not None and attempt.asked_for and attempt.started_at is None and attempt.exit is None


def _can_be_delayed(state: RunState, fact: f.SessionDelayed) -> bool:
    attempt = _attempt(state, fact)
    known = attempt is not None and attempt.reason == fact.reason
    return not known and _not_yet_started(state, fact)


def _host_is_new(state: RunState, fact: f.HostChosen) -> bool:
    return _not_yet_started(state, fact) and state.attempts[fact.attempt_id].host != fact.host


def _secrets_are_new(state: RunState, fact: f.SecretsResolved) -> bool:
    return _not_yet_started(state, fact) and state.attempts[fact.attempt_id].secrets != fact.secrets


def _session_is_open(state: RunState, fact: Any) -> bool:
    attempt = _attempt(state, fact)
    return attempt is not None and attempt.asked_for and attempt.exit is None


def _attention_is_new(state: RunState, fact: f.AttentionRaised | f.AttentionCleared) -> bool:
    attempt = _attempt(state, fact)
    if attempt is None or attempt.started_at is None or attempt.exit is not None:
        return False
    known = attempt.attention.cause if attempt.attention is not None else None
    return known != (fact.cause if isinstance(fact, f.AttentionRaised) else None)


def _child_rests_anew(state: RunState, fact: ChildRunPaused | ChildRunResumed) -> bool:
    return _session_is_open(state, fact) and state.attempts[fact.attempt_id].paused is isinstance(fact, ChildRunResumed)


def _step_is_due(state: RunState, fact: f.StepStarted) -> bool:
    step = _running_step(state, fact)
    return step is not None and step.started_at is None


def _step_runs(state: RunState, fact: f.StepExited) -> bool:
    return _running_step(state, fact) is not None


def _running_step(state: RunState, fact: f.StepStarted | f.StepExited) -> StepState | None:
    attempt = _attempt(state, fact)
    running = attempt.running_step if attempt is not None and attempt.exit is None else None
    return running if running is not None and running.number == fact.step else None


def _attempt_has_run(state: RunState, fact: Any) -> bool:
    attempt = _attempt(state, fact)
    return attempt is not None and attempt.state is not State.WAITING


def _event_is_new(state: RunState, fact: f.EventEmitted) -> bool:
    return _attempt_has_run(state, fact) and fact.key not in state.attempts[fact.attempt_id].keys


def _check_runs(state: RunState, fact: f.CheckFinished) -> bool:
    attempt = _attempt(state, fact)
    return attempt is not None and attempt.live and (attempt.check, attempt.again) == (fact.index, fact.again)


def _timer_is_set(state: RunState, fact: f.TimerFired) -> bool:
    return _run_is_open(state, fact) and fact.timer in state.timers


def _approval_waits(state: RunState, fact: f.ApprovalDecided) -> bool:
    return _run_is_open(state, fact) and can_matter(state, fact)


def _slot_awaited(state: RunState, fact: f.SlotGranted | f.SlotRefused) -> bool:
    return _run_is_open(state, fact) and is_awaited(state, fact.claim)


def _slot_asked_for(state: RunState, fact: f.SlotTaken) -> bool:
    return _run_is_open(state, fact) and fact.claim in state.slots


def _limit_waits(state: RunState, fact: f.LimitDecided) -> bool:
    if not _run_is_open(state, fact):
        return False
    if fact.agent:
        return is_waited_for_of(state, fact.agent, fact.turn, fact.limit)
    return is_waited_for(state, fact.limit)


_CAN_MATTER: Final[dict[type, Callable[[RunState, Any], bool]]] = {
    f.RunRequested: _run_is_new,
    f.SessionStarted: _not_yet_started,
    f.SessionDelayed: _can_be_delayed,
    f.HostChosen: _host_is_new,
    f.SecretsResolved: _secrets_are_new,
    f.SessionRefused: _not_yet_started,
    f.SessionExited: _session_is_open,
    f.AttentionRaised: _attention_is_new,
    f.AttentionCleared: _attention_is_new,
    f.SessionLost: _session_is_open,
    ChildRunStarted: _not_yet_started,
    ChildRunPaused: _child_rests_anew,
    ChildRunResumed: _child_rests_anew,
    ChildRunFinished: _session_is_open,
    f.StepStarted: _step_is_due,
    f.StepExited: _step_runs,
    f.EventEmitted: _event_is_new,
    f.EventFileRefused: _attempt_has_run,
    f.EventInjected: _run_is_open,
    f.CheckFinished: _check_runs,
    f.TimerFired: _timer_is_set,
    f.CancelRequested: _run_is_open,
    f.ApprovalDecided: _approval_waits,
    f.LimitDecided: _limit_waits,
    f.SlotGranted: _slot_awaited,
    f.SlotRefused: _slot_awaited,
    f.SlotTaken: _slot_asked_for,
    f.InternalErrorOccurred: _run_is_open,
}


# what it leads to


def _run_requested(draft: Draft, fact: f.RunRequested) -> None:
    request(draft)


def _session_started(draft: Draft, fact: f.SessionStarted) -> None:
    attempt = draft.state.attempts[fact.attempt_id]
    others = (other for other in draft.state.turn_of(attempt).attempts if other is not attempt)
    if attempt.stopping_for is None and all(other.started_at is None for other in others):
        raise_automatic(draft, attempt.agent, attempt.turn, "started", {})
    begin_steps(draft, attempt)


def _on_attempt(conclude: Callable[[Draft, AttemptState, Any], None]) -> Callable[[Draft, Any], None]:
    return lambda draft, fact: conclude(draft, draft.state.attempts[fact.attempt_id], fact)


def _event_emitted(draft: Draft, fact: f.EventEmitted) -> None:
    attempt = draft.state.attempts[fact.attempt_id]
    accept(draft, attempt, draft.state.event(len(draft.state.events)))
    finishes = draft.state.chain.agents[attempt.agent].finish == "event"
    if finishes and attempt.answered and attempt.live and attempt.exit is None:
        stop_attempt(draft, attempt, Reason.EVENT)
    _hold_to_event_limit(draft)
    hold_to_events(draft, attempt)


def _event_injected(draft: Draft, fact: f.EventInjected) -> None:
    route(draft, len(draft.state.events))
    _hold_to_event_limit(draft)


def _hold_to_event_limit(draft: Draft) -> None:
    if draft.state.events_declared > allowed(draft.state, "events"):
        reach(draft, "events")


def _timer_fired(draft: Draft, fact: f.TimerFired) -> None:
    kind, colon, rest = fact.timer.partition(":")
    _TIMERS[kind + colon](draft, rest)


def _duration_over(draft: Draft, _: str) -> None:
    reach(draft, "duration")


def _retry_due(draft: Draft, attempt_id: str) -> None:
    turn = draft.state.turn_of(draft.state.attempts[attempt_id])
    if not is_paused(draft.state) and not turn.is_paused:
        draft.record(AttemptDue(attempt_id=attempt_id))


_TIMERS: Final[dict[str, Callable[[Draft, str], None]]] = {
    RUN_DURATION_TIMER: _duration_over,
    RETRY_TIMER: _retry_due,
    CHILD_TIMER: child_overdue,
    APPROVAL_TIMER: expired,
    TURN_DURATION_TIMER: time_is_up,
}
"""What a timer's name begins with → what happens then, told the rest of the name."""


def _cancel_requested(draft: Draft, fact: f.CancelRequested) -> None:
    if draft.state.stopping is None:
        draft.ask_to_stop(Outcome.CANCELLED, Reason.CANCELLED, f"by {fact.actor}")
    else:
        stop_live(draft)
        draft.settles = True


def _internal_error_occurred(draft: Draft, fact: f.InternalErrorOccurred) -> None:
    if draft.state.stopping is None:
        draft.ask_to_stop(Outcome.FAILED, Reason.INTERNAL, fact.detail)
    else:
        stop_live(draft)
        draft.settles = True


def _nothing(draft: Draft, fact: object) -> None:
    """The fact is a record; nothing follows."""


_REACTIONS: Final[dict[type, Callable[[Draft, Any], None]]] = {
    f.RunRequested: _run_requested,
    f.SessionStarted: _session_started,
    f.SessionDelayed: _nothing,
    f.HostChosen: _nothing,
    f.SecretsResolved: _nothing,
    f.AttentionRaised: _nothing,
    f.AttentionCleared: _nothing,
    f.SessionRefused: _on_attempt(on_refused),
    f.SessionExited: _on_attempt(on_exit),
    f.SessionLost: _on_attempt(on_lost),
    ChildRunStarted: on_child_started,
    ChildRunPaused: _nothing,
    ChildRunResumed: _nothing,
    ChildRunFinished: _on_attempt(on_child_finished),
    f.StepStarted: _nothing,
    f.StepExited: _on_attempt(on_step),
    f.EventEmitted: _event_emitted,
    f.EventFileRefused: _nothing,
    f.EventInjected: _event_injected,
    f.CheckFinished: _on_attempt(on_check),
    f.TimerFired: _timer_fired,
    f.CancelRequested: _cancel_requested,
    f.ApprovalDecided: answered,
    f.LimitDecided: decided,
    f.SlotGranted: granted,
    f.SlotRefused: refused,
    f.SlotTaken: taken,
    f.InternalErrorOccurred: _internal_error_occurred,
}
