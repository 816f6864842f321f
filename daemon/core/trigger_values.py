"""What a trigger's own expressions say before there is a run: whether it starts one, and with which inputs.

They see ``event``, ``vars`` and the time, and nothing else: there is no run yet.
"""

from collections.abc import Mapping
from typing import Any, Final

from chainwright.daemon.core.expressions import NOW, Status, parse_condition, resolve
from chainwright.daemon.core.graph import Chain

EVENT_OF_WEBHOOK = ("name", "headers", "body", "time")
"""What ``event`` holds for the expressions of a webhook."""
EVENT_OF_OTHERS = ("name", "source", "data", "time")
"""And for those of any other trigger: ``source`` says where it comes from."""

MEMBERS_OF_MOVES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "push": {
        "source": ("repository", "ref", "branch", "tag", "before", "after", "actor"),
        "data": ("paths", "message", "forced"),
    },
    "pull_request": {
        "source": ("repository", "ref", "branch", "tag", "before", "after", "actor"),
        "data": ("type", "number", "title", "url", "merged", "paths", "message"),
    },
}
"""What is known of a movement of refs: trigger → member of ``event`` → its members. Those of other triggers are their senders' own."""


def trigger_contexts(chain: Chain, event: Mapping[str, Any], at: float) -> dict[str, Any]:
    """The contexts of a trigger's expressions; ``at`` is the time of what has happened."""
    return {"event": event, "vars": chain.vars, NOW: at}


def webhook_event(hook: str, headers: Mapping[str, str], body: Any, at: float) -> dict[str, Any]:
    """A delivery of a webhook as its expressions see it; headers by lower-case name."""
    return {"name": hook, "headers": headers, "body": body, "time": at}


def lets_through(condition: str | None, contexts: Mapping[str, Any]) -> bool:
    """Whether the trigger's ``if`` holds; without one it does. Raises ExpressionError."""
    return condition is None or parse_condition(condition).holds(contexts, Status())


def given_inputs(inputs: Mapping[str, Any], contexts: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the trigger gives, not yet held against what the chain declares. Raises ExpressionError."""
    return {name: resolve(value, contexts) for name, value in inputs.items()}
