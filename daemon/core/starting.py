"""How a run starts: at once, or when its concurrency group has a place for it; and how one ends that never does."""

from chainwright.daemon.core.beginning import begin
from chainwright.daemon.core.concurrency import ask_for_run, ask_for_schedule, group_of_run
from chainwright.daemon.core.contexts import run_contexts
from chainwright.daemon.core.decisions import AgentSkipped, RunFinished, RunStarted, RunStopping, TimerSet
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.expressions import ExpressionError
from chainwright.daemon.core.resting import RUN_DURATION_TIMER
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.core.stopping import drop_deliveries


def request(draft: Draft) -> None:
    """Start a run, or let it wait first for the earlier runs of its schedule, then for a place of its group."""
    assert draft.state.request is not None
    if draft.state.request.overlap == "allow":
        enter_group(draft)
    else:
        ask_for_schedule(draft)


def enter_group(draft: Draft) -> None:
    """Start a run, or let it wait for a place of the chain's group."""
    if draft.state.chain.concurrency is None:
        start(draft)
        return
    try:
        ask_for_run(draft, group_of_run(draft.state, run_contexts(draft.state)))
    except ExpressionError as error:
        draft.ask_to_stop(Outcome.FAILED, Reason.EXPRESSION, f"concurrency: {error}")


def start(draft: Draft) -> None:
    """Start the run: its clock, and the agents that wait for nothing. What was sent to it while it was queued is heard now."""
    state = draft.state
    draft.record(RunStarted(at=draft.at))
    draft.record(TimerSet(timer=RUN_DURATION_TIMER, due=draft.at + state.chain.limits.duration_s))
    for agent in state.chain.agents.values():
        if not agent.needs and agent.listens is None and not state.agents[agent.id].turns:
            begin(draft, agent)
    draft.wake(*(agent.id for agent in state.agents.values() if any(agent.inbox.values())))
    draft.settles = True


def never_start(draft: Draft, wish: RunStopping) -> None:
    """End a run that is still queued: nothing of it has happened, so nothing has to be cleaned up."""
    drop_deliveries(draft)
    for agent in draft.state.agents.values():
        if not agent.turns:
            draft.record(AgentSkipped(agent=agent.id, reason=Reason.RUN_ENDING, detail="the run never started"))
    draft.record(RunFinished(outcome=wish.outcome, reason=wish.reason, detail=wish.detail))
