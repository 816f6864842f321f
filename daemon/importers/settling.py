"""The end of every conversion: what this version does not carry out yet becomes a comment, and the chain is written.

An importer writes the whole language. ``schemas.unsupported`` decides what of it may stand: when a feature arrives, its key is no
longer commented out, and nothing here changes.
"""

from typing import Final

from chainwright.daemon.definition.nodes import Path
from chainwright.daemon.definition.refused import refused_paths
from chainwright.daemon.definition.source import Findings, Source
from chainwright.daemon.definition.yaml_reader import read_yaml
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.report import Report
from chainwright.daemon.importers.yaml_writer import written

_START_BY_HAND: Final = "Nothing that started it can start it yet, so a person does."
_ACTIONS: Final = ("run", "steps", "uses", "prompt")


def settle(draft: Draft, report: Report) -> str:
    """The text of the chain; each key that becomes a comment is a warning in the report."""
    root = read_yaml(Source(report.path, written(draft)), Findings(report.path))
    assert root is not None, "a draft is YAML that can be read"
    for path, message in refused_paths(root, "chain"):
        if _is_action(path):
            continue
        draft.disable(path)
        hint = "it stands in the chain as a comment: take the comment signs away when your version knows it"
        report.warn(draft.origin(path), "not-supported", message, hint=hint)
    _keep_startable(draft)
    return written(draft)


def _is_action(path: Path) -> bool:
    """Without it, an agent would be none; the lint says what is not supported there."""
    return len(path) == 3 and path[0] == "agents" and path[2] in _ACTIONS


def _keep_startable(draft: Draft) -> None:
    """Without a trigger that is left, ``on`` would be empty."""
    if ("on",) in draft.disabled:
        draft.disabled.discard(("on",))
        draft.root["on"]["manual"] = None
        draft.comment(("on", "manual"), _START_BY_HAND)
