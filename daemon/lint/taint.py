"""What a stranger may have written: from webhooks and pull requests over inputs, outputs and events to the texts that read it.

A stranger's words are those of a payload that reach an input which takes any text. A number, a choice or a text that has to match a
pattern is what the author of the chain allowed, and no longer anybody's own words.
"""

from collections.abc import Iterator
from functools import lru_cache

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.core.graph import Agent, Input, ValueType
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text
from chainwright.daemon.lint.webhooks import webhooks

_FREE: frozenset[ValueType] = frozenset({"string", "json", "file"})
"""Types whose values may say anything."""
_HANDED_ON = ("env", "with", "prompt")
"""Roles of texts by which an agent is told something."""


def strangers_words(subject: Subject) -> Iterator[tuple[Agent, Text, Reference]]:
    """Every mention, in what agents are told, of something that a stranger may have written."""
    inputs, agents = _tainted(subject)
    for text, reference in _mentions(subject):
        agent = subject.agents[text.agent or ""]
        if _is_strange(subject, agent, reference, inputs, agents):
            yield agent, text, reference


def strangers_labels(subject: Subject) -> Iterator[tuple[Agent | None, Text, Reference]]:
    """The same in what asks for a host; the agent is None for what all of them ask for by default."""
    inputs, agents = _tainted(subject)
    for text in subject.texts:
        if text.role == "labels" and (text.agent is None or text.agent in subject.agents):
            agent = subject.agents[text.agent] if text.agent is not None else None
            for reference in text.references:
                if _is_strange(subject, agent, reference, inputs, agents):
                    yield agent, text, reference


def _mentions(subject: Subject) -> list[tuple[Text, Reference]]:
    return [
        (text, reference)
        for text in subject.texts
        if text.agent in subject.agents and text.role in _HANDED_ON
        for reference in text.references
    ]


@lru_cache(maxsize=8)
def _tainted(subject: Subject) -> tuple[frozenset[str], frozenset[str]]:
    """The inputs that hold a stranger's words, in small letters, and the agents that are told them."""
    inputs = frozenset(one.name.lower() for one in subject.chain.inputs if _takes_anything(one)) & _from_outside(
        subject
    )
    agents: frozenset[str] = frozenset()
    mentions = _mentions(subject) if inputs else []
    while True:
        told = frozenset(
            text.agent
            for text, reference in mentions
            if text.agent and _is_strange(subject, subject.agents[text.agent], reference, inputs, agents)
        )
        if told == agents:
            return inputs, agents
        agents = told


def _takes_anything(one: Input) -> bool:
    return one.type in _FREE and one.pattern is None and not one.options


def _from_outside(subject: Subject) -> frozenset[str]:
    """The inputs that a webhook makes of what it was sent, or a pull request of what it says of itself."""
    places = [*(hook.path for hook in webhooks(subject.root)), ("on", "pull_request")]
    return frozenset(
        str(text.path[len(place) + 1]).lower()
        for place in places
        for text in subject.texts
        if text.role == "given" and text.path[: len(place)] == place
        if any(reference.path[:1] == ("event",) for reference in text.references)
    )


def _is_strange(
    subject: Subject, agent: Agent | None, reference: Reference, inputs: frozenset[str], agents: frozenset[str]
) -> bool:
    match [step.lower() for step in reference.path]:
        case ["inputs", name, *_]:
            return name in inputs
        case ["inputs"]:
            return bool(inputs)
        case ["needs", _, "outputs", *_]:
            return reference.path[1] in agents and _output_says_anything(subject, reference)
        case ["event", "data", *_]:
            names = agent.listens.names if agent and agent.listens else ()
            return any(emitter in agents for name in names for emitter in subject.feeds.emitters.get(name, ()))
        case _:
            return False


def _output_says_anything(subject: Subject, reference: Reference) -> bool:
    outputs = subject.agents[reference.path[1]].outputs
    return len(reference.path) < 4 or outputs.get(reference.path[3], "string") in _FREE
