"""``${{ }}`` where nothing evaluates it, or where nobody knows what it names."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.core.expressions.tree import StatusCall
from chainwright.daemon.definition.nodes import Path, at, scalars
from chainwright.daemon.lint.expressions import at_node, expressions_of, place, unreadable
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.secret_places import misplaced
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text

_ENV_KNOWN_IN: Final = frozenset({"with", "prompt", "directory", "assert", "verdict"})
_STATIC: Final = ("vars", "inputs")


class ExprAvailability(Rule):
    """It would reach the agent as text, which nobody means; or, a secret, as nothing."""

    name = "expr-availability"
    doc = "An expression stands where none is evaluated, or names what is not known there."
    why = (
        "`vars`, `inputs` and `shell` are fixed when the chain is deployed, so the agent would get the text `${{ … }}` "
        "itself. Status functions are answered in `if` alone, and some contexts are known only in some fields."
    )
    bad = """
        vars: {name: 'brief-${{ run.id }}'}
        agents:
          a: {env: {NAME: '${{ vars.name }}'}, run: ./a.sh}
    """
    good = """
        vars: {name: brief}
        agents:
          a: {env: {NAME: '${{ vars.name }}-${{ run.id }}'}, run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such text."""
        source = subject.document.source
        yield from _static(subject)
        yield from unreadable(source, subject.texts, self.name)
        for text, expression in expressions_of(one for one in subject.texts if one.trigger is not None):
            for node in (node for node in expression.nodes if isinstance(node, StatusCall)):
                message = f'"{node.name}" asks how agents went, and none has run yet'
                yield Finding(span=at_node(source, text, expression, node), message=message)
        for text in subject.texts:
            for reference, message, hint in misplaced(text):
                yield Finding(span=place(source, text, reference), message=message, hint=hint)
            for reference in _without_env(text):
                message = "the environment is not yet known here"
                hint = "name the value itself; env is known in with, prompt, working-directory, steps and checks"
                yield Finding(span=place(source, text, reference), message=message, hint=hint)


def _without_env(text: Text) -> Iterator[Reference]:
    """The mentions of ``env`` where nothing fills it: before an agent's own is worked out, and outside agents."""
    is_known = text.agent is not None and (text.role in _ENV_KNOWN_IN or text.step is not None)
    if not is_known and text.role != "run":  # in scripts they are inject-shell's
        yield from (reference for reference in text.references if reference.path[0] == "env")


def _static(subject: Subject) -> Iterator[Finding]:
    shells: list[Path] = [("agents", name, "shell") for name in subject.known_ids]
    shells += [
        ("agents", name, "steps", index, "shell")
        for name, agent in subject.agents.items()
        for index in range(len(agent.steps))
    ]
    for path in (*((field,) for field in _STATIC), ("defaults", "shell"), *shells):
        for _, scalar in scalars(at(subject.root, *path)):
            if isinstance(scalar.value, str) and "${{" in scalar.value:
                offset = scalar.value.index("${{")
                yield Finding(
                    span=subject.document.source.within(scalar, offset, 3),
                    message=f'"{path[-1]}" is static: expressions are not evaluated in it',
                )
