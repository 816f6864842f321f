"""Fixes of keys: misspelt ones, and words of GitHub Actions."""

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from typing import Final

from chainwright.daemon.definition.form_messages import keys_at
from chainwright.daemon.definition.nodes import Mapping, Path, Scalar, at
from chainwright.daemon.lint.fixes.edits import Edit, Edits, Page, key_renamed, removed, replaced, stop_of
from chainwright.schemas.agent import AgentFile
from chainwright.schemas.chain import ChainFile
from chainwright.schemas.diagnostic import Diagnostic

_NEAR: Final = 0.75
_CLEARLY: Final = 0.1
"""How much nearer than any other the word has to be that is put in without asking."""

_VALUES: Final = {"workflow_dispatch": "manual", "workflow_call": "call"}
_CHECKOUT: Final = re.compile(r"actions/checkout(@.*)?")


def misspelt(page: Page, finding: Diagnostic) -> Edits:
    """The known key that is clearly nearest; nothing where two are, or where the mapping has that key already."""
    path = page.key_at(finding.span.line, finding.span.column)
    if path is None:
        return ()
    model = ChainFile if page.kind == "chain" else AgentFile
    nearest = _nearest(str(path[-1]), keys_at(model, path[:-1]))
    return key_renamed(page, path, nearest) if nearest else ()


def _nearest(word: str, known: list[str]) -> str | None:
    ranked = sorted(((_likeness(word, one), one) for one in dict.fromkeys(known)), reverse=True)
    best, second = (*ranked, (0.0, ""), (0.0, ""))[:2]
    return best[1] if best[0] >= _NEAR and best[0] - second[0] >= _CLEARLY else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def of_github(page: Page, finding: Diagnostic) -> Edits:
    """What the word is called here; nothing where a person has to decide, such as what becomes of a container."""
    line, column = finding.span.line, finding.span.column
    if (path := page.key_at(line, column)) is not None:
        fix = _KEYS.get(str(path[-1]))
        return fix(page, path) if fix else ()
    scalar_path = page.scalar_at(line, column)
    scalar = at(page.root, *scalar_path) if scalar_path is not None else None
    if isinstance(scalar, Scalar) and (new := _VALUES.get(str(scalar.value))):
        return replaced(page, scalar.place, str(scalar.value), new)
    return ()


def _renamed(name: str) -> Callable[[Page, Path], Edits]:
    """Inputs of a trigger go to the top of the chain, where they are for every trigger."""

    def fix(page: Page, path: Path) -> Edits:
        renamed = key_renamed(page, path, name)
        below = at(page.root, *path)
        if not renamed or path[0] != "on" or not isinstance(below, Mapping) or not below.entries:
            return renamed
        moved = _inputs_moved(page, path) if list(below.entries) == ["inputs"] else ()
        return (*renamed, *moved) if moved else ()

    return fix


def _inputs_moved(page: Page, trigger: Path) -> Edits:
    """The inputs of a trigger at the top of the file, below ``on``, as they are written but for their indentation."""
    key, on = page.entry((*trigger, "inputs")), page.entry(("on",))
    is_there = isinstance(page.root, Mapping) and "inputs" in page.root.entries
    if key is None or on is None or is_there or not page.is_first_on_line(page.start(key.key)):
        return ()
    start, stop = page.line_start(page.start(key.key)), page.line_stop(stop_of(page, key.value))
    below = page.line_stop(stop_of(page, on.value))
    lines = page.text[start:stop].split(page.line_end)
    dedented = [line.removeprefix(" " * (key.key.column - 1)) for line in lines]
    taken_out = Edit(start - len(page.line_end), stop, "")
    return (taken_out, Edit(below, below, page.line_end + page.line_end.join(dedented)))


def _title(page: Page, path: Path) -> Edits:
    """A name is static here."""
    value = at(page.root, *path)
    return key_renamed(page, path, "name") if isinstance(value, Scalar) and "${{" not in str(value.value) else ()


def _minutes(page: Page, path: Path) -> Edits:
    value = at(page.root, *path)
    if not isinstance(value, Scalar) or not isinstance(value.value, int) or isinstance(value.value, bool):
        return ()
    written = page.written(value.place)
    new = f'"{value.value}m"' if page.is_json else f"{value.value}m"
    key = key_renamed(page, path, "timeout")
    return (*key, *replaced(page, value.place, written, new)) if key else ()


def _checkout(page: Page, path: Path) -> Edits:
    """The workspace is a checkout already, so that step goes; any other action has to be written as a script."""
    value = at(page.root, *path)
    is_checkout = isinstance(value, Scalar) and _CHECKOUT.fullmatch(str(value.value))
    return removed(page, path[:-1]) if is_checkout else ()


_KEYS: Final[dict[str, Callable[[Page, Path], Edits]]] = {
    "jobs": _renamed("agents"),
    "workflow_dispatch": _renamed("manual"),
    "workflow_call": _renamed("call"),
    "run-name": _title,
    "timeout-minutes": _minutes,
    "permissions": removed,
    "uses": _checkout,
}
