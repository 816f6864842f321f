"""A matrix that is written out gives no legs that could run."""

from collections.abc import Iterator

from chainwright.daemon.core.matrix import MatrixError, spread
from chainwright.daemon.definition.nodes import at, scalars
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class MatrixInvalid(Rule):
    """Found by spreading it, as a run would; one that holds expressions has to wait for its run."""

    name = "matrix-invalid"
    doc = "A matrix contradicts itself, has no leg, or has more than are allowed."
    why = (
        "A matrix that is written out is known before anything runs: one without a leg is always skipped, one of more "
        "than 256 legs never starts, and `exclude` can only take away what the matrix has."
    )
    bad = """
        agents:
          test:
            strategy: {matrix: {os: [linux, mac]}, exclude: [{system: mac}]}
            run: ./test.sh
            env: {OS: '${{ matrix.os }}'}
    """
    good = """
        agents:
          test:
            strategy: {matrix: {os: [linux, mac]}, exclude: [{os: mac}]}
            run: ./test.sh
            env: {OS: '${{ matrix.os }}'}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such matrix."""
        for name, agent in subject.agents.items():
            if agent.strategy is None or subject.lost(name, "strategy") or _has_expression(subject, name):
                continue
            try:
                legs = spread(agent.strategy, {})
            except MatrixError as error:
                yield Finding(span=subject.key("agents", name, "strategy"), message=f'matrix of "{name}": {error}')
                continue
            if not legs:
                message = f'the matrix of "{name}" has no legs, so it would always be skipped'
                yield Finding(span=subject.key("agents", name, "strategy"), message=message)


def _has_expression(subject: Subject, agent: str) -> bool:
    below = scalars(at(subject.root, "agents", agent, "strategy"))
    return any(isinstance(scalar.value, str) and "${{" in scalar.value for _, scalar in below)
