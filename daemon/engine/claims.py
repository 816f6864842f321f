"""Between a run's state and the groups that all runs share: its claims, what it is told about them, and who is ahead of it."""

from collections.abc import Iterator

from chainwright.daemon.core.attempt_ids import parsed
from chainwright.daemon.core.facts import Fact, ParentRun, SlotGranted, SlotRefused, SlotTaken
from chainwright.daemon.core.holds import RUN_CLAIM, RUN_CLAIMS, claim_named, claim_of
from chainwright.daemon.core.state import RunState
from chainwright.daemon.engine.groups import Claim, Groups, Key, Told


def claim_in(state: RunState, name: str) -> Claim:
    """A claim of a run. It shares the place that its run has, and those of the runs and turns that this run is called from."""
    request, slot = state.request, state.slots[name].request
    assert request is not None
    return Claim(
        run_id=request.run_id,
        name=name,
        organization=request.organization,
        group=slot.group,
        max=slot.max,
        queue=slot.queue,
        cancel_in_progress=slot.cancel_in_progress,
        priority=slot.priority,
        at=slot.at,
        family=(*(() if name in RUN_CLAIMS else ((request.run_id, RUN_CLAIM),)), *_ancestors(request.parent)),
    )


def _ancestors(parent: ParentRun | None) -> Iterator[Key]:
    while parent is not None:
        caller = parsed(parent.attempt_id)
        yield parent.run_id, RUN_CLAIM
        yield parent.run_id, claim_named(caller.agent, caller.turn)
        parent = parent.parent


def claims_of(state: RunState) -> Iterator[tuple[Claim, bool]]:
    """All claims of a run, and whether each was granted."""
    return ((claim_in(state, name), slot.granted) for name, slot in state.slots.items())


def fact_about(claim: Claim, told: Told, detail: str, at: float) -> Fact:
    """What a run is told about a claim."""
    if told == "granted":
        return SlotGranted(at=at, claim=claim.name)
    made = SlotRefused if told == "refused" else SlotTaken
    return made(at=at, claim=claim.name, detail=detail)


def ahead(groups: Groups, state: RunState, agent: str) -> Iterator[str]:
    """For people: who is before the run, or before a turn of this agent, in its group."""
    names = [*RUN_CLAIMS, *(claim_of(turn) for turn in state.agents[agent].live.values())]
    for name in names:
        if before := groups.ahead_of(state.id, name):
            yield f"  before it: {', '.join(map(str, before))}"
