"""Expressions of the chain language: text → compiled template or condition → value. Pure: no I/O, no clock, no chance.

``lexer → parser → tree → evaluator``, with ``values`` for GitHub's coercions, ``vocabulary`` for the names that may be used and
``template`` for the texts that expressions stand in. This is GitHub's expression language without, so far, functions, filters and
computed indexes; those are refused as ``not-supported``. Whether a path can exist in a given chain is left to the lint.

Everything compiled is kept by its text, so parsing the same text again costs a lookup.
"""

from chainwright.daemon.core.expressions.errors import ErrorKind, ExpressionError
from chainwright.daemon.core.expressions.evaluator import Status
from chainwright.daemon.core.expressions.template import (
    Condition,
    Reference,
    Template,
    parse_condition,
    parse_template,
    plain,
    resolve,
)
from chainwright.daemon.core.expressions.values import Json, to_text

__all__ = [
    "Condition",
    "ErrorKind",
    "ExpressionError",
    "Json",
    "Reference",
    "Status",
    "Template",
    "parse_condition",
    "parse_template",
    "plain",
    "resolve",
    "to_text",
]
