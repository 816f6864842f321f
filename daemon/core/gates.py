"""What a turn that is ready has to pass before it starts, in the order of semantics 16: people, its concurrency group, the limits.

A turn that passes all gates at once leaves no trace of them in the journal. One that is held is prepared first: its values are
recorded, and those are what it starts with, however long it waits.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from chainwright.daemon.core.asking import ask
from chainwright.daemon.core.concurrency import ask_for_turn
from chainwright.daemon.core.decisions import TurnPrepared
from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.endings import schedule
from chainwright.daemon.core.holds import RUN_CLAIM, claim_of
from chainwright.daemon.core.limits import hold_for_limit, is_paused, reach, turns_are_used_up
from chainwright.daemon.core.state import RunState, TurnState
from chainwright.daemon.core.turn_limits import start_clock


def pass_gates(draft: Draft, turn: TurnState, prepared: TurnPrepared) -> None:
    """Start the turn, or leave it held by the first gate that is shut; called again when that has opened."""
    for is_shut, hold in _GATES:
        if is_shut(draft.state, turn, prepared):
            if turn.prepared is None:
                draft.record(prepared)
            hold(draft, turn)
            return
    if turns_are_used_up(draft.state):
        reach(draft, "turns")
    draft.record(prepared.start)
    for leg in draft.state.kept_legs.get((turn.agent, turn.consumed), ()):
        draft.record(replace(leg, turn=turn.number))
    start_clock(draft, turn)
    schedule(draft, turn)


def _lacks_approval(state: RunState, turn: TurnState, _: TurnPrepared) -> bool:
    asks = state.chain.agents[turn.agent].approval is not None
    return asks and not (turn.approval and turn.approval.granted)


def _lacks_place(state: RunState, turn: TurnState, prepared: TurnPrepared) -> bool:
    """What the run holds its turns need not ask for: they would wait for themselves."""
    if not prepared.group:
        return False
    names = (RUN_CLAIM, claim_of(turn))
    held = [state.slots[name] for name in names if name in state.slots]
    return not any(slot.granted and slot.request.group == prepared.group for slot in held)


def _is_over_limit(state: RunState, turn: TurnState, _: TurnPrepared) -> bool:
    return is_paused(state) or (turns_are_used_up(state) and state.chain.limits.on_limit != "notify")


_GATES: Final[
    tuple[tuple[Callable[[RunState, TurnState, TurnPrepared], bool], Callable[[Draft, TurnState], None]], ...]
] = (
    (_lacks_approval, ask),
    (_lacks_place, ask_for_turn),
    (_is_over_limit, hold_for_limit),
)
