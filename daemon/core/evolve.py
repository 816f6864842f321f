"""``evolve(state, entry)``: what each journal entry makes of a run's state, and nothing else.

A table from the entry's type to a function of a few lines. Nothing here decides: rebuilding a run uses this module alone, so whatever
a later version would decide differently stays as it was decided.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, get_args

from chainwright.daemon.core import adopting, adoptions
from chainwright.daemon.core import decisions as d
from chainwright.daemon.core import facts as f
from chainwright.daemon.core.attention import Attention
from chainwright.daemon.core.evolve_calls import CALL_EFFECTS
from chainwright.daemon.core.evolve_turn_limits import TURN_LIMIT_EFFECTS
from chainwright.daemon.core.evolve_waits import WAIT_EFFECTS
from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.inboxes import deliver, take
from chainwright.daemon.core.state import AgentState, AttemptState, EventState, RunState, TurnState, initial, legs_of
from chainwright.daemon.core.states import FAILURES, Level, Outcome, Reason, State, moved
from chainwright.daemon.core.step_effects import STEP_EFFECTS

_FACTS: Final[tuple[type[Any], ...]] = get_args(get_args(f.Fact)[0])


def evolve(state: RunState, entry: f.Fact | d.Decision) -> RunState:
    """Apply one entry; the given state is changed and returned. Raises IllegalMove for a move that the table does not know."""
    if isinstance(entry, _FACTS):
        state.now = entry.at
    EFFECTS[type(entry)](state, entry)
    return state


def rebuild(chain: Chain, entries: Iterable[f.Fact | d.Decision]) -> RunState:
    """The state that a journal leads to."""
    state = initial(chain)
    for entry in entries:
        evolve(state, entry)
    return state


# the run


def _run_requested(state: RunState, fact: f.RunRequested) -> None:
    state.request = fact


def _move_run(state: RunState, to: State) -> None:
    state.state = moved(Level.RUN, state.id, state.state, to)


def _run_started(state: RunState, decision: d.RunStarted) -> None:
    _move_run(state, State.RUNNING)
    assert state.request is not None
    state.started_at = decision.at or state.request.at
    state.reason, state.detail = None, ""


def _run_stopping(state: RunState, decision: d.RunStopping) -> None:
    _move_run(state, State.STOPPING)
    state.stopping = decision
    state.reached.clear()


def _run_finished(state: RunState, decision: d.RunFinished) -> None:
    _move_run(state, State.FINISHED)
    state.outcome, state.reason, state.detail = decision.outcome, decision.reason, decision.detail
    state.outputs = decision.outputs
    state.timers.clear()
    state.slots.clear()


def _cancel_requested(state: RunState, _: f.CancelRequested) -> None:
    state.abandoned = state.stopping is not None


def _internal_error_occurred(state: RunState, fact: f.InternalErrorOccurred) -> None:
    state.mistake = state.mistake or fact.detail
    state.abandoned = True


def _nothing(state: RunState, entry: object) -> None:
    """The entry is a record; what follows from it stands in the decisions after it."""


# turns


def _move_turn(turn: TurnState, to: State) -> None:
    turn.state = moved(Level.TURN, f"{turn.agent}[{turn.number}]", turn.state, to)


def _turn_queued(state: RunState, decision: d.TurnQueued) -> None:
    agent = state.agents[decision.agent]
    take(state, decision.agent, decision.consumed)
    agent.skipped = None  # an event from outside may feed an agent that had been given up
    turn = TurnState(agent=decision.agent, number=decision.turn, consumed=decision.consumed)
    agent.turns.append(turn)
    agent.live[turn.number] = turn
    state.live_turns += 1


def _turn_started(state: RunState, decision: d.TurnStarted) -> None:
    agent = state.agents[decision.agent]
    turn = agent.turns[decision.turn - 1]
    _move_turn(turn, State.RUNNING)
    turn.resolved = decision.resolved
    turn.legs = legs_of(state.chain.agents[decision.agent], decision.resolved)
    turn.reason, turn.detail = None, ""
    _count(state, agent)


def _leg_finished(state: RunState, decision: d.LegFinished) -> None:
    state.agents[decision.agent].turns[decision.turn - 1].legs[decision.leg].end(decision)


def _turn_stopping(state: RunState, decision: d.TurnStopping) -> None:
    turn = state.agents[decision.agent].turns[decision.turn - 1]
    _stop_turn(turn)
    turn.stopping = decision


def _stop_turn(turn: TurnState) -> None:
    if turn.state is not State.STOPPING:
        _move_turn(turn, State.STOPPING)


def _count(state: RunState, agent: AgentState) -> None:
    agent.started += 1
    state.turns_started += 1


def _turn_finished(state: RunState, decision: d.TurnFinished) -> None:
    agent = state.agents[decision.agent]
    turn = agent.turns[decision.turn - 1]
    _move_turn(turn, State.FINISHED)
    del agent.live[turn.number]
    if decision.outcome is not Outcome.SKIPPED:
        if agent.last_turn is None or agent.last_turn.number < turn.number:
            agent.last_turn = turn
        if turn.resolved is None:
            _count(
                state, agent
            )  # it failed while it started: uncounted, one that listens to its own failure never ended
    turn.outcome, turn.reason, turn.detail = decision.outcome, decision.reason, decision.detail
    turn.outputs = decision.outputs
    state.live_turns -= 1
    forgiven = state.chain.agents[decision.agent].continue_on_error
    if decision.outcome in FAILURES and not forgiven:
        state.failures.append((decision.agent, decision.reason, decision.detail))


def _agent_skipped(state: RunState, decision: d.AgentSkipped) -> None:
    state.agents[decision.agent].skipped = (decision.reason, decision.detail)


def _agent_exhausted(state: RunState, decision: d.AgentExhausted) -> None:
    agent = state.agents[decision.agent]
    take(state, decision.agent, decision.consumed)
    heard = bool(state.edges.listeners.get(f"{decision.agent}.exhausted"))
    if not agent.exhausted and not heard:
        limit = state.chain.agents[decision.agent].max_turns
        state.failures.append((decision.agent, Reason.EXHAUSTED, f"asked for more than its {limit} turns"))
    agent.exhausted = True


# attempts


def _move_attempt(attempt: AttemptState, to: State) -> None:
    attempt.state = moved(Level.ATTEMPT, attempt.id, attempt.state, to)


def _attempt_scheduled(state: RunState, decision: d.AttemptScheduled) -> None:
    turn = state.agents[decision.agent].turns[decision.turn - 1]
    waits = decision.due is not None
    attempt = AttemptState(
        id=decision.attempt_id,
        agent=decision.agent,
        turn=decision.turn,
        number=decision.attempt,
        leg=decision.leg,
        state=State.WAITING if waits else State.STARTING,
        due=decision.due,
        feedback=decision.feedback,
    )
    turn.legs[attempt.leg].attempts.append(attempt)
    state.attempts[attempt.id] = attempt
    if waits and attempt.leg is None:  # while a leg waits, others run: the turn of a matrix does not wait with it
        _move_turn(turn, State.WAITING)


def _attempt_due(state: RunState, decision: d.AttemptDue) -> None:
    attempt = state.attempts[decision.attempt_id]
    _move_attempt(attempt, State.STARTING)
    if attempt.leg is None:
        _move_turn(state.turn_of(attempt), State.RUNNING)


def _session_delayed(state: RunState, fact: f.SessionDelayed) -> None:
    attempt = state.attempts[fact.attempt_id]
    if attempt.state is State.STOPPING:
        return
    if attempt.state is State.STARTING:
        _move_attempt(attempt, State.QUEUED)
    attempt.reason, attempt.detail = Reason(fact.reason), fact.detail


def _session_started(state: RunState, fact: f.SessionStarted) -> None:
    attempt = state.attempts[fact.attempt_id]
    attempt.started_at, attempt.durable = fact.at, fact.durable
    if attempt.state is not State.STOPPING:
        _move_attempt(attempt, State.RUNNING)
        attempt.reason, attempt.detail = None, ""


def _host_chosen(state: RunState, fact: f.HostChosen) -> None:
    state.attempts[fact.attempt_id].host = fact.host


def _secrets_resolved(state: RunState, fact: f.SecretsResolved) -> None:
    state.attempts[fact.attempt_id].secrets = fact.secrets


def _session_exited(state: RunState, fact: f.SessionExited) -> None:
    state.attempts[fact.attempt_id].exit = fact
    state.attempts[fact.attempt_id].attention = None


def _attention_raised(state: RunState, fact: f.AttentionRaised) -> None:
    raised = Attention(cause=fact.cause, since=fact.at, excerpt=fact.excerpt)
    state.attempts[fact.attempt_id].attention = raised


def _attention_cleared(state: RunState, fact: f.AttentionCleared) -> None:
    state.attempts[fact.attempt_id].attention = None


def _session_lost(state: RunState, fact: f.SessionLost) -> None:
    state.attempts[fact.attempt_id].attention = None
    state.strays = state.strays or not fact.group_gone


def _attempt_stopping(state: RunState, decision: d.AttemptStopping) -> None:
    """An attempt whose event has come is told to end, and may be told again, for good; its turn goes on until then."""
    attempt = state.attempts[decision.attempt_id]
    if attempt.state is not State.STOPPING:
        _move_attempt(attempt, State.STOPPING)
    attempt.stopping_for = attempt.reason = decision.reason
    attempt.cleans_up = decision.cleans_up
    if attempt.taken_away:
        _stop_turn(state.turn_of(attempt))


def _check_started(state: RunState, decision: d.CheckStarted) -> None:
    attempt = state.attempts[decision.attempt_id]
    attempt.check, attempt.again = decision.index, decision.again


def _check_finished(state: RunState, fact: f.CheckFinished) -> None:
    state.attempts[fact.attempt_id].check = None


def _attempt_finished(state: RunState, decision: d.AttemptFinished) -> None:
    attempt = state.attempts[decision.attempt_id]
    _move_attempt(attempt, State.FINISHED)
    attempt.outcome, attempt.reason, attempt.detail = decision.outcome, decision.reason, decision.detail


# events


def _event_emitted(state: RunState, fact: f.EventEmitted) -> None:
    attempt = state.attempts[fact.attempt_id]
    attempt.keys.add(fact.key)
    attempt.staged.append(_add_event(state, fact, attempt))
    if fact.name in state.chain.agents[attempt.agent].emits:
        attempt.answered = True
        state.events_declared += 1
        state.turn_of(attempt).events_declared += 1


def _event_injected(state: RunState, fact: f.EventInjected) -> None:
    _add_event(state, fact, None)
    state.events_declared += 1


def _event_file_refused(state: RunState, _: f.EventFileRefused) -> None:
    state.events.append(None)


def _add_event(state: RunState, fact: f.EventEmitted | f.EventInjected, attempt: AttemptState | None) -> int:
    event = EventState(
        number=len(state.events) + 1,
        name=fact.name,
        data=fact.data,
        at=fact.at,
        agent=attempt.agent if attempt else None,
        turn=attempt.turn if attempt else None,
        attempt_id=attempt.id if attempt else None,
        key=fact.key,
        leg=attempt.leg if attempt else None,
        problems=fact.file_problems if isinstance(fact, f.EventEmitted) else (),
    )
    state.events.append(event)
    return event.number


def _event_routed(state: RunState, decision: d.EventRouted) -> None:
    event = state.event(decision.number)
    deliver(state, event, decision.consumers)
    if attempt := _unstaged(state, event):
        state.leg_of(attempt).delivered.add(event.key)


def _event_refused(state: RunState, decision: d.EventRefused) -> None:
    event = state.event(decision.number)
    attempt = _unstaged(state, event)
    if attempt and event.name in state.chain.agents[attempt.agent].emits:
        attempt.refused.append((event.name, decision.why))


def _event_discarded(state: RunState, decision: d.EventDiscarded) -> None:
    _unstaged(state, state.event(decision.number))


def _automatic_event_raised(state: RunState, decision: d.AutomaticEventRaised) -> None:
    event = EventState(
        number=len(state.events) + 1,
        name=decision.name,
        data=decision.data,
        at=decision.at,
        agent=decision.agent,
        turn=decision.turn,
        attempt_id=None,
    )
    state.events.append(event)
    deliver(state, event, decision.consumers)


def _unstaged(state: RunState, event: EventState) -> AttemptState | None:
    """The attempt that had the event staged, which it no longer has; None for an injected one."""
    if event.attempt_id is None:
        return None
    attempt = state.attempts[event.attempt_id]
    attempt.staged.remove(event.number)
    return attempt


def _deliveries_dropped(state: RunState, decision: d.DeliveriesDropped) -> None:
    take(state, decision.agent, decision.numbers)


# timers


def _timer_set(state: RunState, decision: d.TimerSet) -> None:
    state.timers[decision.timer] = decision.due


def _timer_gone(state: RunState, entry: d.TimerCleared | f.TimerFired) -> None:
    state.timers.pop(entry.timer, None)


EFFECTS: Final[dict[type, Callable[[RunState, Any], None]]] = {
    f.RunRequested: _run_requested,
    adoptions.EventAdopted: adopting.event_adopted,
    adoptions.TurnAdopted: adopting.turn_adopted,
    adoptions.ValuesAdopted: adopting.values_adopted,
    f.SessionStarted: _session_started,
    f.SessionDelayed: _session_delayed,
    f.HostChosen: _host_chosen,
    f.SecretsResolved: _secrets_resolved,
    f.SessionRefused: _nothing,
    f.SessionExited: _session_exited,
    f.AttentionRaised: _attention_raised,
    f.AttentionCleared: _attention_cleared,
    f.SessionLost: _session_lost,
    f.EventEmitted: _event_emitted,
    f.EventFileRefused: _event_file_refused,
    f.EventInjected: _event_injected,
    f.CheckFinished: _check_finished,
    f.TimerFired: _timer_gone,
    f.CancelRequested: _cancel_requested,
    f.LimitDecided: _nothing,
    f.SlotRefused: _nothing,
    f.SlotTaken: _nothing,
    f.InternalErrorOccurred: _internal_error_occurred,
    d.RunStarted: _run_started,
    d.TurnQueued: _turn_queued,
    d.TurnStarted: _turn_started,
    d.TurnFinished: _turn_finished,
    d.LegFinished: _leg_finished,
    d.TurnStopping: _turn_stopping,
    d.AgentSkipped: _agent_skipped,
    d.AgentExhausted: _agent_exhausted,
    d.AttemptScheduled: _attempt_scheduled,
    d.AttemptDue: _attempt_due,
    d.AttemptStopping: _attempt_stopping,
    d.CheckStarted: _check_started,
    d.CheckDecided: _nothing,
    d.AttemptFinished: _attempt_finished,
    d.EventRouted: _event_routed,
    d.EventRefused: _event_refused,
    d.EventDiscarded: _event_discarded,
    d.AutomaticEventRaised: _automatic_event_raised,
    d.DeliveriesDropped: _deliveries_dropped,
    d.TimerSet: _timer_set,
    d.TimerCleared: _timer_gone,
    d.RunStopping: _run_stopping,
    d.RunFinished: _run_finished,
    **CALL_EFFECTS,
    **STEP_EFFECTS,
    **TURN_LIMIT_EFFECTS,
    **WAIT_EFFECTS,
}
