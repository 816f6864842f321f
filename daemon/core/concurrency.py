"""Places of concurrency groups (semantics 23): asking for one, for a run before it starts or for a turn.

Groups cross runs, so who gets a place is not decided here: the run asks, and is told by facts. A place that was granted is kept, over
retries and their delays, until it is released, and both are on record: a restart neither loses a holder nor makes two.
"""

from chainwright.daemon.core.contexts import Contexts
from chainwright.daemon.core.decisions import RunQueued, SlotRequested, TurnHeld
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.expressions import ExpressionError, parse_template
from chainwright.daemon.core.graph import Agent, Concurrency
from chainwright.daemon.core.holds import RUN_CLAIM, SCHEDULE_CLAIM, claim_of
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.states import Reason, State


def group_of_run(state: RunState, contexts: Contexts) -> str:
    """The group of which the run needs a place. Raises ExpressionError."""
    request, declared = state.request, state.chain.concurrency
    assert request is not None and declared is not None
    default = f"chain {request.repository}/{request.environment}/{request.chain}"
    return _group(declared, contexts, default)


def group_of_turn(state: RunState, agent: Agent, contexts: Contexts) -> str:
    """The group of which a turn of the agent needs a place; empty when it needs none. Raises ExpressionError."""
    if agent.concurrency is None:
        return ""
    return _group(agent.concurrency, contexts, f"agent {agent.id} of run {state.id}")


def _group(declared: Concurrency, contexts: Contexts, default: str) -> str:
    if declared.group is None:
        return default
    name = parse_template(declared.group).text(contexts).strip()
    if not name:
        raise ExpressionError("the name of the concurrency group is empty", "evaluation")
    return name


def ask_for_run(draft: Draft, group: str) -> None:
    """Ask for a place for the whole run, which is queued until it has one."""
    declared = draft.state.chain.concurrency
    assert declared is not None
    draft.record(_request(draft, RUN_CLAIM, group, declared, 0))
    draft.record(RunQueued(reason=Reason.CONCURRENCY, detail=_said(group)))


def ask_for_schedule(draft: Draft) -> None:
    """Ask to be the one run of the schedule, as its ``overlap`` says: when those before have ended, or in their stead."""
    request = draft.state.request
    assert request is not None
    group = f"schedule {request.trigger.key.partition('@')[0]}"
    declared = Concurrency(max=1, cancel_in_progress=request.overlap == "cancel")
    draft.record(_request(draft, SCHEDULE_CLAIM, group, declared, 0))
    draft.record(RunQueued(reason=Reason.CONCURRENCY, detail="for earlier runs of its schedule"))


def ask_for_turn(draft: Draft, turn: TurnState) -> None:
    """Ask for a place for a turn, which is queued until it has one."""
    agent = draft.state.chain.agents[turn.agent]
    assert agent.concurrency is not None and turn.prepared is not None
    group = turn.prepared.group
    draft.record(_request(draft, claim_of(turn), group, agent.concurrency, agent.priority))
    draft.record(
        TurnHeld(agent=turn.agent, turn=turn.number, reason=Reason.CONCURRENCY, detail=_said(group), state=State.QUEUED)
    )


def _request(draft: Draft, claim: str, group: str, declared: Concurrency, priority: int) -> SlotRequested:
    return SlotRequested(
        claim=claim,
        group=group,
        max=declared.max,
        queue=declared.queue,
        cancel_in_progress=declared.cancel_in_progress,
        priority=priority,
        at=draft.at,
    )


def _said(group: str) -> str:
    return f'for a place of "{group}"'
