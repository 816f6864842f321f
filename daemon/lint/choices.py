"""What a value may be that comes from a declared choice, for the rule that looks where it goes."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Agent
from chainwright.daemon.lint.subject import Subject

Options = tuple[str, ...]


def choice_at(subject: Subject, agent: Agent, path: tuple[str, ...]) -> Options | None:
    """The options of what an expression of the agent reads at a path; None where it may be anything."""
    match tuple(step.lower() for step in path):
        case ("inputs", name):
            return next((one.options for one in subject.chain.inputs if one.name.lower() == name), None) or None
        case ("needs", need, "outputs", name):
            return _of_output(subject, need, name)
        case ("event", "data", name):
            return _of_event(subject, agent, name)
    return None


def _of_output(subject: Subject, need: str, output: str) -> Options | None:
    found = next((one for name, one in subject.agents.items() if name.lower() == need), None)
    if found is None or found.strategy is not None:
        return None
    return next((options for name, options in found.output_options.items() if name.lower() == output), None)


def _of_event(subject: Subject, agent: Agent, name: str) -> Options | None:
    """Whichever of the events that start it: one that leaves the field open leaves it open for all."""
    if agent.listens is None or not agent.listens.takes_one or subject.any_lost("emits", "on"):
        return None
    found = list(_emitted(subject, agent.listens.names, name))
    if not found or None in found:
        return None
    return tuple(dict.fromkeys(option for options in found for option in options or ()))


def _emitted(subject: Subject, events: tuple[str, ...], name: str) -> Iterator[Options | None]:
    for event in events:
        for emitter in subject.feeds.emitters.get(event, ("",)):
            emit = subject.agents[emitter].emits.get(event) if emitter else None
            fields = emit.options if emit else {}
            yield next((options for field, options in fields.items() if field.lower() == name), None)
