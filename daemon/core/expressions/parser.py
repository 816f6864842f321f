"""Tokens → tree: a Pratt parser with GitHub's precedences, bounds and messages.

Postfix ``.`` and ``[]`` bind tightest, then ``!``, the orderings, the equalities, ``&&`` and ``||``. What the language has and this
version does not (functions, ``*``, computed indexes) is refused here, by name.
"""

from typing import Final, cast

from chainwright.daemon.core.expressions.errors import ExpressionError
from chainwright.daemon.core.expressions.lexer import Token, TokenKind, tokens, unexpected
from chainwright.daemon.core.expressions.tree import (
    Comparison,
    ComparisonOperator,
    Constant,
    Context,
    Logic,
    LogicOperator,
    Member,
    Node,
    Not,
    StatusCall,
    StatusName,
    children,
)
from chainwright.daemon.core.expressions.vocabulary import (
    CONTEXTS_TO_COME,
    FUNCTIONS_TO_COME,
    STATUS_FUNCTIONS,
    Vocabulary,
)

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
        self._tokens = tokens(text)
        self._vocabulary = vocabulary
        self._nested = 0
        self._last = self._next = Token(kind="end", text="", offset=0)
        self._advance()

    def whole(self) -> Node:
        if self._is_at("end"):
            return Constant(value=None, offset=0)
        tree = self._expression(0)
        if not self._is_at("end"):
            raise unexpected(self._next.text, self._next.offset, "parsing")
        return _bounded(tree)

    def _advance(self) -> Token:
        self._last, self._next = self._next, next(self._tokens)
        return self._last

    def _is_at(self, kind: TokenKind, *texts: str) -> bool:
        """Whether the next token is of this kind and, if texts are given, is one of them."""
        return self._next.kind == kind and (not texts or self._next.text in texts)

    def _take(self, symbol: str) -> Token:
        """The next token, which must be this symbol."""
        if not self._is_at("symbol", symbol):
            raise self._surprise()
        return self._advance()

    def _surprise(self) -> ExpressionError:
        """The error about the next token, whatever it is."""
        token, last = self._next, self._last
        if token.kind == "end":
            return ExpressionError(f"Unexpected end of expression: '{last.text}'", "parsing", last.offset)
        if token.text == "*" and last.text in (".", "["):
            return _not_supported("the filter '*'", token)
        return unexpected(token.text, token.offset, "parsing")

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
        if not (self._is_at("constant") or self._is_at("name") or self._is_at("symbol", "(")):
            raise self._surprise()
        return self._postfix(self._primary(self._advance()))

    def _deeper(self, power: int) -> Node:
        """An expression inside another; bounded, because each level takes stack of ours."""
        self._nested += 1
        if self._nested > MAX_DEPTH:
            raise _too_deep()
        inner = self._expression(power)
        self._nested -= 1
        return inner

    def _primary(self, token: Token) -> Node:
        if token.kind == "constant":
            return Constant(value=token.value, offset=token.offset)
        if token.kind == "name":
            return self._called(token) if self._is_at("symbol", "(") else self._context(token)
        inner = self._deeper(0)
        self._take(")")
        return inner

    def _context(self, token: Token) -> Context:
        name = token.text.lower()
        if name in self._vocabulary.contexts:
            return Context(name=name, offset=token.offset)
        if name in CONTEXTS_TO_COME:
            raise _not_supported(f"the context '{token.text}'", token)
        raise ExpressionError(f"Unrecognized named-value: '{token.text}'", "parsing", token.offset)

    def _called(self, token: Token) -> StatusCall:
        name = token.text.lower()
        if name in FUNCTIONS_TO_COME:
            raise _not_supported(f"the function '{token.text}'", token)
        if name not in STATUS_FUNCTIONS:
            raise ExpressionError(f"Unrecognized function: '{token.text}'", "parsing", token.offset)
        if not self._vocabulary.has_status:
            raise ExpressionError(f"'{token.text}()' can be asked only in 'if'", "parsing", token.offset)
        self._advance()
        if self._is_at("constant") or self._is_at("name"):
            raise _not_supported(f"an argument of '{token.text}'", self._next)
        self._take(")")
        return StatusCall(name=cast(StatusName, name), offset=token.offset)

    def _postfix(self, node: Node) -> Node:
        while self._is_at("symbol", ".", "["):
            key = self._property() if self._advance().text == "." else self._index()
            node = Member(of=node, key=key, offset=node.offset)
        return node

    def _property(self) -> Constant:
        if not self._is_at("property"):
            raise self._surprise()
        token = self._advance()
        return Constant(value=token.text, offset=token.offset)

    def _index(self) -> Constant:
        if self._is_at("name"):
            raise _not_supported("an index that is computed", self._next)
        if not self._is_at("constant"):
            raise self._surprise()
        token = self._advance()
        self._take("]")
        return Constant(value=token.value, offset=token.offset)


def _bounded(tree: Node) -> Node:
    """The tree, if it is so shallow that walking it by recursion is safe; level by level, because it may not be."""
    level: list[Node] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return tree
    raise _too_deep()


def _too_deep() -> ExpressionError:
    return ExpressionError(f"Exceeded max expression depth {MAX_DEPTH}", "parsing")


def _not_supported(what: str, token: Token) -> ExpressionError:
    return ExpressionError(f"{what} is not supported yet", "not-supported", token.offset)
