"""What an agent's turns wait for before they start, as the run machine reads it."""

from chainwright.daemon.core import graph
from chainwright.schemas.waits import Approval


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


def _listed(names: str | list[str] | None) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
