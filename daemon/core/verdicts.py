"""Who may answer what waits for people, which of it an answer means, and the list of all that waits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from chainwright.daemon.core.access import Actor
from chainwright.daemon.core.decisions import Leg, LimitReached
from chainwright.daemon.core.facts import ApprovalDecided, LimitDecided
from chainwright.daemon.core.limits import paused_by
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.turn_limit_decisions import TurnLimitReached
from chainwright.daemon.core.turn_limits import waited_for

SHOWN_LEGS: Final = 20
"""So many legs of a matrix that waits are listed: nobody reads 256, and each may carry a whole prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person says: of an agent, that it may start, or go beyond a limit of its turn.

    Without ``agent`` it is about a limit that the run has reached, or else the only agent that waits.

    ``amount`` is what is added to a limit, of the duration in seconds; as much again, when it is None.
    """

    verdict: Literal["approve", "reject"]
    agent: str | None = None
    comment: str = ""
    amount: float | None = None


def may_answer(by: tuple[str, ...], actor: Actor) -> bool:
    """Whether an actor is one of those who are asked.

    Until there are identities a user is known by name alone, and teams and roles have no members but the daemon's owner: a chain
    that names a team could otherwise be approved by nobody.
    """
    return not by or any(_is_meant(one, actor) for one in by)


def _is_meant(one: str, actor: Actor) -> bool:
    return actor.is_owner if one.startswith(("team:", "role:")) else one == actor.name


def fact_of(state: RunState, actor: Actor, answer: Answer, *, at: float) -> ApprovalDecided | LimitDecided:
    """The fact that an answer is. Raises Refusal: nothing waits, several things do, another is asked, or it was said before."""
    limit = next(paused_by(state), None)
    if limit is not None and answer.agent is None:
        return LimitDecided(
            at=at,
            actor=actor.name,
            limit=limit.limit,
            verdict=answer.verdict,
            amount=answer.amount,
            comment=answer.comment,
        )
    turn = _meant(state, answer.agent)
    reached = next((one for other, one in waited_for(state) if other is turn), None)
    if reached is not None:
        return LimitDecided(
            at=at,
            actor=actor.name,
            limit=reached.limit,
            verdict=answer.verdict,
            amount=answer.amount,
            comment=answer.comment,
            agent=turn.agent,
            turn=turn.number,
        )
    if answer.amount is not None:
        raise Refusal(Code.CONFLICT, f"run {state.id} has reached no limit that could be raised")
    return _about_turn(turn, actor, answer, at)


def _about_turn(turn: TurnState, actor: Actor, answer: Answer, at: float) -> ApprovalDecided:
    assert turn.approval is not None
    request = turn.approval.request
    if not may_answer(request.by, actor):
        raise Refusal(
            Code.DENIED, f'{actor.name} is not asked about agent "{turn.agent}"', f"asked are {', '.join(request.by)}"
        )
    if answer.verdict == "approve" and actor.name in turn.approval.comments:
        missing = request.count - len(turn.approval.comments)
        raise Refusal(
            Code.CONFLICT, f"{actor.name} has approved it before", f"{missing} more must, each another person"
        )
    return ApprovalDecided(
        at=at, actor=actor.name, agent=turn.agent, turn=turn.number, verdict=answer.verdict, comment=answer.comment
    )


def _meant(state: RunState, agent: str | None) -> TurnState:
    waiting = [turn for turn in _asked(state) if agent in (None, turn.agent)]
    if agent is not None and agent not in state.agents:
        raise Refusal(Code.NOT_FOUND, f'run {state.id} has no agent "{agent}"', f"it has {', '.join(state.agents)}")
    if not waiting:
        what = f'agent "{agent}" does not wait' if agent else "nothing waits"
        raise Refusal(Code.CONFLICT, f"{what} for approval in run {state.id}", "chainwright approvals lists what does")
    if len(waiting) > 1 and agent is None:
        raise Refusal(Code.AMBIGUOUS, "several agents wait for approval", ", ".join(turn.agent for turn in waiting))
    return waiting[0]


def _asked(state: RunState) -> Iterator[TurnState]:
    """Turns about which people are asked: once each, however many limits a turn has reached."""
    yield from _unapproved(state)
    yield from {turn.agent + str(turn.number): turn for turn, _ in waited_for(state)}.values()


def _unapproved(state: RunState) -> Iterator[TurnState]:
    return (turn for turn in state.held_turns() if turn.approval and not turn.approval.granted)


def listed(state: RunState) -> Iterator[dict[str, Any]]:
    """All that waits for people in a run, in the shape of ``schemas.approvals.ApprovalView``."""
    run = state.request
    assert run is not None
    of_run = {"run_id": run.run_id, "chain": run.chain, "number": run.number}
    for one in paused_by(state):
        yield of_run | _limit_view(one)
    for turn, reached in waited_for(state):
        yield of_run | _limit_view(reached) | {"agent": turn.agent, "turn": turn.number}
    for turn in _unapproved(state):
        yield of_run | _turn_view(turn)


def _limit_view(reached: LimitReached | TurnLimitReached) -> dict[str, Any]:
    anybody = {"by": [], "count": 1, "approved_by": [], "due": None, "inputs": {}, "legs": [], "legs_count": 0}
    return {
        "limit": reached.limit,
        "agent": None,
        "turn": None,
        "message": reached.detail,
        "asked_at": reached.at,
    } | anybody


def _turn_view(turn: TurnState) -> dict[str, Any]:
    assert turn.approval is not None and turn.prepared is not None
    request, resolved = turn.approval.request, turn.prepared.start.resolved
    return {
        "limit": None,
        "agent": turn.agent,
        "turn": turn.number,
        "message": request.message,
        "by": list(request.by),
        "count": request.count,
        "approved_by": list(turn.approval.comments),
        "asked_at": request.at,
        "due": request.due,
        "inputs": resolved.with_,
        "legs": [_leg_view(leg) for leg in resolved.legs[:SHOWN_LEGS]],
        "legs_count": len(resolved.legs),
    }


def _leg_view(leg: Leg) -> dict[str, Any]:
    return {"leg": leg.leg, "name": leg.name, "matrix": leg.matrix, "inputs": leg.resolved.with_}
