"""Whether a turn may start at all: the state of its run, its needs and its ``if`` (semantics 13, 16, 26)."""

from chainwright.daemon.core.contexts import Contexts, turn_status
from chainwright.daemon.core.expressions import ExpressionError, Status, parse_condition
from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import Reason, Result


def may_start(state: RunState, agent: Agent) -> bool:
    """While a run ends, only agents that ask for it may start; after a second cancel or a mistake of ours, none."""
    if state.stopping is None:
        return True
    if state.abandoned:
        return False
    return _names_status(agent)


def _names_status(agent: Agent) -> bool:
    try:
        return agent.condition is not None and parse_condition(agent.condition).names_status
    except ExpressionError:
        return False  # it asks for nothing that can be understood; a turn that would begin says what is wrong


def judged(state: RunState, agent: Agent, contexts: Contexts) -> tuple[tuple[Reason, str] | None, str]:
    """Why the turn is skipped, if it is; and what is wrong with its condition, if that cannot be evaluated."""
    try:
        return _refused(state, agent, contexts, turn_status(state, agent)), ""
    except ExpressionError as error:
        return None, f"if: {error}"


def _refused(state: RunState, agent: Agent, contexts: Contexts, status: Status) -> tuple[Reason, str] | None:
    if not may_start(state, agent):
        return ending(state)
    condition = parse_condition(agent.condition) if agent.condition is not None else None
    if agent.needs and not (condition and condition.names_status) and not status.success:
        return _unmet(state, agent)
    if condition and not condition.holds(contexts, status):
        return _false(state, agent)
    return None


def _false(state: RunState, agent: Agent) -> tuple[Reason, str]:
    if state.stopping is not None:
        return ending(state)
    return Reason.IF_FALSE, f"`{agent.condition}` was false"


def ending(state: RunState) -> tuple[Reason, str]:
    """Why something does not start in a run that is ending."""
    if state.stopping is not None and state.stopping.reason is Reason.RUN_STOPPED:
        return Reason.RUN_STOPPED, state.stopping.detail
    return Reason.RUN_ENDING, "the run was already ending"


def _unmet(state: RunState, agent: Agent) -> tuple[Reason, str]:
    results = {need: state.result(need) for need in agent.needs}
    bad = [f"{need}: {result}" for need, result in results.items() if result in (Result.FAILURE, Result.CANCELLED)]
    if bad:
        return Reason.NEEDS_FAILED, f"it needs {', '.join(bad)}"
    return Reason.NEEDS_SKIPPED, f"all that it needs was skipped: {', '.join(agent.needs)}"
