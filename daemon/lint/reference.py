"""The documentation of the rules, made from the rules: ``python -m chainwright.daemon.lint.reference`` writes ``docs/rules.md``.

``tests/daemon/lint/test_reference.py`` fails when the committed file is not what this gives.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from chainwright.daemon.lint.examples import language, shown
from chainwright.daemon.lint.fixes import FIXES
from chainwright.daemon.lint.registry import ENTRIES
from chainwright.daemon.lint.rule import Entry

FILE: Final = Path(__file__).resolve().parents[2] / "docs" / "rules.md"

_HEAD: Final = """# Rules of the linter

`chainwright lint` checks chain files and reusable agents. An **error** refuses the deployment, a **warning** is very probably a mistake, a
**note** is worth knowing. `chainwright lint --explain RULE` shows what stands here, `--fix` mends where that is said, and `--diff` shows
what it would change.

A warning or a note is silenced by `# lint: ignore[rule] why` on its line or on the line above; several rules are divided by commas. An
ignore that matches nothing is a note itself. Errors cannot be ignored.

This file is generated: `make rules`.
"""


def page(entry: Entry) -> str:
    """What is to be said about one rule, as Markdown."""
    mended = ["`chainwright lint --fix` mends it where it can be sure."] if entry.name in FIXES else []
    said = [f"{entry.severity.value.capitalize()}. {entry.doc} {entry.why}", *mended]
    return "\n\n".join((*said, _example("Wrong", entry.bad), _example("Right", entry.good))) + "\n"


def rendered(entries: Iterable[Entry] = ENTRIES) -> str:
    """The whole document."""
    listed = list(entries)
    table = ["| rule | | says |", "|---|---|---|"]
    table += [f"| [{one.name}](#{one.name}) | {one.severity.value} | {one.doc} |" for one in listed]
    chapters = [f"## {one.name}\n\n{page(one)}" for one in listed]
    return "\n".join((_HEAD, "\n".join(table) + "\n", "\n".join(chapters)))


def entry_of(name: str) -> Entry | None:
    """The rule of that name."""
    return next((entry for entry in ENTRIES if entry.name == name), None)


def nearest(name: str) -> str | None:
    """The rule that was probably meant."""
    found = get_close_matches(name, [entry.name for entry in ENTRIES], n=1)
    return found[0] if found else None


def _example(title: str, example: str) -> str:
    return f"{title}:\n\n```{language(example)}\n{shown(example)}```"


if __name__ == "__main__":
    FILE.write_text(rendered(), encoding="utf-8")
