"""An object in the middle of a text."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.lint.expressions import place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.shell_text import EXPRESSION
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text
from chainwright.schemas.diagnostic import Severity

_WHOLE: Final = frozenset(
    {
        ("inputs",),
        ("vars",),
        ("run",),
        ("event",),
        ("event", "data"),
        ("needs",),
        ("agents",),
        ("matrix",),
        ("outputs",),
    }
)
_KEEPS_TYPE: Final = frozenset({"with", "outputs", "strategy"})
"""Where a text that is one expression has the value itself, not its text."""


class TemplateObject(Rule):
    """Only where the expression is the path alone: what a function or an operator makes of it is another thing."""

    name = "template-object"
    severity = Severity.WARNING
    doc = "A text shows an object or a list as the word Object or Array."
    why = (
        "As on GitHub, an object in a text becomes the word `Object` and a list `Array`; what they hold is lost. `toJSON(…)` writes it "
        "as JSON, and in `with` a value that is one expression alone keeps its type."
    )
    bad = """
        agents:
          plan: {run: ./plan.sh, outputs: {services: json}}
          build: {needs: plan, env: {SERVICES: '${{ needs.plan.outputs.services }}'}, run: ./build.sh}
    """
    good = """
        agents:
          plan: {run: ./plan.sh, outputs: {services: string}}
          build: {needs: plan, env: {SERVICES: '${{ needs.plan.outputs.services }}'}, run: ./build.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such path."""
        for text in subject.texts:
            for reference in text.references if text.role not in {"if", "assert", "run"} else ():
                if _is_alone(text, reference) and _is_object(subject, text, reference.path):
                    path = ".".join(reference.path)
                    yield Finding(
                        span=place(subject.document.source, text, reference),
                        message=f'"{path}" may be an object or a list, which a text shows as "Object" or "Array"',
                        hint=f"${{{{ toJSON({path}) }}}}",
                    )


def _is_alone(text: Text, reference: Reference) -> bool:
    opened = text.written.rfind("${{", 0, reference.offset + 1)
    found = EXPRESSION.match(text.written, max(opened, 0))
    if found is None or found[0][3:-2].strip() != ".".join(reference.path):
        return False
    return text.role not in _KEEPS_TYPE or found[0] != text.written


def _is_object(subject: Subject, text: Text, path: tuple[str, ...]) -> bool:
    lowered = tuple(name.lower() for name in path)
    if lowered in _WHOLE:
        return True
    if lowered[0] in {"needs", "agents"}:
        return len(lowered) == 2 or lowered[2:] in {("outputs",), ("legs",)} or _output_type(subject, lowered) == "json"
    if lowered[0] == "outputs" and text.is_asked_afterwards:
        return _output_type(subject, ("needs", (text.agent or "").lower(), *lowered)) == "json"
    if lowered[0] == "inputs":
        return len(lowered) == 2 and any(
            one.type == "json" and one.name.lower() == lowered[1] for one in subject.chain.inputs
        )
    if lowered[0] == "vars" and len(lowered) == 2:
        return any(
            name.lower() == lowered[1] and isinstance(value, dict | list) for name, value in subject.chain.vars.items()
        )
    return False


def _output_type(subject: Subject, path: tuple[str, ...]) -> str | None:
    if len(path) != 4 or path[2] != "outputs":
        return None
    outputs = next((agent.outputs for name, agent in subject.agents.items() if name.lower() == path[1]), {})
    return next((kind for name, kind in outputs.items() if name.lower() == path[3]), None)
