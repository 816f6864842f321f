"""A stranger's words that choose the machine on which an agent runs."""

from collections.abc import Iterator

from chainwright.daemon.lint.expressions import place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.taint import strangers_labels
from chainwright.schemas.diagnostic import Severity


class TaintHost(Rule):
    """With or without a secret: what an agent may reach depends on where it is."""

    name = "taint-host"
    severity = Severity.WARNING
    doc = "Text that a stranger may have written decides on which host an agent runs."
    why = (
        "Hosts differ in what their user may read, in the network that they are in and in what they cost. A label of a pull request or a field of "
        "a payload that becomes `runs-on` lets its author send the agent to any of them, or to none, where it waits. Give the input the type `choice` "
        "or a `pattern`, so that only labels that you know come through; or have a person approve. A policy can say which chains may ask for "
        "which hosts."
    )
    bad = """
        on:
          webhook:
            id: builds
            verify: {scheme: github, secret: WEBHOOK_SECRET}
            if: event.headers['x-github-event'] == 'pull_request'
            inputs: {machine: '${{ event.body.pull_request.labels[0].name }}'}
        concurrency: builds
        inputs: {machine: {type: string, required: true}}
        agents:
          build: {runs-on: '${{ inputs.machine }}', run: ./build.sh}
    """
    good = """
        on:
          webhook:
            id: builds
            verify: {scheme: github, secret: WEBHOOK_SECRET}
            if: event.headers['x-github-event'] == 'pull_request'
            inputs: {machine: '${{ event.body.pull_request.labels[0].name }}'}
        concurrency: builds
        inputs: {machine: {type: choice, options: [arm, gpu], required: true}}
        agents:
          build: {runs-on: '${{ inputs.machine }}', run: ./build.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each mention."""
        for agent, text, reference in strangers_labels(subject):
            if agent is None or agent.approval is None:
                who = f'"{agent.id}" runs' if agent else "agents run"
                yield Finding(
                    span=place(subject.document.source, text, reference),
                    message=f"a stranger may have written this, and it decides on which host {who}",
                    hint="give the input a pattern or the type choice, so that only labels that you know come through",
                )
