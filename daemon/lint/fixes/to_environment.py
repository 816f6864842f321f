"""The fix of what a script pastes in: ``env`` carries it, and the script names the variable."""

import json

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.definition.nodes import Mapping as Keys
from chainwright.daemon.definition.nodes import Path, at
from chainwright.daemon.lint.expressions import may_stand_in_script, place
from chainwright.daemon.lint.fixes.edits import Edit, Edits, Page, entry_added
from chainwright.daemon.lint.handover import Handover, handover, owner_of
from chainwright.daemon.lint.texts import Text, texts_of, texts_of_agent
from chainwright.schemas.diagnostic import Diagnostic

_ACTIONS = ("run", "steps", "uses", "prompt")
"""The environment is put before what it is for."""


def moved_to_environment(page: Page, finding: Diagnostic) -> Edits:
    """Nothing where the script is no shell's, where the place is code for another program, or the expression spans lines."""
    found = _pasted(page, finding)
    if found is None:
        return ()
    text, reference = found
    moved = handover(page.root, text, reference)
    if moved is None or moved.inserted is None:
        return ()
    in_script = _in_script(page, text, moved)
    in_environment = () if moved.is_given else _in_environment(page, owner_of(text), moved)
    return (*in_script, *in_environment) if in_script and (in_environment or moved.is_given) else ()


def _pasted(page: Page, finding: Diagnostic) -> tuple[Text, Reference] | None:
    texts = texts_of(page.root) if page.kind == "chain" else texts_of_agent(page.root, None)
    for text in texts:
        for reference in text.references if text.role == "run" else ():
            if not may_stand_in_script(reference.path) and place(page.source, text, reference) == finding.span:
                return text, reference
    return None


def _in_script(page: Page, text: Text, moved: Handover) -> Edits:
    """The variable in place of the expression, escaped as the text is quoted."""
    span = page.source.within(text.scalar, moved.start, len(moved.expression))
    start = page.offset(span.line, span.column)
    end = start + len(moved.expression)
    if page.text[start:end] != moved.expression:
        return ()
    written = page.written(text.scalar.place)
    inserted = moved.inserted or ""
    if inserted.startswith("'") and page.text[start - 1] == page.text[end : end + 1] == "'" != written[:1]:
        start, end, inserted = start - 1, end + 1, inserted.strip("'")
    begin = page.start(text.scalar.place)
    if text.scalar.style == "plain" and start == begin:  # a quote there would begin a quoted text
        return _requoted(page, text, start, end, inserted)
    return (Edit(start, end, _escaped(inserted, written[:1])),)


def _escaped(inserted: str, quote: str) -> str:
    if quote == '"':
        return inserted.replace('"', '\\"')
    return inserted.replace("'", "''") if quote == "'" else inserted


def _requoted(page: Page, text: Text, start: int, end: int, inserted: str) -> Edits:
    stop = page.end(text.scalar.place)
    rest = page.text[end:stop]
    new = f"{inserted}{rest}".replace("'", "''")
    return (Edit(start, stop, f"'{new}'"),) if len(rest.splitlines()) <= 1 else ()


def _in_environment(page: Page, owner: Path, moved: Handover) -> Edits:
    value = json.dumps(moved.expression) if page.is_json else "'" + moved.expression.replace("'", "''") + "'"
    env = at(page.root, *owner, "env")
    if isinstance(env, Keys) and env.entries:
        return entry_added(page, (*owner, "env"), moved.variable, value)
    if env is not None:
        return ()
    variable = json.dumps(moved.variable) if page.is_json else moved.variable
    return entry_added(page, owner, "env", f"{{{variable}: {value}}}", before=_ACTIONS)
