"""``${{ }}`` where nothing evaluates it."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.definition.nodes import Path, at, scalars
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject

_STATIC: Final = ("vars", "inputs")


class ExprAvailability(Rule):
    """It would reach the agent as text, which nobody means."""

    name = "expr-availability"
    doc = "An expression stands where none is evaluated."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such text."""
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
