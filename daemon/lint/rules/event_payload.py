"""An expression reads a field of an event's data that no emitter of it declares."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Agent, Emit
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class EventPayload(Rule):
    """Only for agents that one event starts, and only where every event that could be it declares its payload."""

    name = "event-payload"
    doc = "An expression reads a field that the event does not carry."

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such expression."""
        for text in subject.texts:
            fields = _promised(subject, subject.agents.get(text.agent or ""))
            for reference in text.references if fields is not None else ():
                context, field = reference.path[:2], "".join(reference.path[2:3])
                if context == ("event", "data") and field and field.lower() not in map(str.lower, fields or ()):
                    yield Finding(
                        span=subject.document.source.within(
                            text.scalar, reference.offset, len(".".join(reference.path))
                        ),
                        message=f'no event that starts "{text.agent}" carries "{field}"',
                        hint=near(field, fields or ()) or _listed(fields or {}),
                    )


def _promised(subject: Subject, agent: Agent | None) -> dict[str, str] | None:
    """Field → type of all events that may start the agent; None when one of them promises nothing."""
    if agent is None or agent.listens is None or agent.listens.mode != "any" or subject.any_lost("emits", "on"):
        return None
    fields: dict[str, str] = {}
    for emit in _emits(subject, agent.listens.names):
        if emit is None or emit.payload is None:
            return None
        fields |= emit.payload
    return fields


def _emits(subject: Subject, names: tuple[str, ...]) -> Iterator[Emit | None]:
    """Every declaration of the events; None for an automatic one, and for one that nobody emits."""
    for name in names:
        for emitter in subject.feeds.emitters.get(name, ("",)):
            yield subject.agents[emitter].emits.get(name) if emitter else None


def _listed(fields: dict[str, str]) -> str:
    return f"it carries {', '.join(fields)}" if fields else "it carries nothing"
