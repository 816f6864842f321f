"""What a trigger gives as inputs, held against what the chain declares."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chainwright.daemon.core.inputs import check_inputs
from chainwright.daemon.definition.nodes import Path, at, plain
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text
from chainwright.daemon.lint.webhooks import webhooks


class TriggerInput(Rule):
    """Values with expressions are known only when something happens; everything else is checked now."""

    name = "trigger-input"
    doc = "A trigger gives its runs inputs that the chain does not take, or leaves out one that it needs."
    why = (
        "It would start nothing: every delivery of a webhook would be answered 422. `inputs` of the trigger says, for each input of the chain, "
        "which part of what has happened it is."
    )
    bad = """
        on: {webhook: {id: builds, verify: {scheme: token, secret: BUILDS_TOKEN}}}
        concurrency: builds
        inputs: {number: {type: integer, required: true}}
        agents: {a: {env: {N: '${{ inputs.number }}'}, run: ./a.sh}}
    """
    good = """
        on:
          webhook:
            id: builds
            verify: {scheme: token, secret: BUILDS_TOKEN}
            inputs: {number: '${{ event.body.number }}'}
        concurrency: builds
        inputs: {number: {type: integer, required: true}}
        agents: {a: {env: {N: '${{ inputs.number }}'}, run: ./a.sh}}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each input that does not fit."""
        if any(path[:1] in ((), ("inputs",), ("on",)) for path in subject.document.lost):
            return
        for trigger in _triggers(subject):
            yield from _misfits(subject, trigger)


@dataclass(frozen=True, slots=True)
class _Written:
    """A trigger that gives inputs: its path, the key that a missing input is told at, and where its values come from."""

    path: Path
    key: Path
    payload: str


def _triggers(subject: Subject) -> Iterator[_Written]:
    for hook in webhooks(subject.root):
        yield _Written(hook.path, (*hook.path, "id"), "event.body")
    chain = subject.chain
    found = {
        "event": (chain.on_event, "names", "event.data"),
        "chain": (chain.on_chain, "chains", "event.data"),
        "push": (chain.on_push, "inputs", "event.source"),
        "pull_request": (chain.on_pull_request, "inputs", "event.data"),
    }
    for name, (trigger, key, payload) in found.items():
        if trigger is not None:
            yield _Written(("on", name), ("on", name, key), payload)


def _misfits(subject: Subject, trigger: _Written) -> Iterator[Finding]:
    written = at(subject.root, *trigger.path, "inputs")
    given: Any = plain(written) if written is not None else {}
    declared = {one.name for one in subject.chain.inputs}
    later = {name for name in given if name in declared and any(_reads(subject, trigger, name))}
    now = {name: value for name, value in given.items() if name not in later}
    for problem in check_inputs(subject.chain.inputs, now).problems:
        if problem.name not in later:
            is_given = problem.name in given
            yield Finding(
                span=subject.key(*((*trigger.path, "inputs", problem.name) if is_given else trigger.key)),
                message=problem.message,
                hint=problem.hint if is_given else f"inputs: {{{problem.name}: '${{{{ {trigger.payload}.… }}}}'}}",
            )


def _reads(subject: Subject, trigger: _Written, name: str) -> Iterator[Text]:
    """Whatever of the input's value is an expression."""
    path = (*trigger.path, "inputs", name)
    return (text for text in subject.texts if text.path[: len(path)] == path and "${{" in text.written)
