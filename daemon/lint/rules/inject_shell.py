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
    variable, value = instead.variable, instead.expression.replace("'", "''")
    declared = "" if instead.is_given else f"env: {{{variable}: '{value}'}}\n"
    if instead.inserted is None:
        return f"read the variable {variable} of the environment in the script:\n{declared}".rstrip(":\n")
    how = f"the environment has it as {variable}" if instead.is_given else "hand it over in the environment"
    return f"{how}:\n{declared}{_corrected(source, span, text, instead)}"


def _corrected(source: Source, span: Span, text: Text, instead: Handover) -> str:
    """The line of the file; where quotes or escapes make it differ from the script, the line of the script."""
    line, inserted = source.line(span.line), instead.inserted or ""
    begin = line.rfind("${{", 0, span.column)
    if not line.startswith(instead.expression, max(begin, 0)) or _is_quoted_with(source, text, inserted[:1]):
        start = text.written.rfind("\n", 0, instead.start) + 1
        line, begin = text.written[start:].split("\n", 1)[0], instead.start - start
    end = begin + len(instead.expression)
    if inserted.startswith("'") and line[begin - 1 : begin] == line[end : end + 1] == "'":
        begin, end, inserted = begin - 1, end + 1, inserted.strip("'")
    return (line[:begin] + inserted + line[end:]).strip()


def _is_quoted_with(source: Source, text: Text, quote: str) -> bool:
    place = text.scalar.place
    return text.scalar.style == "quoted" and source.line(place.line)[place.column - 1] == quote
