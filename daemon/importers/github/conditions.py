"""``if`` of jobs and steps. GitHub's rule for jobs is another than ours: skips spread, and ``failure()`` sees every ancestor.

So a job with needs says its rule itself, over all its ancestors; they are added to its needs, which changes nothing else: they have
settled before its direct needs have.
"""

from chainwright.daemon.core.expressions import to_text
from chainwright.daemon.definition.nodes import Node, Scalar
from chainwright.daemon.importers.github.expressions import EXPRESSION, Scope, calls
from chainwright.schemas.diagnostic import Span


def condition(node: Node | None, scope: Scope) -> str:
    """The expression of an ``if``, without braces; empty when there is none."""
    if not isinstance(node, Scalar) or node.value is None:
        return ""
    return scope.rewritten(_bare(node, scope), node.span)


def _bare(scalar: Scalar, scope: Scope) -> str:
    text = to_text(scalar.value).strip()
    found = EXPRESSION.fullmatch(text)
    if found or "${{" not in text:
        return (found[1] if found else text).strip()
    meant = EXPRESSION.sub(lambda part: part[1].strip(), text)
    hint = "it was read as the expression that it was meant to be"
    scope.report.warn(
        scalar.span, "gha-if-text", 'on GitHub, text around "${{ }}" makes an "if" always true', hint=hint
    )
    return meant


def of_job(text: str, ancestors: list[str], scope: Scope, place: Span) -> str:
    """The condition of an agent whose job has these ancestors (ids of agents)."""
    if not ancestors:
        return text
    succeeded = " && ".join(f"needs.{one}.result == 'success'" for one in ancestors)
    failed = " || ".join(f"needs.{one}.result == 'failure'" for one in ancestors)
    if not text:
        return succeeded
    pieces = scope.pieces(text, place)
    asked = calls(pieces)
    if not asked:
        return f"{succeeded} && ({text})"
    said = {"success": f"({succeeded})", "failure": f"({failed})"}
    for piece in reversed([piece for piece in pieces if piece.called in said]):
        text = text[: piece.begins] + said[piece.called] + text[text.index(")", piece.ends) + 1 :]
    return text if asked & {"always", "cancelled"} else f"finished() && ({text})"
