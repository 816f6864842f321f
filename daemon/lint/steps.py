"""What a step may know of others, for the rules about chains and about reusable agents."""

from collections.abc import Sequence
from typing import Final

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.texts import Text

_MEMBERS: Final = ("outputs", "outcome", "conclusion")


def unknown_step(ids: Sequence[str], text: Text, path: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with a path that begins with ``steps``, and the hint. ``ids`` are those of all steps, empty where one has none."""
    if text.step is None and not text.is_asked_afterwards:
        return '"steps" is known only within a step', 'a step hands values to other agents by "$CHAINWRIGHT_OUTPUT"'
    if not path[1:]:
        return None
    before = [one for one in ids[: text.step] if one]
    if path[1].lower() not in map(str.lower, before):
        hint = near(path[1], before) or (
            f"before it run {', '.join(before)}" if before else "no step before it has an id"
        )
        runs_later = path[1].lower() in map(str.lower, ids)
        said = f'step "{path[1]}" does not run before this one'
        return said if runs_later else f'there is no step "{path[1]}"', hint
    if path[2:] and path[2].lower() not in _MEMBERS:
        return f'"steps.{path[1]}" has no "{path[2]}"', near(path[2], _MEMBERS) or f"it has {', '.join(_MEMBERS)}"
    return None
