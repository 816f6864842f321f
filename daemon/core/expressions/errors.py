"""What can be wrong with an expression, and where."""

from typing import Literal

ErrorKind = Literal["lexing", "parsing", "evaluation"]
Problem = Literal["grammar", "context", "function", "arity", "place", "text"]
"""What an unreadable expression breaks: the grammar, an unknown name, a number of arguments, or it stands where it may not, or beside
text."""


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated.

    ``message`` is for its author and names the token; ``offset`` counts characters from the start of the text that was given to
    ``parse_template`` or ``parse_condition``. ``lexing`` and ``parsing`` are met on reading alone, ``evaluation`` on evaluating
    alone. ``expected`` says what could stand there instead, where the grammar knows.
    """

    def __init__(
        self, message: str, kind: ErrorKind, offset: int = 0, problem: Problem = "grammar", *, expected: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind: ErrorKind = kind
        self.offset = offset
        self.problem: Problem = problem
        self.expected = expected

    def moved(self, by: int) -> "ExpressionError":
        """The same error in a text in which the expression begins ``by`` characters later."""
        return ExpressionError(self.message, self.kind, self.offset + by, self.problem, expected=self.expected)

    def located(self, text: str) -> str:
        """The message as GitHub words it: with the position, from 1, in ``text``, the one that was read."""
        return f"{self.message}. Located at position {self.offset + 1} within expression: {text}"


class Fault(Exception):
    """Why a function or an operator has no value: the text of an evaluation error whose place the evaluator knows."""
