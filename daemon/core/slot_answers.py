"""What follows when a place of a concurrency group is granted, refused or taken away (semantics 23)."""

from chainwright.daemon.core.draft import Draft
from chainwright.daemon.core.facts import SlotGranted, SlotRefused, SlotTaken
from chainwright.daemon.core.gates import pass_gates
from chainwright.daemon.core.holds import RUN_CLAIM, RUN_CLAIMS, SCHEDULE_CLAIM, turn_named
from chainwright.daemon.core.starting import enter_group, start
from chainwright.daemon.core.state import RunState
from chainwright.daemon.core.states import Outcome, Reason
from chainwright.daemon.core.stopping import stop_turn


def is_awaited(state: RunState, claim: str) -> bool:
    """Whether a place is asked for and not granted yet."""
    return claim in state.slots and not state.slots[claim].granted


def granted(draft: Draft, fact: SlotGranted) -> None:
    """The run asks for the next place or starts, or the turn passes on."""
    if fact.claim == SCHEDULE_CLAIM:
        enter_group(draft)
        return
    if fact.claim == RUN_CLAIM:
        start(draft)
        return
    turn = turn_named(draft.state, fact.claim)
    assert turn.prepared is not None
    pass_gates(draft, turn, turn.prepared)


def refused(draft: Draft, fact: SlotRefused) -> None:
    """There is no room, not even to wait: the run exists and is cancelled, or the turn is."""
    _end(draft, fact.claim, Reason.QUEUE_FULL, fact.detail)


def taken(draft: Draft, fact: SlotTaken) -> None:
    """Something newer takes the place, which the detail names: what is at work is stopped, what waits ends at once."""
    _end(draft, fact.claim, Reason.SUPERSEDED, fact.detail)


def _end(draft: Draft, claim: str, reason: Reason, detail: str) -> None:
    if claim in RUN_CLAIMS:
        draft.ask_to_stop(Outcome.CANCELLED, reason, detail)
        return
    turn = turn_named(draft.state, claim)
    if turn.held:
        stop_turn(draft, turn, reason, detail)
    else:
        draft.give_up(turn, reason, detail)
