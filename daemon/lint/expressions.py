"""What the rules about expressions share: the rule that an unreadable one belongs to, places, and what a script may name."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from chainwright.daemon.core.expressions import Expression, ExpressionError, Reference
from chainwright.daemon.core.expressions.errors import Problem
from chainwright.daemon.core.expressions.signatures import SIGNATURES
from chainwright.daemon.core.expressions.tree import Node
from chainwright.daemon.core.expressions.vocabulary import CONTEXTS, STATUS_FUNCTIONS
from chainwright.daemon.core.graph import Strategy
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.rule import Finding
from chainwright.daemon.lint.texts import Text
from chainwright.schemas.diagnostic import Span

RUN_VALUES: Final = ("id", "number", "attempt", "url", "actor", "chain", "commit", "trigger")
"""What ``run`` holds."""

_FUNCTIONS: Final = (*(signature.name for signature in SIGNATURES.values()), *sorted(STATUS_FUNCTIONS))
_SCRIPT_RUN_VALUES: Final = frozenset({"id", "number", "chain", "commit"})
_RULES: Final[dict[Problem, str]] = {
    "grammar": "expr-syntax",
    "context": "expr-unknown-context",
    "function": "expr-unknown-function",
    "arity": "expr-arity",
    "place": "expr-availability",
    "text": "if-text",
}
_OF_GITHUB: Final = {
    "github": "use run, event and vars",
    "runner": "use host.name, which steps and checks know, or $CHAINWRIGHT_HOST",
    "job": "use run",
    "jobs": "use agents",
    "hashfiles": "hash the files in a script, and hand the result on as an output",
}
"""Names that only GitHub's workflows know, and what to use instead."""
_TOKEN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*|'[^']*'|\S")


def unreadable(source: Source, texts: Iterable[Text], rule: str) -> Iterator[Finding]:
    """The expressions that cannot be compiled, for the reason that is this rule's."""
    for text in texts:
        error = text.parsed
        if isinstance(error, ExpressionError) and _rule_of(error) == rule:
            yield Finding(span=_error_span(source, text, error), message=_message(error), hint=_hint(text, error))


def _rule_of(error: ExpressionError) -> str:
    return _RULES[error.problem]


def _message(error: ExpressionError) -> str:
    """Beginning like our others; ``Unrecognized named-value: 'x'`` is GitHub's wording for an unknown context."""
    return error.message[:1].lower() + error.message[1:]


def _hint(text: Text, error: ExpressionError) -> str:
    """The nearest name for one that does not exist; of a number of arguments, those that the function takes."""
    found = _TOKEN.match(text.written, error.offset)
    name = found[0] if found else ""
    match error.problem:
        case "arity":
            return SIGNATURES[name.lower()].shown
        case "text":
            return "write the whole condition as one expression; && and || join several"
        case "context":
            return _OF_GITHUB.get(name.lower()) or near(name, CONTEXTS)
        case "function":
            return _OF_GITHUB.get(name.lower()) or near(name, _FUNCTIONS) or f"there are {', '.join(_FUNCTIONS)}"
        case _:
            return f"expected: {error.expected}" if error.expected else ""


def _error_span(source: Source, text: Text, error: ExpressionError) -> Span:
    token = _TOKEN.match(text.written, error.offset)
    return source.within(text.scalar, error.offset, len(token[0]) if token else 1)


def at_node(source: Source, text: Text, expression: Expression, node: Node) -> Span:
    """Where a part of an expression begins, with its first word marked."""
    offset = expression.begins + node.offset
    token = _TOKEN.match(text.written, offset)
    return source.within(text.scalar, offset, len(token[0]) if token else 1)


def expressions_of(texts: Iterable[Text]) -> Iterator[tuple[Text, Expression]]:
    """Every expression that can be read, with the text in which it stands."""
    for text in texts:
        if not isinstance(text.parsed, ExpressionError):
            yield from ((text, expression) for expression in text.parsed.expressions)


def place(source: Source, text: Text, reference: Reference) -> Span:
    """Where a path is written; brackets and quotes in it make the mark a little short."""
    return source.within(text.scalar, reference.offset, len(".".join(reference.path)))


def is_unknown(step: tuple[str, ...], known: Iterable[str]) -> bool:
    """Whether the step of a path (none or one) names something else than these; a filter names everything."""
    return bool(step) and step[0] != "*" and step[0].lower() not in map(str.lower, known)


def may_stand_in_script(path: tuple[str, ...]) -> bool:
    """Whether the author of the chain alone decides what the value is: only that may be pasted into a script."""
    return path[0] == "vars" or (path[0] == "run" and path[1:2] != () and path[1].lower() in _SCRIPT_RUN_VALUES)


def matrix_keys(strategy: Strategy) -> tuple[str, ...] | None:
    """What a leg's ``matrix`` may hold, by the name as written; None when only the run will show it."""
    if isinstance(strategy.matrix, str) or isinstance(strategy.include, str):
        return None
    added = (key for more in strategy.include for key in more)
    return tuple(dict.fromkeys((*strategy.matrix, *added)))
