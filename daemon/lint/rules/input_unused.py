"""An input that no expression reads."""

from collections.abc import Iterator

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class InputUnused(Rule):
    """Of chains only: a reusable agent is told its inputs as files and variables, and may read them where nobody sees it."""

    name = "input-unused"
    severity = Severity.WARNING
    doc = "The chain declares an input that nothing reads."
    why = (
        "Whoever starts the chain gives a value and nothing changes. Inputs of a chain reach an agent only where the chain hands "
        "them over: by `env`, by `with`, or in a condition."
    )
    bad = """
        inputs: {topic: {type: string}}
        agents:
          write: {run: ./write.sh}
    """
    good = """
        inputs: {topic: {type: string}}
        agents:
          write: {env: {TOPIC: '${{ inputs.topic }}'}, run: ./write.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such input."""
        reads = subject.reads if subject.chain.inputs else None
        declared = {one.name.lower() for one in subject.chain.inputs}
        if reads is None or reads.all_inputs or reads.inputs - declared:  # a misspelt one may be meant
            return
        for one in subject.chain.inputs:
            if one.name.lower() not in reads.inputs:
                yield Finding(
                    span=subject.key("inputs", one.name),
                    message=f'nothing reads the input "{one.name}"',
                    hint=f"hand it to an agent, such as env: {{{_variable(one.name)}: '${{{{ inputs.{one.name} }}}}'}}",
                )


def _variable(name: str) -> str:
    return name.upper().replace("-", "_")
