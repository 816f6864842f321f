"""Expressions of GitHub's → ours, by the tokens of our own lexer: what changes is replaced where it stands, the rest stays as written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from chainwright.daemon.core.expressions import ExpressionError, to_text
from chainwright.daemon.core.expressions.lexer import Token, tokens
from chainwright.daemon.definition.nodes import Scalar
from chainwright.daemon.definition.source import Source
from chainwright.daemon.importers.github.names import EVENT_NAME, FOREIGN, RENAMED, TRIGGERS
from chainwright.daemon.importers.report import Report
from chainwright.schemas.diagnostic import Span

EXPRESSION: Final = re.compile(r"\$\{\{((?:[^'}]|'[^']*'|\}(?!\}))*)\}\}")
STATUS: Final = frozenset({"success", "failure", "cancelled", "always"})
_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9_-]+")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A path, a call, a constant or anything else, from ``begins`` to ``ends`` of the expression's text."""

    begins: int
    ends: int
    path: Path = ()
    called: str = ""
    constant: object = None
    symbol: str = ""


@dataclass(slots=True, kw_only=True)
class Scope:
    """What expressions of one workflow name, gathered while they are rewritten."""

    source: Source
    report: Report
    jobs: dict[str, str] = field(default_factory=dict)
    """Id of a job → id of its agent."""
    matrices: set[str] = field(default_factory=set)
    """Ids of agents that have legs."""
    inputs: dict[str, str] = field(default_factory=dict)
    """Inputs that stand for what only GitHub knows → what it is called there."""
    lists: set[str] = field(default_factory=set)
    """Those of them of which an expression asks for items."""
    vars: dict[str, None] = field(default_factory=dict)
    secrets: dict[str, None] = field(default_factory=dict)
    """Those of the agent at hand."""
    steps: dict[str, str] = field(default_factory=dict)
    """Of the job at hand: id of a step → its id here."""
    job: str = ""
    """The agent at hand."""
    needs: frozenset[str] | None = None
    """The jobs that it needs, near and far; None outside of a job."""

    def text(self, scalar: Scalar) -> str:
        """The text with every expression in it rewritten."""
        written = to_text(scalar.value)
        return EXPRESSION.sub(lambda found: f"${{{{ {self.expression(scalar, found)} }}}}", written)

    def expression(self, scalar: Scalar, found: re.Match[str]) -> str:
        """One ``${{ }}`` of the scalar, rewritten and without its braces."""
        return self.rewritten(found[1].strip(), self.source.within(scalar, found.start(), len(found[0])))

    def rewritten(self, text: str, place: Span) -> str:
        """An expression without braces, rewritten; ``place`` is what points are about."""
        pieces = self.pieces(text, place)
        edits = [edit for index, piece in enumerate(pieces) if (edit := self._edit(pieces, index, place))]
        for begins, ends, new in reversed(edits):
            text = text[:begins] + new + text[ends:]
        return text

    def pieces(self, text: str, place: Span) -> list[Piece]:
        """What the expression consists of; nothing, with its point, when it cannot be read."""
        try:
            return list(_pieces(list(tokens(text))))
        except ExpressionError as error:
            self.report.error(place, "gha-expression", error.message, hint="it was left as it is")
            return []

    def _edit(self, pieces: list[Piece], index: int, place: Span) -> tuple[int, int, str] | None:
        piece = pieces[index]
        if piece.called == "hashfiles":
            hint = "work it out in a step, as with sha256sum, and write it to $GITHUB_OUTPUT"
            self.report.error(place, "gha-hash-files", "hashFiles() does not exist here", hint=hint)
        if isinstance(piece.constant, str) and _beside_event_name(pieces, index) and piece.constant in TRIGGERS:
            return piece.begins, piece.ends, f"'{TRIGGERS[piece.constant]}'"
        new = self._renamed(piece.path, place) if piece.path else None
        if new is not None and pieces[index + 1 : index + 2] and pieces[index + 1].symbol in (".", "["):
            self.lists |= {new.removeprefix("inputs.")} & set(self.inputs)
        return None if new is None else (piece.begins, piece.ends, new)

    def _renamed(self, path: Path, place: Span) -> str | None:
        """What stands for a path; None when it stays as it is."""
        root, lower = path[0].lower(), tuple(name.lower() for name in path)
        if lower[:3] == ("github", "event", "inputs"):
            return ".".join(("inputs", *path[3:]))
        if lower == ("github", "job"):
            return f"'{self.job}'"
        if lower in RENAMED:
            self._note_secret(RENAMED[lower])
            return RENAMED[lower]
        if root in FOREIGN:
            return f"inputs.{self.input_for(path, place)}"
        self._gather(root, path, place)
        return self._with_new_id(root, path, place)

    def input_for(self, path: Path, place: Span) -> str:
        """The input that stands for what only GitHub knows."""
        name = _NOT_IN_NAME.sub("_", "_".join(path))
        if self.inputs.setdefault(name, ".".join(path)) and name:
            hint = f"it is empty unless it is given: -i {name}=…"
            self.report.warn(
                place, "gha-context", f'"{".".join(path)}" is not known here, it is the input "{name}"', hint=hint
            )
        return name

    def _gather(self, root: str, path: Path, place: Span) -> None:
        if root == "secrets" and len(path) > 1:
            self.secrets[path[1]] = None
        if root == "vars" and len(path) > 1 and path[1] not in self.vars:
            self.vars[path[1]] = None
            hint = 'give its value under "vars"'
            self.report.warn(
                place, "gha-vars", f'the variable "{path[1]}" is kept by GitHub, not in the file', hint=hint
            )

    def _note_secret(self, expression: str) -> None:
        if expression.startswith("secrets."):
            self.secrets[expression.removeprefix("secrets.")] = None

    def _with_new_id(self, root: str, path: Path, place: Span) -> str | None:
        if root == "jobs":
            return ".".join(("agents", self.jobs.get(path[1], path[1]) if path[1:] else "", *path[2:]))
        if root == "steps" and path[1:] and self.steps.get(path[1], path[1]) != path[1]:
            return ".".join((root, self.steps[path[1]], *path[2:]))
        if root == "needs" and path[1:]:
            return self._need(path, place)
        return None

    def _need(self, path: Path, place: Span) -> str | None:
        new = self.jobs.get(path[1], path[1])
        if self.needs is not None and path[1] not in self.needs:
            message = f'"{path[1]}" is not among the needs of the job'
            self.report.error(place, "gha-needs", message, hint="add it to needs; on GitHub it has no value as it is")
        if new in self.matrices and path[2:3] == ("outputs",):
            message = f'"{path[1]}" has legs: it is the output of the first that is read'
            self.report.warn(place, "gha-matrix-outputs", message, hint=f"needs.{new}.legs has the outputs of all")
            return ".".join(("needs", new, "legs[0]", *path[2:]))
        return ".".join(("needs", new, *path[2:])) if new != path[1] else None


