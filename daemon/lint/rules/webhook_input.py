"""What a webhook gives as inputs, held against what the chain declares."""

from collections.abc import Iterator, Mapping
from typing import Any

from chainwright.daemon.core.inputs import check_inputs
from chainwright.daemon.definition.nodes import at, plain
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.webhooks import WrittenWebhook, webhooks


class WebhookInput(Rule):
    """Values with expressions are known only when something is sent; everything else is checked now."""

    name = "webhook-input"
    doc = "A webhook gives its runs inputs that the chain does not take, or leaves out one that it needs."
    why = (
        "Every delivery would be answered 422 and start nothing. `inputs` of the webhook says, for each input of the chain, which part of the "
        "payload it is."
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
        for hook in webhooks(subject.root):
            yield from _misfits(subject, hook)


def _misfits(subject: Subject, hook: WrittenWebhook) -> Iterator[Finding]:
    written = at(hook.node, "inputs")
    given: Any = plain(written) if written is not None else {}
    declared = {one.name for one in subject.chain.inputs}
    later = {name for name in given if name in declared and any(_reads(subject, hook, name))}
    now = {name: value for name, value in given.items() if name not in later}
    for problem in check_inputs(subject.chain.inputs, now).problems:
        if problem.name not in later:
            is_given = problem.name in given
            yield Finding(
                span=subject.key(*hook.path, *(("inputs", problem.name) if is_given else ("id",))),
                message=problem.message,
                hint=problem.hint if is_given else f"inputs: {{{problem.name}: '${{{{ event.body.… }}}}'}}",
            )


def _reads(subject: Subject, hook: WrittenWebhook, name: str) -> Iterator[Mapping[str, Any] | object]:
    """Whatever of the input's value is an expression."""
    path = (*hook.path, "inputs", name)
    return (text for text in subject.texts if text.path[: len(path)] == path and "${{" in text.written)
