"""Two steps of one agent have the same id."""

from collections.abc import Iterator

from chainwright.daemon.definition.nodes import Node, Path, Scalar, Sequence, at
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class StepDuplicate(Rule):
    """Expressions could not tell them apart; they read names without regard to case."""

    name = "step-duplicate"
    doc = "Two steps of an agent have the same id."
    why = (
        "`steps.<id>` could mean either of them. Names in expressions are read without regard to upper and lower case."
    )
    bad = """
        agents:
          a:
            steps:
              - {id: build, run: make}
              - {id: build, run: make test}
    """
    good = """
        agents:
          a:
            steps:
              - {id: build, run: make}
              - {id: test, run: make test}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each step whose id an earlier one has."""
        for agent in subject.agents:
            yield from duplicates(subject.root, ("agents", agent, "steps"))


def duplicates(root: Node, path: Path) -> Iterator[Finding]:
    """Those among the steps that stand at ``path``."""
    steps = at(root, *path)
    seen = set[str]()
    for index in range(len(steps.items)) if isinstance(steps, Sequence) else ():
        node = at(root, *path, index, "id")
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            continue
        if node.value.lower() in seen:
            message = f'an earlier step is called "{node.value}" too'
            yield Finding(span=node.span, message=message, hint="give one of them another id")
        seen.add(node.value.lower())
