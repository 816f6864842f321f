"""The labels that an agent asks of its host, when its values are known."""

import re
from collections.abc import Mapping
from typing import Any, Final

from chainwright.daemon.core.expressions import ExpressionError, resolve, to_text

LOCAL: Final = "local"
"""The first label of the daemon's own machine, and its name."""

_LABEL: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}\Z")


def host_labels(templates: tuple[str, ...], contexts: Mapping[str, Any]) -> tuple[str, ...]:
    """Each label once, in order; an expression may give one or a list. Raises ExpressionError, also for what is no label."""
    found: list[Any] = []
    for template in templates:
        value = resolve(template, contexts)
        found += value if isinstance(value, list) else [value]
    labels = tuple(dict.fromkeys(to_text(one) for one in found))
    for label in labels:
        if not _LABEL.match(label):
            raise ExpressionError(f"runs-on: {label!r} is no label of a host", "evaluation")
    return labels