def calls(pieces: list[Piece]) -> set[str]:
    """The status functions that are asked."""
    return {piece.called for piece in pieces if piece.called in STATUS}


def _beside_event_name(pieces: list[Piece], index: int) -> bool:
    """Whether the constant is compared with ``github.event_name``."""
    for step in (-1, 1):
        near = pieces[index + step : index + step + 1] if index + step >= 0 else []
        far = pieces[index + 2 * step : index + 2 * step + 1] if index + 2 * step >= 0 else []
        if near and far and near[0].symbol in ("==", "!=") and tuple(map(str.lower, far[0].path)) == EVENT_NAME:
            return True
    return False


def _pieces(found: list[Token]) -> Iterator[Piece]:
    at = 0
    while found[at].kind != "end":
        token = found[at]
        if token.kind == "name":
            ends, path = _path(found, at)
            is_call = len(path) == 1 and found[at + 1].text == "("
            last = found[ends - 1]
            yield Piece(
                begins=token.offset,
                ends=last.offset + len(last.text),
                path=() if is_call else path,
                called=token.text.lower() if is_call else "",
            )
            at = ends
        else:
            constant = token.value if token.kind == "constant" else None
            symbol = token.text if token.kind == "symbol" else ""
            yield Piece(begins=token.offset, ends=token.offset + len(token.text), constant=constant, symbol=symbol)
            at += 1


def _path(found: list[Token], at: int) -> tuple[int, Path]:
    """Where the path that begins here ends, and its names: as far as they are written out."""
    path = [found[at].text]
    at += 1
    while True:
        if found[at].text == "." and found[at + 1].kind == "property":
            path.append(found[at + 1].text)
            at += 2
        elif found[at].text == "[" and isinstance(found[at + 1].value, str) and found[at + 2].text == "]":
            path.append(found[at + 1].value)
            at += 3
        else:
            return at, tuple(path)
