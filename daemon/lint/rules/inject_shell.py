"""``${{ }}`` that pastes what others control into a script."""

from collections.abc import Iterable, Iterator

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.definition.nodes import Node
from chainwright.daemon.definition.source import Source
from chainwright.daemon.lint.expressions import may_stand_in_script, place
from chainwright.daemon.lint.handover import Handover, handover
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text
from chainwright.schemas.diagnostic import Span


class InjectShell(Rule):
    """A value pasted into a script is run as code: a topic called ``"; rm -rf ~; "`` would be. The environment carries it safely."""

    name = "inject-shell"
    doc = "A script pastes in a value that its author does not control."
    why = (
        'A value pasted into a script is run as code: a topic named `"; rm -rf ~; "` would be. The environment '
        "carries any value safely, because the shell reads it as data. Only what the author of the chain decides may "
        "be pasted: `vars`, `run.id`, `run.number`, `run.chain` and `run.commit`."
    )
    bad = """
        inputs: {topic: {type: string}}
        agents:
          write: {run: './write.sh "${{ inputs.topic }}"'}
    """
    good = """
        inputs: {topic: {type: string}}
        agents:
          write:
            env: {TOPIC: '${{ inputs.topic }}'}
            run: ./write.sh "$TOPIC"
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such path, with the corrected lines."""
        yield from injections(subject.document.source, subject.root, subject.texts)


def injections(source: Source, root: Node, texts: Iterable[Text]) -> Iterator[Finding]:
    """The paths in scripts that may not be there."""
    for text in texts:
        for reference in text.references if text.role == "run" else ():
            if not may_stand_in_script(reference.path):
                span = place(source, text, reference)
                yield Finding(
                    span=span,
                    message=f'"{".".join(reference.path)}" would be pasted into the script and run as part of it',
                    hint=_hint(source, span, text, reference, handover(root, text, reference)),
                )


def _hint(source: Source, span: Span, text: Text, reference: Reference, instead: Handover | None) -> str:
    """The lines as they should be: the value by the environment, the script with the variable."""
    if instead is None:
        return "hand it over in the environment"
    variable = instead.variable
    declared = "" if instead.is_given else f"env: {{{variable}: '{instead.expression}'}}\n"
    if instead.inserted is None:
        return f"read the variable {variable} of the environment in the script:\n{declared}".rstrip(":\n")
    how = f"the environment has it as {variable}" if instead.is_given else "hand it over in the environment"
    return f"{how}:\n{declared}{_corrected(source.line(span.line), span.column - 1, instead)}"


def _corrected(line: str, column: int, instead: Handover) -> str:
    begin = line.rfind("${{", 0, column + 1)
    end = begin + len(instead.expression)
    if line[begin:end] != instead.expression:
        return str(instead.inserted)
    inserted = instead.inserted or ""
    if inserted.startswith("'") and line[begin - 1 : begin] == line[end : end + 1] == "'":
        begin, end, inserted = begin - 1, end + 1, inserted.strip("'")
    return (line[:begin] + inserted + line[end:]).strip()
