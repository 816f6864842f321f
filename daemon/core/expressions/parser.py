"""Tokens → tree: a Pratt parser with GitHub's precedences, bounds and messages.

Postfix ``.`` and ``[]`` bind tightest, then ``!``, the orderings, the equalities, ``&&`` and ``||``. Only paths, calls and what stands
in brackets have members: ``'a'[0]`` is refused, as on GitHub.
"""

from typing import Final, cast

from chainwright.daemon.core.expressions.errors import ExpressionError
from chainwright.daemon.core.expressions.lexer import NO_SUM, PROPERTY, Token, TokenKind, tokens, unexpected
from chainwright.daemon.core.expressions.signatures import SIGNATURES, miscounted
from chainwright.daemon.core.expressions.tree import (
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    Context,
    Filter,
    Logic,
    LogicOperator,
    Member,
    Node,
    Not,
    StatusCall,
    StatusName,
    children,
)
from chainwright.daemon.core.expressions.vocabulary import STATUS_FUNCTIONS, Vocabulary

MAX_LENGTH: Final = 21_000
MAX_DEPTH: Final = 50

_POWERS: Final = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_NOT_POWER: Final = 5


def parse(text: str, vocabulary: Vocabulary) -> Node:
    """The tree of one expression; an empty one is null. Raises :class:`ExpressionError`."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"Exceeded max expression length {MAX_LENGTH}", "parsing")
    return _Parser(text, vocabulary).whole()


class _Parser:
    """Holds the token to be read next and the one before it, which the message about an early end names."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._tokens = iter(list(tokens(text)))
        self._vocabulary = vocabulary
        self._nested = 0
        self._last = self._next = Token(kind="end", text="", offset=0)
        self._advance()

    def whole(self) -> Node:
        if self._is_at("end"):
            return Constant(value=None, offset=0)
        tree = self._expression(0)
        if not self._is_at("end"):
            raise self._surprise(NO_SUM if self._next.text[0] in "+-" else "an operator, or nothing more")
        return _bounded(tree)

    def _advance(self) -> Token:
        self._last, self._next = self._next, next(self._tokens)
        return self._last

    def _is_at(self, kind: TokenKind, *texts: str) -> bool:
        """Whether the next token is of this kind and, if texts are given, is one of them."""
        return self._next.kind == kind and (not texts or self._next.text in texts)

    def _take(self, symbol: str, expected: str = "") -> Token:
        """The next token, which must be this symbol."""
        if not self._is_at("symbol", symbol):
            raise self._surprise(expected or f"'{symbol}'")
        return self._advance()

    def _surprise(self, expected: str) -> ExpressionError:
        """The error about the next token, whatever it is, in place of which something else is expected."""
        token, last = self._next, self._last
        if token.kind == "end":
            message = f"Unexpected end of expression: '{last.text}'"
            return ExpressionError(message, "parsing", last.offset, expected=f"{expected}, after {last.text}")
        return unexpected(token.text, token.offset, "parsing", expected)

    def _expression(self, power: int) -> Node:
        left = self._operand()
        while self._is_at("symbol") and _POWERS.get(self._next.text, 0) > power:
            operator = self._next.text
            left = self._row(operator, left) if operator in ("&&", "||") else self._comparison(operator, left)
        return left

    def _row(self, operator: str, first: Node) -> Logic:
        operands = [first]
        while self._is_at("symbol", operator):
            self._advance()
            operands.append(self._expression(_POWERS[operator]))
        return Logic(operator=cast(LogicOperator, operator), operands=tuple(operands), offset=first.offset)

    def _comparison(self, operator: str, left: Node) -> Comparison:
        self._advance()
        right = self._expression(_POWERS[operator])
        return Comparison(operator=cast(ComparisonOperator, operator), left=left, right=right, offset=left.offset)

    def _operand(self) -> Node:
        if self._is_at("symbol", "!"):
            return Not(offset=self._advance().offset, operand=self._deeper(_NOT_POWER))
        if self._is_at("constant"):
            return self._constant()
        if not (self._is_at("name") or self._is_at("symbol", "(")):
            raise self._surprise("a value, such as a path, a call or 'text'")
        return self._postfix(self._head(self._advance()))

    def _deeper(self, power: int) -> Node:
        """An expression inside another; bounded, because each level takes stack of ours."""
        self._nested += 1
        if self._nested > MAX_DEPTH:
            raise _too_deep(self._next.offset)
        inner = self._expression(power)
        self._nested -= 1
        return inner

    def _constant(self) -> Constant:
        token = self._advance()
        return Constant(value=token.value, offset=token.offset)

    def _head(self, token: Token) -> Node:
        """What a path may begin with."""
        if token.kind == "name":
            return self._call(token) if self._is_at("symbol", "(") else self._context(token)
        inner = self._deeper(0)
        self._take(")")
        return inner

    def _context(self, token: Token) -> Context:
        name = token.text.lower()
        if name in self._vocabulary.contexts:
            return Context(name=name, offset=token.offset)
        raise ExpressionError(f"Unrecognized named-value: '{token.text}'", "parsing", token.offset, "context")

    def _call(self, token: Token) -> Call | StatusCall:
        name = token.text.lower()
        if name in STATUS_FUNCTIONS:
            return self._status_call(token)
        if name not in SIGNATURES:
            raise ExpressionError(f"Unrecognized function: '{token.text}'", "parsing", token.offset, "function")
        arguments = self._arguments()
        if problem := miscounted(name, len(arguments)):
            raise ExpressionError(f"{problem}: '{token.text}'", "parsing", token.offset, "arity")
        return Call(name=name, arguments=arguments, offset=token.offset)

    def _status_call(self, token: Token) -> StatusCall:
        if not self._vocabulary.has_status:
            raise ExpressionError(f"'{token.text}()' can be asked only in 'if'", "parsing", token.offset, "place")
        ids = self._arguments()
        for one in ids:
            if not (isinstance(one, Constant) and isinstance(one.value, str)):
                raise ExpressionError(f"'{token.text}' takes ids in quotes", "parsing", one.offset)
        name = cast(StatusName, token.text.lower())
        return StatusCall(name=name, ids=cast(tuple[Constant, ...], ids), offset=token.offset)

    def _arguments(self) -> tuple[Node, ...]:
        self._take("(")
        found: list[Node] = []
        while not self._is_at("symbol", ")"):
            if found:
                self._take(",", "',' or ')'")
            found.append(self._deeper(0))
        self._advance()
        return tuple(found)

    def _postfix(self, node: Node) -> Node:
        while self._is_at("symbol", ".", "["):
            node = self._property(node) if self._advance().text == "." else self._index(node)
        return node

    def _property(self, of: Node) -> Node:
        if self._is_at("symbol", "*"):
            self._advance()
            return Filter(of=of, offset=of.offset)
        if not self._is_at("property"):
            raise self._surprise(PROPERTY)
        token = self._advance()
        return Member(of=of, key=Constant(value=token.text, offset=token.offset), offset=of.offset)

    def _index(self, of: Node) -> Node:
        if self._is_at("symbol", "*"):
            self._advance()
            self._take("]")
            return Filter(of=of, offset=of.offset)
        key = self._deeper(0)
        self._take("]")
        return Member(of=of, key=key, offset=of.offset)


def _bounded(tree: Node) -> Node:
    """The tree, if it is so shallow that walking it by recursion is safe; level by level, because it may not be."""
    level: list[Node] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return tree
    raise _too_deep(level[0].offset)


def _too_deep(offset: int) -> ExpressionError:
    return ExpressionError(f"Exceeded max expression depth {MAX_DEPTH}", "parsing", offset)
