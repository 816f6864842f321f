"""What a change lets a whole chain do that it could not before: limits, triggers, inputs, how many runs at once."""

from collections.abc import Callable, Iterator
from typing import Final

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.plan.addresses import widened_webhooks
from chainwright.daemon.core.plan.fields import duration
from chainwright.daemon.core.plan.interface import changed_interface
from chainwright.daemon.core.plan.sentences import said
from chainwright.daemon.core.plan.widening import SOFTNESS, Widened, loosened


def widened_chain(before: Chain | None, after: Chain) -> Iterator[Widened]:
    """Everything that runs of the chain may do now and might not before; a new chain is held against one that says nothing."""
    base = before or Chain(id=after.id, name="", inputs=after.inputs)
    for concern in CONCERNS:
        yield from concern(base, after)


def _limits(before: Chain, after: Chain) -> Iterator[Widened]:
    old, new = before.limits, after.limits
    if new.duration_s > old.duration_s:
        yield "budget-raised", said(f"a run may take {duration(new.duration_s)}, not {duration(old.duration_s)}")
    if new.turns > old.turns:
        yield "budget-raised", said("a run may start {} turns, not {}", new.turns, old.turns)
    if new.events > old.events:
        yield "budget-raised", said("a run may emit {} events, not {}", new.events, old.events)
    if SOFTNESS.index(new.on_limit) > SOFTNESS.index(old.on_limit):
        yield "limit-softened", said(f"on-limit is {new.on_limit}, not {old.on_limit}")


def _triggers(before: Chain, after: Chain) -> Iterator[Widened]:
    known = {(one.cron, one.timezone) for one in before.schedules}
    for one in after.schedules:
        if (one.cron, one.timezone) not in known:
            yield "trigger-added", said("it starts by itself at {} in {}", one.cron, one.timezone)
    if after.callable and not before.callable:
        yield "trigger-added", said("other chains may call it")
    if after.manual and not before.manual:
        yield "trigger-added", said("people may start it")
    known_events = before.on_event.names if before.on_event else ()
    for event in after.on_event.names if after.on_event else ():
        if event not in known_events:
            yield "trigger-added", said("it starts on {}, an event of other chains or from outside", event)
    known_chains = before.on_chain.chains if before.on_chain else ()
    for chain in after.on_chain.chains if after.on_chain else ():
        if chain not in known_chains:
            yield "trigger-added", said("it starts when {} ends", chain)
    if after.on_push and not before.on_push:
        yield "trigger-added", said("pushes to the repository start it")
    if after.on_pull_request and not before.on_pull_request:
        yield "trigger-added", said("pull requests start it, whoever opens them, at what they bring")


def _inputs(before: Chain, after: Chain) -> Iterator[Widened]:
    for change in changed_interface(before, after):
        if change.loosens:
            yield "input-loosened", change.what


def _concurrency(before: Chain, after: Chain) -> Iterator[Widened]:
    yield from loosened(before.concurrency, after.concurrency)


CONCERNS: Final[tuple[Callable[[Chain, Chain], Iterator[Widened]], ...]] = (
    _limits,
    _triggers,
    widened_webhooks,
    _inputs,
    _concurrency,
)
