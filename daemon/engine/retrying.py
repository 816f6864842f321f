"""What a run that retries another takes over, or why it cannot: the refusals around ``core.resuming``."""

from typing import Final

from chainwright.daemon.core.decisions import Decision
from chainwright.daemon.core.facts import Fact
from chainwright.daemon.core.keeping import Again, Past
from chainwright.daemon.core.refusals import Code, Refusal
from chainwright.daemon.core.resuming import adoptions, misfits
from chainwright.daemon.core.states import Outcome
from chainwright.daemon.engine.ports import PinnedChain

ALL_AGAIN: Final = Again()


def adopted_from(past: Past, pinned: PinnedChain, again: Again, now: float) -> list[Fact | Decision]:
    """The entries that the new run begins with.

    Raises :class:`Refusal` for an agent that is not there, when nothing has failed, and when what is kept does not fit ``pinned``.
    """
    run = past.state.id
    if again.agent is not None and again.agent not in past.state.agents:
        known = ", ".join(past.state.agents)
        raise Refusal(Code.NOT_FOUND, f'run {run} has no agent "{again.agent}"', f"it has {known}")
    if again.failed and again.agent is None and past.state.outcome is Outcome.SUCCEEDED:
        hint = "all of it again: leave --failed out; a part of it: --from AGENT"
        raise Refusal(Code.CONFLICT, f"run {run} has succeeded: nothing of it failed", hint)
    adopted = adoptions(past, pinned.chain, again, now)
    if again.on_new_definition and (problems := misfits(adopted, past, pinned.chain)):
        hint = f"{'; '.join(problems)}. Do more of it again with --from AGENT, or all of it"
        raise Refusal(Code.CONFLICT, f"what run {run} keeps does not fit the definition at {pinned.commit[:12]}", hint)
    return adopted
