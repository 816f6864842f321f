"""What an attempt's end means: the exit, the events, the outputs and the checks, in this order."""

from collections.abc import Callable
from typing import Final

from chainwright.daemon.core.checks import refuted
from chainwright.daemon.core.decisions import CheckDecided, CheckStarted
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import fail, succeed
from chainwright.daemon.core.facts import CheckFinished, SessionExited, SessionLost, SessionRefused
from chainwright.daemon.core.graph import EXIT_CODE_STOP, RUN_STOP, Agent
from chainwright.daemon.core.inputs import check_outputs
from chainwright.daemon.core.routing import stop_early
from chainwright.daemon.core.state import AttemptState
from chainwright.daemon.core.states import Outcome, Reason, outcome_of_taking_away
from chainwright.daemon.core.stepping import close_steps, why_failed

CHECK_LOSSES: Final = 3
"""Sessions of one check that may be lost: a check that takes its machine down every time is not run for ever."""

Failure = tuple[Outcome, Reason, str]


def on_exit(draft: Draft, attempt: AttemptState, fact: SessionExited) -> None:
    """The session has ended and left its record."""
    close_steps(draft, attempt)
    agent = draft.state.chain.agents[attempt.agent]
    for judge in _JUDGES:
        if failure := judge(agent, attempt, fact):
            fail(draft, attempt, *failure)
            return
    next_check(draft, attempt, 0)


def on_lost(draft: Draft, attempt: AttemptState, fact: SessionLost) -> None:
    """The session host vanished. Tried again only when nothing of it can still run (semantics 19)."""
    close_steps(draft, attempt)
    if (why := attempt.taken_away) and fact.group_gone:
        fail(draft, attempt, outcome_of_taking_away(why), why, fact.detail)
    else:
        fail(draft, attempt, Outcome.LOST, Reason.LOST, fact.detail, may_retry=fact.group_gone)


def on_refused(draft: Draft, attempt: AttemptState, fact: SessionRefused) -> None:
    """Nothing was executed, and nothing ever would be."""
    if why := attempt.taken_away:
        fail(draft, attempt, outcome_of_taking_away(why), why, fact.detail)
    else:
        fail(draft, attempt, Outcome.FAILED, Reason(fact.reason), fact.detail)


def on_check(draft: Draft, attempt: AttemptState, fact: CheckFinished) -> None:
    """A check has said yes or no; one that was lost is run again, in a session of another name."""
    if why := attempt.taken_away:
        fail(draft, attempt, outcome_of_taking_away(why), why, "stopped during a check")
    elif fact.ended_by == "lost" and fact.again < CHECK_LOSSES:
        draft.record(CheckStarted(attempt_id=attempt.id, index=fact.index, again=fact.again + 1))
    elif fact.ended_by == "exit" and fact.code == 0:
        next_check(draft, attempt, fact.index + 1)
    else:
        fail(draft, attempt, Outcome.FAILED, Reason.CHECK, _verdict(fact))


def _verdict(fact: CheckFinished) -> str:
    how = f"ended with code {fact.code}" if fact.ended_by == "exit" else f"ended by {fact.ended_by}"
    text = fact.text.strip()
    return f"check {fact.index + 1} {how}" + (f": {text}" if text else "")


def next_check(draft: Draft, attempt: AttemptState, index: int) -> None:
    """Begin the next check of an attempt that did well so far; after the last one it has succeeded."""
    agent = draft.state.chain.agents[attempt.agent]
    assert attempt.exit is not None
    outputs, _ = check_outputs(
        agent.outputs, attempt.exit.outputs, texts=agent.calls is None, options=agent.output_options
    )
    for number, check in enumerate(agent.checks[index:], index):
        if check.needs_session:
            draft.record(CheckStarted(attempt_id=attempt.id, index=number))
            return
        refutation = refuted(draft.state, attempt, check, outputs)
        draft.record(
            CheckDecided(attempt_id=attempt.id, index=number, holds=refutation is None, detail=refutation or "")
        )
        if refutation is not None:
            fail(draft, attempt, Outcome.FAILED, Reason.CHECK, f"check {number + 1}: {refutation}")
            return
    succeed(draft, attempt, outputs)
    if _stops_by_code(agent, attempt.exit):
        stop_early(draft, attempt.agent)


def _stops_by_code(agent: Agent, fact: SessionExited) -> bool:
    return agent.finish == "exit" and fact.code == EXIT_CODE_STOP and RUN_STOP in agent.emits


# one judge each for what can be wrong with an end; the first that finds something decides


def _stopped(agent: Agent, attempt: AttemptState, fact: SessionExited) -> Failure | None:
    why = attempt.taken_away
    return (outcome_of_taking_away(why), why, f"stopped, {_how(fact)}") if why else None


def _limits(agent: Agent, attempt: AttemptState, fact: SessionExited) -> Failure | None:
    """A limit that was reached while the session was being closed, its event having come, came too late to matter."""
    if attempt.stopping_for is Reason.EVENT or fact.ended_by not in _BY_LIMIT:
        return None
    return _BY_LIMIT[fact.ended_by](agent)


def _code(agent: Agent, attempt: AttemptState, fact: SessionExited) -> Failure | None:
    if fact.code == 0 or _stops_by_code(agent, fact) or agent.finish == "event":
        return None
    return Outcome.FAILED, Reason.EXIT, why_failed(agent, attempt) or _how(fact) + _said(fact)


def _payload(agent: Agent, attempt: AttemptState, fact: SessionExited) -> Failure | None:
    if not attempt.refused:
        return None
    return Outcome.FAILED, Reason.PAYLOAD, "; ".join(f'event "{name}": {why}' for name, why in attempt.refused)


def _event(agent: Agent, attempt: AttemptState, fact: SessionExited) -> Failure | None:
    if agent.finish != "event" or attempt.answered:
        return None
    how = why_failed(agent, attempt) or _how(fact) + (_said(fact) if fact.code else "")
    return Outcome.FAILED, Reason.NO_EVENT, f"ended without any of the events {', '.join(agent.emits)}: {how}"


def _outputs(agent: Agent, attempt: AttemptState, fact: SessionExited) -> Failure | None:
    unreadable = (fact.output_problem,) if fact.output_problem else fact.file_problems
    problems = unreadable or check_outputs(agent.outputs, fact.outputs, options=agent.output_options)[1]
    return (Outcome.FAILED, Reason.OUTPUT, "; ".join(problems)) if problems else None


def _how(fact: SessionExited) -> str:
    return f"exit code {fact.code}" if fact.signal is None else f"ended by signal {fact.signal}"


def _said(fact: SessionExited) -> str:
    """The last line of its output, to go on with after how it ended."""
    return f": {fact.tail}" if fact.tail else ""


_BY_LIMIT: Final[dict[str, Callable[[Agent], Failure]]] = {
    "timeout": lambda agent: (Outcome.TIMED_OUT, Reason.TIMEOUT, f"still running after {agent.timeout_s:g} s"),
    "stall": lambda agent: (Outcome.TIMED_OUT, Reason.STALL, f"no output for {agent.idle_timeout_s or 0:g} s"),
    "log-full": lambda agent: (Outcome.FAILED, Reason.EXIT, "ended because its output reached the size limit"),
}

_JUDGES: Final = (_stopped, _limits, _code, _payload, _event, _outputs)
