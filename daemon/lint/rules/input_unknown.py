"""An expression reads an input or a variable that the chain does not have."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Chain
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.expressions import is_unknown, may_stand_in_script, place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class InputUnknown(Rule):
    """``inputs.x``."""

    name = "input-unknown"
    doc = "An expression reads an input that the chain does not declare."
    why = "The value would always be null. A chain declares its inputs at the top, for every trigger."
    bad = """
        inputs: {topic: {type: string}}
        agents:
          a: {env: {TOPIC: '${{ inputs.topic }}', TONE: '${{ inputs.tone }}'}, run: ./a.sh}
    """
    good = """
        inputs: {topic: {type: string}, tone: {type: string}}
        agents:
          a: {env: {TOPIC: '${{ inputs.topic }}', TONE: '${{ inputs.tone }}'}, run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such path."""
        yield from _unknown(subject, "inputs", "input")


class VarUnknown(Rule):
    """``vars.x``."""

    name = "var-unknown"
    doc = "An expression reads a variable that the chain does not have."
    why = "The value would always be null. Variables are the static values in `vars` of the chain."
    bad = """
        vars: {tone: dry}
        agents:
          a: {run: 'echo ${{ vars.tne }}'}
    """
    good = """
        vars: {tone: dry}
        agents:
          a: {run: 'echo ${{ vars.tone }}'}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such path."""
        yield from _unknown(subject, "vars", "variable")


def _unknown(subject: Subject, context: str, word: str) -> Iterator[Finding]:
    known = _known(subject.chain)[context]
    if any(path[:1] == (context,) for path in subject.document.lost):
        return
    for text in subject.texts:
        for reference in text.references:
            if reference.path[0] != context:
                continue
            if text.role == "run" and not may_stand_in_script(reference.path):
                continue
            if is_unknown(reference.path[1:2], known):
                yield Finding(
                    span=place(subject.document.source, text, reference),
                    message=f'the chain has no {word} "{reference.path[1]}"',
                    hint=near(reference.path[1], known),
                )


def _known(chain: Chain) -> dict[str, list[str]]:
    return {"inputs": [one.name for one in chain.inputs], "vars": list(chain.vars)}
