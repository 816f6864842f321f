"""What can be wrong with an expression, and where."""

from typing import Literal

ErrorKind = Literal["lexing", "parsing", "evaluation", "not-supported"]


class ExpressionError(Exception):
    """An expression that cannot be read or evaluated.

    ``message`` is for its author and names the token; ``offset`` counts characters from the start of the text that was given to
    ``parse_template`` or ``parse_condition``. ``not-supported`` means that the language has it and this version does not.
    """

    def __init__(self, message: str, kind: ErrorKind, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.kind: ErrorKind = kind
        self.offset = offset

    def moved(self, by: int) -> "ExpressionError":
        """The same error in a text in which the expression begins ``by`` characters later."""
        return ExpressionError(self.message, self.kind, self.offset + by)
