"""Mends definitions: makes the fixes that rules name, one at a time, and keeps only those after which fewer errors are left."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from chainwright.daemon.definition.compiler import FOLDER
from chainwright.daemon.definition.reading import read
from chainwright.daemon.definition.source import Findings
from chainwright.daemon.lint.fixes import FIXES
from chainwright.daemon.lint.fixes.edits import Edits, Page, edited
from chainwright.daemon.lint.linter import is_agent_file, lint_repository
from chainwright.schemas.diagnostic import Diagnostic, Severity

MAX_FIXES: Final = 500
"""Of one file: each costs a reading of it."""

_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """A file as it is after its fixes, byte for byte the same where nothing was to be mended."""

    data: bytes
    mended: tuple[Diagnostic, ...]
    """What was mended, each with its place in the text as it was at that moment."""


def fixed(path: str, data: bytes, beside: Mapping[str, bytes], folder: str = FOLDER) -> Fixed:
    """The file mended as far as that can be done without asking.

    ``beside`` are the other files that it needs, by path. A second time nothing is left to mend. A file that is no text is left alone.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return Fixed(data=data, mended=())
    mended: list[Diagnostic] = []
    files = _File(path, beside, folder)
    while len(mended) < MAX_FIXES and (step := files.step(text)) is not None:
        text = step[0]
        mended.append(step[1])
    return Fixed(data=text.encode("utf-8"), mended=tuple(mended))


class _File:
    """One file in the company that it needs; remembers the fixes that did no good."""

    def __init__(self, path: str, beside: Mapping[str, bytes], folder: str) -> None:
        self._path = path
        self._beside = beside
        self._folder = folder
        self._in_vain: set[tuple[str, Edits]] = set()
        self._kind: Literal["chain", "agent"] = "agent" if is_agent_file(path, folder) else "chain"

    def step(self, text: str) -> tuple[str, Diagnostic] | None:
        """The text after one fix, and what that mended; None when nothing more can be."""
        errors = self._errors(text)
        for finding, edits in self._offers(text, errors):
            better = _with_bom(text, edited(text.removeprefix(_BOM), edits))
            if len(self._errors(better)) < len(errors):
                return better, finding
            self._in_vain.add((finding.message, edits))
        return None

    def _offers(self, text: str, errors: list[Diagnostic]) -> Iterator[tuple[Diagnostic, Edits]]:
        page = self._page(text)
        for finding in errors if page else ():
            edits = FIXES[finding.rule](page, finding) if page and finding.rule in FIXES else ()
            if edits and (finding.message, edits) not in self._in_vain:
                yield finding, edits

    def _page(self, text: str) -> Page | None:
        """None where positions are not to be trusted."""
        source, root = read(self._path, text.encode("utf-8"), Findings(self._path))
        return Page(source, root, self._kind) if root and source.text == text.removeprefix(_BOM) else None

    def _errors(self, text: str) -> list[Diagnostic]:
        found = lint_repository({**self._beside, self._path: text.encode("utf-8")}, self._folder).diagnostics
        return [one for one in found if one.path == self._path and one.severity is Severity.ERROR]


def _with_bom(before: str, after: str) -> str:
    return _BOM + after if before.startswith(_BOM) else after
