"""What each journal entry changes in the tables that people query: a table of kind → function.

A function gets the entry, its run, its time and, when the entry records an event, that event's number; it gives statements with
their parameters. It never reads, so a projection could be built again from the journal alone.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from pydantic_core import to_json

from chainwright.daemon.core import adoptions, decisions, facts, turn_limit_decisions
from chainwright.daemon.core.child_facts import ChildRunStarted
from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.states import LIMIT_REASONS, Reason
from chainwright.daemon.store import changes as sql
from chainwright.daemon.store.bulk import Bulk, Parameters

Change = tuple[Bulk, Parameters]

NUMBERED: Final = frozenset(
    {"EventEmitted", "EventInjected", "EventFileRefused", "AutomaticEventRaised", "EventAdopted"}
)
"""The kinds that take the next event number of their run."""


def project(entry: Fact | Decision, run_id: str, at: float, number: int) -> Sequence[Change]:
    """What ``entry`` changes; empty for what matters to the run machine only. ``number`` matters for :data:`NUMBERED` kinds only."""
    return _PROJECTIONS[entry.kind](entry, run_id, at, number)


def json_text(value: Any) -> str:
    """JSON as the tables keep it."""
    return to_json(value).decode()


# runs


def _run_started(_: decisions.RunStarted, run_id: str, at: float, __: int) -> Sequence[Change]:
    return ((sql.START_RUN, (run_id, at)),)


def _run_queued(entry: decisions.RunQueued, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.QUEUE_RUN, (run_id, entry.reason, entry.detail)),)


def _limit_reached(entry: decisions.LimitReached, run_id: str, _: float, __: int) -> Sequence[Change]:
    noted = (sql.NOTE_RUN, (run_id, LIMIT_REASONS[entry.limit], entry.detail))
    return (noted,) if entry.then == "notify" else ()


def _run_waiting(entry: decisions.RunWaiting, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.MOVE_RUN, (run_id, "waiting", entry.reason, entry.detail)),)


def _run_resumed(_: decisions.RunResumed, run_id: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.MOVE_RUN, (run_id, "running", None, "")),)


def _run_stopping(entry: decisions.RunStopping, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.STOP_RUN, (run_id, entry.reason, entry.detail)),)


def _run_finished(entry: decisions.RunFinished, run_id: str, at: float, _: int) -> Sequence[Change]:
    ended = (run_id, entry.outcome, entry.reason, entry.detail, at, json_text(entry.outputs))
    return (sql.FINISH_RUN, ended), (sql.FORGET_TIMERS, (run_id,))


# turns and agents


def _agent_skipped(entry: decisions.AgentSkipped, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.SKIP_AGENT, (run_id, entry.agent, "finished", "skipped", entry.reason, entry.detail)),)


def _turn_queued(entry: decisions.TurnQueued, run_id: str, at: float, _: int) -> Sequence[Change]:
    turn = (run_id, entry.agent, entry.turn, json_text(entry.consumed), at)
    return ((sql.QUEUE_TURN, turn), *_settled("consumed", entry.turn, run_id, entry.agent, entry.consumed))


def _turn_held(entry: decisions.TurnHeld, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.HOLD_TURN, (run_id, entry.agent, entry.turn, entry.state, entry.reason, entry.detail)),)


def _turn_limit_reached(
    entry: turn_limit_decisions.TurnLimitReached, run_id: str, _: float, __: int
) -> Sequence[Change]:
    return ((sql.NOTE_TURN, (run_id, entry.agent, entry.turn, LIMIT_REASONS[entry.limit], entry.detail)),)


def _turn_limit_raised(entry: turn_limit_decisions.TurnLimitRaised, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.NOTE_TURN, (run_id, entry.agent, entry.turn, None, "")),)


def _turn_started(entry: decisions.TurnStarted, run_id: str, at: float, _: int) -> Sequence[Change]:
    turn = (run_id, entry.agent, entry.turn)
    return (sql.START_TURN, (*turn, at)), *_legs(turn, entry.resolved)


def _legs(turn: Parameters, resolved: decisions.Resolved) -> list[Change]:
    return [(sql.CREATE_LEG, (*turn, leg.leg, leg.name, json_text(leg.matrix))) for leg in resolved.legs]


def _leg_finished(entry: decisions.LegFinished, run_id: str, _: float, __: int) -> Sequence[Change]:
    leg = (run_id, entry.agent, entry.turn, entry.leg)
    return ((sql.FINISH_LEG, (*leg, entry.outcome, entry.reason, entry.detail, json_text(entry.outputs))),)


def _turn_stopping(entry: decisions.TurnStopping, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.STOP_TURN, (run_id, entry.agent, entry.turn)),)


def _turn_finished(entry: decisions.TurnFinished, run_id: str, at: float, _: int) -> Sequence[Change]:
    ended = (entry.outcome, entry.reason, entry.detail, at, json_text(entry.outputs))
    return ((sql.FINISH_TURN, (run_id, entry.agent, entry.turn, *ended)),)


def _turn_adopted(entry: adoptions.TurnAdopted, run_id: str, at: float, _: int) -> Sequence[Change]:
    ended = ("finished", entry.outcome, entry.reason, entry.detail)
    values = (json_text(entry.consumed), json_text(entry.outputs))
    turn = (run_id, entry.agent, entry.turn, *ended, *values, at, at, entry.run_id)
    legs = _legs(turn[:3], entry.resolved) if entry.legs and entry.resolved else []
    over = [change for leg in entry.legs for change in _leg_finished(leg, run_id, at, 0)]
    consumed = _settled("consumed", entry.turn, run_id, entry.agent, entry.consumed)
    return ((sql.ADOPT_TURN, turn), *legs, *over, *consumed)


def _agent_exhausted(entry: decisions.AgentExhausted, run_id: str, _: float, __: int) -> Sequence[Change]:
    return _settled("consumed", None, run_id, entry.agent, entry.consumed)


# attempts


def _attempt_scheduled(entry: decisions.AttemptScheduled, run_id: str, _: float, __: int) -> Sequence[Change]:
    state = "starting" if entry.due is None else "waiting"
    place = (entry.attempt_id, run_id, entry.agent, entry.turn, entry.leg, entry.attempt)
    scheduled = (sql.SCHEDULE_ATTEMPT, (*place, state, entry.due))
    return (scheduled,) if entry.due is None else (scheduled, (sql.MOVE_TURN, (entry.attempt_id, "waiting")))


def _attempt_due(entry: decisions.AttemptDue, _: str, __: float, ___: int) -> Sequence[Change]:
    return (sql.RESUME_ATTEMPT, (entry.attempt_id,)), (sql.MOVE_TURN, (entry.attempt_id, "running"))


def _host_chosen(entry: facts.HostChosen, _: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.PLACE_ATTEMPT, (entry.attempt_id, entry.host)),)


def _session_delayed(entry: facts.SessionDelayed, _: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.DELAY_ATTEMPT, (entry.attempt_id, entry.reason, entry.detail)),)


def _session_started(entry: facts.SessionStarted, _: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.RUN_ATTEMPT, (entry.attempt_id, entry.host, entry.pid, entry.at)),)


def _child_run_started(entry: ChildRunStarted, _: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.RUN_ATTEMPT, (entry.attempt_id, None, None, entry.at)),)


def _attempt_stopping(entry: decisions.AttemptStopping, _: str, __: float, ___: int) -> Sequence[Change]:
    told = (sql.STOP_ATTEMPT, (entry.attempt_id, entry.reason))
    # What has given its event goes on, to its checks; what ran out of time, perhaps to its next attempt.
    ends = entry.reason not in {Reason.EVENT, Reason.TIMEOUT}
    return (told, (sql.MOVE_TURN, (entry.attempt_id, "stopping"))) if ends else (told,)


def _session_exited(entry: facts.SessionExited, _: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.RECORD_EXIT, (entry.attempt_id, entry.code, entry.signal, entry.size, entry.started_at)),)


def _attention_raised(entry: facts.AttentionRaised, _: str, at: float, __: int) -> Sequence[Change]:
    return ((sql.NOTE_ATTENTION, (entry.attempt_id, entry.cause, at, entry.excerpt)),)


def _attention_cleared(entry: facts.AttentionCleared, _: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.NOTE_ATTENTION, (entry.attempt_id, None, None, "")),)


def _attempt_finished(entry: decisions.AttemptFinished, _: str, at: float, __: int) -> Sequence[Change]:
    return ((sql.FINISH_ATTEMPT, (entry.attempt_id, entry.outcome, entry.reason, entry.detail, at)),)


# steps


def _step_ordered(entry: decisions.StepOrdered, _: str, __: float, ___: int) -> Sequence[Change]:
    return ((sql.ORDER_STEP, (entry.attempt_id, entry.step)),)


def _step_started(entry: facts.StepStarted, _: str, at: float, __: int) -> Sequence[Change]:
    return ((sql.START_STEP, (entry.attempt_id, entry.step, at)),)


def _step_exited(entry: facts.StepExited, _: str, at: float, __: int) -> Sequence[Change]:
    ended = (entry.code, entry.signal, json_text(entry.outputs), at)
    return ((sql.EXIT_STEP, (entry.attempt_id, entry.step, *ended)),)


def _step_finished(entry: decisions.StepFinished, _: str, __: float, ___: int) -> Sequence[Change]:
    ended = (entry.outcome, entry.conclusion, entry.detail)
    return ((sql.FINISH_STEP, (entry.attempt_id, entry.step, *ended)),)


# events and deliveries


def _event_emitted(entry: facts.EventEmitted, run_id: str, at: float, number: int) -> Sequence[Change]:
    event = (run_id, number, entry.attempt_id, None, entry.name, entry.key, at, json_text(entry.data), "staged", "")
    return ((sql.RECORD_EVENT, event),)


def _event_injected(entry: facts.EventInjected, run_id: str, at: float, number: int) -> Sequence[Change]:
    event = (run_id, number, None, None, entry.name, entry.key, at, json_text(entry.data), "staged", "")
    return ((sql.RECORD_EVENT, event),)


def _event_file_refused(entry: facts.EventFileRefused, run_id: str, at: float, number: int) -> Sequence[Change]:
    event = (run_id, number, entry.attempt_id, None, entry.file, None, at, "null", "refused", entry.why)
    return ((sql.RECORD_EVENT, event),)


def _automatic_event_raised(
    entry: decisions.AutomaticEventRaised, run_id: str, at: float, number: int
) -> Sequence[Change]:
    data = json_text(entry.data)
    event = (run_id, number, None, entry.agent, entry.name, None, at, data, "automatic", "")
    return ((sql.RECORD_EVENT, event), *_queued(run_id, number, entry.consumers))


def _event_adopted(entry: adoptions.EventAdopted, run_id: str, _: float, number: int) -> Sequence[Change]:
    event = (run_id, number, None, entry.agent, entry.name, entry.key, entry.at, json_text(entry.data), "adopted", "")
    return ((sql.RECORD_EVENT, event), *_queued(run_id, number, entry.consumers))


def _event_routed(entry: decisions.EventRouted, run_id: str, _: float, __: int) -> Sequence[Change]:
    routed = (sql.DECIDE_EVENT, (run_id, entry.number, "routed", ""))
    return (routed, *_queued(run_id, entry.number, entry.consumers))


def _event_refused(entry: decisions.EventRefused, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.DECIDE_EVENT, (run_id, entry.number, "refused", entry.why)),)


def _event_discarded(entry: decisions.EventDiscarded, run_id: str, _: float, __: int) -> Sequence[Change]:
    fate = "late" if entry.why == "late" else "discarded"
    return ((sql.DECIDE_EVENT, (run_id, entry.number, fate, entry.why)),)


def _deliveries_dropped(entry: decisions.DeliveriesDropped, run_id: str, _: float, __: int) -> Sequence[Change]:
    state = "surplus" if entry.why == "surplus" else "withdrawn"
    return _settled(state, None, run_id, entry.agent, entry.numbers)


def _queued(run_id: str, number: int, consumers: Iterable[str]) -> list[Change]:
    return [(sql.QUEUE_DELIVERY, (run_id, number, consumer)) for consumer in consumers]


def _settled(state: str, turn: int | None, run_id: str, agent: str, numbers: Iterable[int]) -> list[Change]:
    return [(sql.SETTLE_DELIVERY, (run_id, number, agent, state, turn)) for number in numbers]


# timers


def _timer_set(entry: decisions.TimerSet, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.CHANGE_TIMER, (run_id, entry.timer, entry.due)),)


def _timer_over(entry: decisions.TimerCleared | facts.TimerFired, run_id: str, _: float, __: int) -> Sequence[Change]:
    return ((sql.CHANGE_TIMER, (run_id, entry.timer, None)),)


# what only the run machine needs; a run's own row is written by ``Batch.create``


def _nothing(_: Fact | Decision, __: str, ___: float, ____: int) -> Sequence[Change]:
    return ()


_PROJECTIONS: Final[dict[str, Callable[[Any, str, float, int], Sequence[Change]]]] = {
    "RunStarted": _run_started,
    "RunQueued": _run_queued,
    "LimitReached": _limit_reached,
    "TurnLimitReached": _turn_limit_reached,
    "TurnLimitRaised": _turn_limit_raised,
    "RunWaiting": _run_waiting,
    "RunResumed": _run_resumed,
    "RunStopping": _run_stopping,
    "RunFinished": _run_finished,
    "TurnAdopted": _turn_adopted,
    "EventAdopted": _event_adopted,
    "AgentSkipped": _agent_skipped,
    "AgentExhausted": _agent_exhausted,
    "TurnQueued": _turn_queued,
    "TurnHeld": _turn_held,
    "TurnStarted": _turn_started,
    "TurnFinished": _turn_finished,
    "LegFinished": _leg_finished,
    "TurnStopping": _turn_stopping,
    "AttemptScheduled": _attempt_scheduled,
    "AttemptDue": _attempt_due,
    "AttemptStopping": _attempt_stopping,
    "AttemptFinished": _attempt_finished,
    "HostChosen": _host_chosen,
    "SessionDelayed": _session_delayed,
    "SessionStarted": _session_started,
    "SessionExited": _session_exited,
    "AttentionRaised": _attention_raised,
    "AttentionCleared": _attention_cleared,
    "ChildRunStarted": _child_run_started,
    "StepOrdered": _step_ordered,
    "StepStarted": _step_started,
    "StepExited": _step_exited,
    "StepFinished": _step_finished,
    "EventEmitted": _event_emitted,
    "EventInjected": _event_injected,
    "EventFileRefused": _event_file_refused,
    "AutomaticEventRaised": _automatic_event_raised,
    "EventRouted": _event_routed,
    "EventRefused": _event_refused,
    "EventDiscarded": _event_discarded,
    "DeliveriesDropped": _deliveries_dropped,
    "TimerSet": _timer_set,
    "TimerCleared": _timer_over,
    "TimerFired": _timer_over,
    "RunRequested": _nothing,
    "ValuesAdopted": _nothing,
    "SecretsResolved": _nothing,
    "ChildRunPaused": _nothing,
    "ChildRunResumed": _nothing,
    "ChildRunFinished": _nothing,
    "SessionRefused": _nothing,
    "SessionLost": _nothing,
    "StepsFinished": _nothing,
    "CheckStarted": _nothing,
    "CheckDecided": _nothing,
    "CheckFinished": _nothing,
    "CancelRequested": _nothing,
    "TurnPrepared": _nothing,
    "ApprovalRequested": _nothing,
    "ApprovalDecided": _nothing,
    "ApprovalGranted": _nothing,
    "LimitDecided": _nothing,
    "LimitRaised": _nothing,
    "TurnClockStopped": _nothing,
    "TurnClockStarted": _nothing,
    "SlotRequested": _nothing,
    "SlotReleased": _nothing,
    "SlotGranted": _nothing,
    "SlotRefused": _nothing,
    "SlotTaken": _nothing,
    "InternalErrorOccurred": _nothing,
}
"""Every kind is here: an entry that nobody thought of must fail its append, not vanish from the tables."""
