"""What runs and turns wait for before they start, and what bounds turns, as the run machine reads it."""

from chainwright.daemon.core import graph
from chainwright.schemas.chain import TurnLimits
from chainwright.schemas.waits import Approval, Concurrency


def approval_of(approval: Approval | None) -> graph.Approval | None:
    """Who has to agree, if anybody."""
    if approval is None:
        return None
    return graph.Approval(
        by=_listed(approval.by),
        count=approval.count,
        timeout_s=approval.timeout,
        on_timeout=approval.on_timeout,
        message=approval.message,
    )


def concurrency_of(concurrency: Concurrency | None) -> graph.Concurrency | None:
    """The places that are shared, if any are."""
    if concurrency is None or isinstance(concurrency, str):
        return graph.Concurrency(group=concurrency) if concurrency is not None else None
    return graph.Concurrency(
        group=concurrency.group,
        max=concurrency.max,
        queue=concurrency.queue,
        cancel_in_progress=concurrency.cancel_in_progress,
    )


def limits_of(limits: TurnLimits | None) -> graph.TurnLimits | None:
    """What bounds each turn, if anything does."""
    if limits is None:
        return None
    return graph.TurnLimits(duration_s=limits.duration, events=limits.events, on_limit=limits.on_limit)


def _listed(names: str | list[str] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
