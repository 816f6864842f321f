"""Texts of a chain in which expressions stand: templates and conditions, compiled once and kept by text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from chainwright.daemon.core.expressions.errors import ExpressionError
from chainwright.daemon.core.expressions.evaluator import evaluate
from chainwright.daemon.core.expressions.parser import parse
from chainwright.daemon.core.expressions.status import Status
from chainwright.daemon.core.expressions.tree import Constant, Context, Filter, Member, Node, StatusCall, walk
from chainwright.daemon.core.expressions.values import Json, is_truthy, to_text
from chainwright.daemon.core.expressions.vocabulary import IN_CONDITION, IN_TEMPLATE, Vocabulary

OPEN: Final = "${{"
CLOSE: Final = "}}"

_KEPT: Final = 4_096  # compiled texts; a large deployment holds a few thousand distinct ones
_BODY: Final = re.compile(r"(?:[^'}]|'[^']*'|}(?!}))*")  # a closing pair inside quotes does not close
_NO_STATUS: Final = Status()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A path that an expression reads (``("needs", "a", "outputs", "b")``), and where it begins in the whole text.

    A filter is the step ``*``. The path ends before an index that is computed.
    """

    path: tuple[str, ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """One parsed ``${{ }}``; ``begins`` is where the offsets of its tree count from."""

    tree: Node
    begins: int
    nodes: tuple[Node, ...]
    """The tree's, from the outside in: many rules look through them, and the text is read once."""

    def value(self, contexts: Mapping[str, Json], status: Status) -> Json:
        """What it evaluates to; the offset of an error is one within the whole text."""
        try:
            return evaluate(self.tree, contexts, status)
        except ExpressionError as error:
            raise error.moved(self.begins) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Text with zero or more ``${{ }}``."""

    parts: tuple[str | Expression, ...]
    located: tuple[Reference, ...]
    """Every path that it reads, in the order of the text."""

    @property
    def references(self) -> tuple[tuple[str, ...], ...]:
        """The paths alone; the context's name in lower case, the rest as written."""
        return tuple(reference.path for reference in self.located)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Those that stand in it, in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, Expression))

    @property
    def is_plain(self) -> bool:
        """Whether it holds no expression."""
        return all(isinstance(part, str) for part in self.parts)

    def evaluate(self, contexts: Mapping[str, Json]) -> Json:
        """The value of a text that is exactly one ``${{ }}``, in its own type; of any other, the text."""
        if len(self.parts) == 1 and isinstance(self.parts[0], Expression):
            return self.parts[0].value(contexts, _NO_STATUS)
        return self.text(contexts)

    def text(self, contexts: Mapping[str, Json]) -> str:
        """The text, with the text of each value in place of its expression."""
        return "".join(
            part if isinstance(part, str) else to_text(part.value(contexts, _NO_STATUS)) for part in self.parts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The expression of an ``if``."""

    expression: Expression
    located: tuple[Reference, ...]
    names_status: bool
    """Whether it asks a status function; where it does not, agents with needs start only on ``success()``."""

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The one that it is."""
        return (self.expression,)

    @property
    def references(self) -> tuple[tuple[str, ...], ...]:
        """The paths that it reads; the context's name in lower case, the rest as written."""
        return tuple(reference.path for reference in self.located)

    def holds(self, contexts: Mapping[str, Json], status: Status) -> bool:
        """Whether its value counts as true."""
        return is_truthy(self.expression.value(contexts, status))


@lru_cache(maxsize=_KEPT)
def parse_template(text: str) -> Template:
    """The compiled text. Raises :class:`ExpressionError`, its offset within ``text``."""
    parts = tuple(_parts(text, IN_TEMPLATE))
    expressions = (part for part in parts if isinstance(part, Expression))
    return Template(parts=parts, located=tuple(reference for part in expressions for reference in _references(part)))


@lru_cache(maxsize=_KEPT)
def parse_condition(text: str) -> Condition:
    """The compiled condition, with or without ``${{ }}`` around the whole; anything beside that is refused.

    Raises :class:`ExpressionError`, its offset within ``text``.
    """
    return _condition(text, "if", IN_CONDITION)


@lru_cache(maxsize=_KEPT)
def parse_assertion(text: str) -> Condition:
    """As :func:`parse_condition`, for an ``assert``: it is about values, and has no status functions to ask."""
    return _condition(text, "assert", IN_TEMPLATE)


def _condition(text: str, field: str, vocabulary: Vocabulary) -> Condition:
    expression = _wrapped(text, field, vocabulary) if OPEN in text else _expression(text, 0, vocabulary)
    return Condition(
        expression=expression,
        located=tuple(_references(expression)),
        names_status=any(isinstance(node, StatusCall) for node in expression.nodes),
    )


def resolve(value: Json, contexts: Mapping[str, Json]) -> Json:
    """The value with every text in it, however deep, evaluated as a template. Keys stay as they are.

    What it gives is plain JSON that nothing else changes: a context may be worked out as it is read, a result is kept.
    """
    if isinstance(value, str):
        return plain(parse_template(value).evaluate(contexts))
    if isinstance(value, Mapping):
        return {key: resolve(item, contexts) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(item, contexts) for item in value]
    return value


def plain(value: Json) -> Json:
    """The value as JSON that nothing else changes; its texts are not evaluated. Also what ``.*`` gave is a plain list again: as a
    context it would answer otherwise."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _parts(text: str, vocabulary: Vocabulary) -> Iterator[str | Expression]:
    """Plain pieces and expressions in turn; an empty text is one empty piece."""
    at = 0
    while (opened := text.find(OPEN, at)) >= 0:
        if opened > at:
            yield text[at:opened]
        begins = opened + len(OPEN)
        closed = _closing(text, begins, opened)
        yield _expression(text[begins:closed], begins, vocabulary)
        at = closed + len(CLOSE)
    if at < len(text) or not text:
        yield text[at:]


def _closing(text: str, begins: int, opened: int) -> int:
    found = _BODY.match(text, begins)
    end = found.end() if found else begins
    if not text.startswith(CLOSE, end):
        raise ExpressionError(f"'{OPEN}' is not closed with '{CLOSE}'", "lexing", opened)
    return end


def _expression(text: str, begins: int, vocabulary: Vocabulary) -> Expression:
    if not text.strip():
        raise ExpressionError("An expression was expected", "parsing", begins)
    try:
        tree = parse(text, vocabulary)
    except ExpressionError as error:
        raise error.moved(begins) from None
    return Expression(tree=tree, begins=begins, nodes=tuple(walk(tree)))


def _wrapped(text: str, field: str, vocabulary: Vocabulary) -> Expression:
    parts = [part for part in _parts(text, vocabulary) if not (isinstance(part, str) and not part.strip())]
    if len(parts) == 1 and isinstance(parts[0], Expression):
        return parts[0]
    message = f"in '{field}', '{OPEN} {CLOSE}' stands around the whole expression or not at all"
    raise ExpressionError(message, "parsing", text.index(OPEN), "text")


def _references(expression: Expression) -> Iterator[Reference]:
    inner = {id(node.of) for node in expression.nodes if isinstance(node, (Member, Filter)) and _step(node)}
    for node in expression.nodes:
        if isinstance(node, (Member, Filter, Context)) and id(node) not in inner and (path := _path(node)):
            yield Reference(path=path, offset=expression.begins + node.offset)


def _path(node: Node) -> tuple[str, ...]:
    """The names from the context on; empty when the path begins with something else (``fromJSON(x).b``) or goes on computed."""
    match node:
        case Context():
            return (node.name,)
        case Member() | Filter() if (step := _step(node)) and (head := _path(node.of)):
            return (*head, *step)
        case _:
            return ()


def _step(node: Member | Filter) -> tuple[str, ...]:
    """How the path goes on; empty when that is computed."""
    if isinstance(node, Filter):
        return ("*",)
    return (to_text(node.key.value),) if isinstance(node.key, Constant) else ()
