"""An expression reads a field of an event's data that no emitter of it declares."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import ValueType
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.schema_contracts import closed_fields
from chainwright.daemon.lint.expressions import is_unknown, place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject

Fields = dict[str, ValueType]


class EventPayload(Rule):
    """Only for agents that one event starts, and only where every event that could be it declares its payload."""

    name = "event-payload"
    doc = "An expression reads a field that the event does not carry."
    why = (
        "The value would always be null. `emits` says what an event carries, and every agent that may emit it is "
        "looked at."
    )
    bad = """
        agents:
          edit: {run: ./edit.sh, emits: {rejected: {reasons: string}}}
          write:
            on: rejected
            env: {WHY: '${{ event.data.raesons }}'}
            run: ./write.sh
    """
    good = """
        agents:
          edit: {run: ./edit.sh, emits: {rejected: {reasons: string}}}
          write:
            on: rejected
            env: {WHY: '${{ event.data.reasons }}'}
            run: ./write.sh
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such expression."""
        promised: dict[tuple[str, ...], Fields | None] = {}
        for text in subject.texts:
            names = _starting(subject, text.agent)
            for reference in text.references if names else ():
                field = "".join(reference.path[2:3])
                if reference.path[:2] != ("event", "data") or not field:
                    continue
                if names not in promised:
                    promised[names] = _promised(subject, names)
                fields = promised[names]
                if fields is not None and is_unknown((field,), fields):
                    yield Finding(
                        span=place(subject.document.source, text, reference),
                        message=f'no event that starts "{text.agent}" carries "{field}"',
                        hint=near(field, fields) or _listed(fields),
                    )


def _starting(subject: Subject, name: str | None) -> tuple[str, ...]:
    """The events of which any one starts the agent; none where that is not what starts it, or not known."""
    agent = subject.agents.get(name or "")
    if agent is None or agent.listens is None or not agent.listens.takes_one or subject.any_lost("emits", "on"):
        return ()
    return agent.listens.names


def _promised(subject: Subject, names: tuple[str, ...]) -> Fields | None:
    """Field → type of all these events; None when one of them promises nothing."""
    fields: Fields = {}
    for carried in (one for name in names for one in _carried(subject, name)):
        if carried is None:
            return None
        fields |= carried
    return fields


def _carried(subject: Subject, name: str) -> Iterator[Fields | None]:
    """What each declaration of an event says; None for an automatic one, for one that nobody emits, and for an open schema."""
    contract = subject.chain.events.get(name)
    if contract is not None and contract.schema_path:
        closed = closed_fields(contract)
        yield None if closed is None else dict.fromkeys(closed, "json")
        return
    for emitter in subject.feeds.emitters.get(name, ("",)):
        emit = subject.agents[emitter].emits.get(name) if emitter else None
        yield emit.payload if emit is not None else None


def _listed(fields: Fields) -> str:
    return f"it carries {', '.join(fields)}" if fields else "it carries nothing"
