"""A schedule whose inputs do not fit the chain."""

from collections.abc import Iterator, Mapping
from typing import Any

from chainwright.daemon.core.inputs import InputProblem, check_inputs
from chainwright.daemon.definition.nodes import Mapping as MappingNode
from chainwright.daemon.definition.nodes import at, plain, scalars
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.schedules import schedules
from chainwright.daemon.lint.subject import Subject

HINT = "beside its cron: inputs: {name: value}"


class ScheduleInputs(Rule):
    """A person can be asked for a value; nobody is there when a schedule fires."""

    name = "schedule-inputs"
    doc = "The inputs of a schedule do not fit those that the chain declares."
    why = (
        "Every run of the schedule would be refused, and each due time be recorded as missed. Values are written out: there is nothing "
        "yet that an expression could read."
    )
    bad = """
        on: {schedule: [{cron: '0 7 * * *'}]}
        inputs: {topic: {type: string, required: true}}
        agents:
          a: {env: {TOPIC: '${{ inputs.topic }}'}, run: ./a.sh}
    """
    good = """
        on: {schedule: [{cron: '0 7 * * *', inputs: {topic: news}}]}
        inputs: {topic: {type: string, required: true}}
        agents:
          a: {env: {TOPIC: '${{ inputs.topic }}'}, run: ./a.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each value that does not fit, is missing, or is an expression."""
        if any(path[:1] in ((), ("inputs",)) for path in subject.document.lost):
            return
        for schedule in schedules(subject):
            place = ("on", "schedule", schedule.index, "inputs")
            node = at(subject.root, *place)
            given = plain(node) if isinstance(node, MappingNode) else {}
            computed = dict(_expressions(subject, place))
            yield from computed.values()
            for problem in check_inputs(subject.chain.inputs, given).problems:
                if problem.name not in computed:
                    yield _finding(subject, place, given, problem)


def _finding(
    subject: Subject, place: tuple[str | int, ...], given: Mapping[str, Any], problem: InputProblem
) -> Finding:
    written = (*place, problem.name) if problem.name in given else place
    return Finding(
        span=subject.key(*written), message=f"of this schedule: {problem.message}", hint=problem.hint or HINT
    )


def _expressions(subject: Subject, place: tuple[str | int, ...]) -> Iterator[tuple[str, Finding]]:
    for path, scalar in scalars(at(subject.root, *place)):
        if isinstance(scalar.value, str) and "${{" in scalar.value:
            message = "the inputs of a schedule are plain values, and this would be one with ${{ in it"
            yield str(path[0]), Finding(span=scalar.span, message=message, hint="compute it where the input is read")
