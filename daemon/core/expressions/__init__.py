"""Expressions of the chain language: text → compiled template or condition → value. Pure: no I/O, no clock, no chance.

``lexer → parser → tree → evaluator → functions``, with ``values`` for GitHub's coercions, ``vocabulary`` and ``signatures`` for the
names that may be used, ``budget`` for what an evaluation may cost, and ``template`` for the texts that expressions stand in. This is
GitHub's expression language and six functions more. Whether a path can exist in a given chain is left to the lint.

Everything compiled is kept by its text, so parsing the same text again costs a lookup.
"""

from chainwright.daemon.core.expressions.errors import ErrorKind, ExpressionError
from chainwright.daemon.core.expressions.evaluator import NOW
from chainwright.daemon.core.expressions.status import Status
from chainwright.daemon.core.expressions.template import (
    Condition,
    Expression,
    Reference,
    Template,
    parse_assertion,
    parse_condition,
    parse_template,
    plain,
    resolve,
)
from chainwright.daemon.core.expressions.values import Json, to_text

__all__ = [
    "NOW",
    "Condition",
    "ErrorKind",
    "Expression",
    "ExpressionError",
    "Json",
    "Reference",
    "Status",
    "Template",
    "parse_assertion",
    "parse_condition",
    "parse_template",
    "plain",
    "resolve",
    "to_text",
]
