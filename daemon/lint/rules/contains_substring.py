"""``contains`` over words in one text, where membership of a list is meant."""

import json
import re
from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.expressions.tree import Call, Constant, Node, walk
from chainwright.daemon.lint.expressions import at_node, expressions_of
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity

_BETWEEN: Final = re.compile(r"[\s,;|]+")


class ContainsSubstring(Rule):
    """Only where the text is written there and has several words: elsewhere a part of a text may well be what is asked for."""

    name = "contains-substring"
    severity = Severity.WARNING
    doc = "`contains` looks for a part of a text where a word of it is meant."
    why = (
        "In a text, `contains` finds any part: `contains('main develop', 'dev')` is true, and so is it for the empty text. "
        "A list is searched for whole items."
    )
    bad = """
        inputs: {branch: {type: string, required: true}}
        agents:
          a: {if: "contains('main develop', inputs.branch)", run: ./a.sh}
    """
    good = """
        inputs: {branch: {type: string, required: true}}
        agents:
          a: {if: "contains(fromJSON('[\\"main\\", \\"develop\\"]'), inputs.branch)", run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such call."""
        for text, expression in expressions_of(subject.texts):
            for node in walk(expression.tree):
                if words := _words(node):
                    yield Finding(
                        span=at_node(subject.document.source, text, expression, node),
                        message="this looks for a part of the text, not for one of its words",
                        hint=f"contains(fromJSON('{_listed(words)}'), …)",
                    )


def _listed(words: list[str]) -> str:
    """As JSON within quotes of ours."""
    return json.dumps(words, ensure_ascii=False).replace("'", "''")


def _words(node: Node) -> list[str]:
    """The words among which the call looks for something that is not written there; none if it is no such call."""
    if not (isinstance(node, Call) and node.name == "contains"):
        return []
    search, item = node.arguments
    if not isinstance(search, Constant) or not isinstance(search.value, str) or isinstance(item, Constant):
        return []
    words = [word for word in _BETWEEN.split(search.value) if word]
    return words if len(words) > 1 else []
