"""One chain before and after: everything about it that differs."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.core.plan.addresses import changed_webhooks
from chainwright.daemon.core.plan.contracts import broken_contracts, new_cycles
from chainwright.daemon.core.plan.drawing import drawn_change
from chainwright.daemon.core.plan.edges import changed_edges
from chainwright.daemon.core.plan.fields import changed_fields
from chainwright.daemon.core.plan.interface import changed_interface
from chainwright.daemon.core.plan.report import AgentChange, ChainChange
from chainwright.daemon.core.plan.times import changed_schedules


def changed_chain(before: Chain | None, after: Chain | None, now: float) -> ChainChange | None:
    """None for a chain that is as it was."""
    if after is None:
        assert before is not None
        return _gone(before)
    if before is None:
        return _come(after, now)
    if before == after or (_is_same(before, after) and before.path == after.path):
        return None
    return _changed(before, after, now)


def _is_same(before: Chain, after: Chain) -> bool:
    """Whether only the definitions that it calls differ, which are told where they stand."""
    return before.id == after.id and not any(_differences(before, after, 0.0))


def _differences(before: Chain, after: Chain, now: float) -> Iterator[object]:
    yield from changed_fields(before, after)
    yield from _agents(before, after)
    yield from changed_interface(before, after)
    yield from changed_schedules(before, after, now)
    yield from changed_webhooks(before, after)


def _gone(before: Chain) -> ChainChange:
    return ChainChange(
        kind="removed",
        id=before.id,
        path=before.path,
        agents=tuple(AgentChange(kind="removed", id=name) for name in before.agents),
        schedules=changed_schedules(before, None, 0.0),
        webhooks=changed_webhooks(before, None),
    )


def _come(after: Chain, now: float) -> ChainChange:
    return ChainChange(
        kind="added",
        id=after.id,
        path=after.path,
        agents=tuple(AgentChange(kind="added", id=name) for name in after.agents),
        edges=changed_edges(None, after),
        schedules=changed_schedules(None, after, now),
        webhooks=changed_webhooks(None, after),
        contracts=broken_contracts(None, after),
        cycles=new_cycles(None, after),
        graph=drawn_change(None, after),
    )


def _changed(before: Chain, after: Chain, now: float) -> ChainChange:
    is_renamed = before.id != after.id or before.path != after.path
    return ChainChange(
        kind="renamed" if is_renamed else "changed",
        id=after.id,
        path=after.path,
        was=before.id if before.id != after.id else "",
        was_path=before.path if before.path != after.path else "",
        fields=changed_fields(before, after),
        agents=tuple(_agents(before, after)),
        edges=changed_edges(before, after),
        interface=changed_interface(before, after),
        schedules=changed_schedules(before, after, now),
        webhooks=changed_webhooks(before, after),
        contracts=broken_contracts(before, after),
        cycles=new_cycles(before, after),
        graph=drawn_change(before, after),
    )


def _agents(before: Chain, after: Chain) -> Iterator[AgentChange]:
    for name, agent in after.agents.items():
        if name not in before.agents:
            yield AgentChange(kind="added", id=name)
        elif fields := changed_fields(before.agents[name], agent):
            yield AgentChange(kind="changed", id=name, fields=fields)
    for name in before.agents:
        if name not in after.agents:
            yield AgentChange(kind="removed", id=name)
