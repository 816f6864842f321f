"""Where in a shell script a place is: what a variable that is put there has to be quoted with.

Not a shell's parser: what it is not sure of it calls unsure, and nothing is put there then.
"""

import re
from typing import Final, Literal

Quoting = Literal["bare", "double", "single", "unsure"]

SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh", "ksh"})
"""Interpreters that read ``"$NAME"`` as we mean it."""

EXPRESSION: Final = re.compile(r"\$\{\{(?:[^'}]|'[^']*'|}(?!}))*\}\}", re.DOTALL)
"""One ``${{ }}`` of a script."""

_TEXT_AS_CODE: Final = re.compile(r"<<|`|\beval\b|\bssh\b|(?:^|\s)-\w*c\s")
"""Here-documents, whose quotes are text, and programs that are handed over as text: the value would be code in those."""

_OPENING: Final[dict[str, Quoting]] = {"'": "single", '"': "double"}


def quoting_at(script: str, offset: int) -> Quoting:
    """How the place at ``offset`` is quoted."""
    before = script[:offset]
    if _TEXT_AS_CODE.search(before):
        return "unsure"
    return _Walk(before).state


class _Walk:
    """Reads a script up to its end; the stack holds the quotes that are open, ``$( )`` among them begin anew."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._stack: list[str] = []
        self._at = 0
        while self._at < len(script):
            self._at += self._step(script[self._at])

    @property
    def state(self) -> Quoting:
        """How what comes next is quoted."""
        return _OPENING.get(self._stack[-1], "bare") if self._stack else "bare"

    def _step(self, character: str) -> int:
        """How many characters were read."""
        if found := EXPRESSION.match(self._script, self._at):
            return len(found[0])
        if self.state == "single":
            return self._close("'", character)
        if character == "\\":
            return 2
        if self._script.startswith("$(", self._at):
            self._stack.append(")")
            return 2
        if self.state == "double":
            return self._close('"', character)
        return self._bare(character)

    def _bare(self, character: str) -> int:
        if character in _OPENING or character == "(":
            self._stack.append(")" if character == "(" else character)
        elif character == ")" and self._stack:
            self._stack.pop()
        elif character == "#" and self._script[self._at - 1 : self._at] in {"", " ", "\t", "\n", ";"}:
            line_end = self._script.find("\n", self._at)
            return (line_end if line_end >= 0 else len(self._script)) - self._at
        return 1

    def _close(self, quote: str, character: str) -> int:
        if character == quote:
            self._stack.pop()
        return 1


def outside_comments(script: str) -> str:
    """The script with its comment lines blanked; what stays keeps its offset."""
    return re.sub(r"(?m)^[ \t]*#.*$", lambda comment: " " * len(comment[0]), script)
