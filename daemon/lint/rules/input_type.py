"""A declared input that makes no sense in itself."""

from collections.abc import Iterator

from chainwright.daemon.core.expressions.patterns import pattern_problem
from chainwright.daemon.core.graph import Agent, Input
from chainwright.daemon.core.inputs import check_inputs
from chainwright.daemon.lint.choices import choice_at
from chainwright.daemon.lint.expressions import place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text


class InputType(Rule):
    """Its default has to fit its own declaration."""

    name = "input-type"
    doc = "The declaration of an input contradicts itself, or a value does not fit it."
    why = "Inputs are checked before a run exists; what can never fit is found when the chain is loaded."
    bad = """
        inputs: {count: {type: integer, default: many}}
        agents:
          a: {env: {COUNT: '${{ inputs.count }}'}, run: ./a.sh}
    """
    good = """
        inputs: {count: {type: integer, default: 3}}
        agents:
          a: {env: {COUNT: '${{ inputs.count }}'}, run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for the first contradiction of each input."""
        for one in subject.chain.inputs:
            for field, message, hint in contradictions(one):
                yield Finding(span=subject.value("inputs", one.name, field), message=message, hint=hint)
        for text in subject.texts:
            if text.role == "with" and text.agent in subject.agents:
                yield from _untaken(subject, subject.agents[text.agent], text)


def _untaken(subject: Subject, agent: Agent, text: Text) -> Iterator[Finding]:
    """A choice that is handed on whole, into an input that does not take all of its options."""
    taken = next((one.options for one in agent.inputs if one.options and text.path[3:] == (one.name,)), ())
    for reference in text.references if taken else ():
        path = ".".join(reference.path)
        if text.written.removeprefix("${{").removesuffix("}}").strip() != path:
            continue
        strange = [one for one in choice_at(subject, agent, reference.path) or () if one not in taken]
        if strange:
            yield Finding(
                span=place(subject.document.source, text, reference),
                message=f'"{path}" may be "{strange[0]}", which the input "{text.path[3]}" does not take',
                hint=f"it takes {', '.join(taken)}",
            )


def contradictions(one: Input) -> Iterator[tuple[str, str, str]]:
    """Field, message and hint of what is wrong with a declaration: at most one."""
    if one.type == "choice" and not one.options:
        yield "type", f'input "{one.name}" is a choice without options', "options: [one, other]"
    elif one.options and one.type != "choice":
        yield "options", f'input "{one.name}" has options, but is no choice', "type: choice"
    elif one.pattern is not None and (problem := pattern_problem(one.pattern)):
        yield (
            "pattern",
            f'input "{one.name}": {problem}',
            "patterns are RE2's: no back references, nothing that looks around",
        )
    elif one.min is not None and one.max is not None and one.min > one.max:
        yield "max", f'input "{one.name}": its max is below its min', ""
    elif one.default is not None:
        problems = check_inputs((one,), {one.name: one.default}).problems
        yield from (("default", f"its default: {problem.message}", problem.hint) for problem in problems)
