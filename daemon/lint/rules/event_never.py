"""An agent listens for an event that nobody emits."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import AUTOMATIC_EVENTS
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class EventNever(Rule):
    """Silent when the declared events of some agent could not be understood: it might be one of those."""

    name = "event-never"
    doc = "An agent listens for an event that nobody emits."
    why = "The agent would never start, and the chain would end without it. Names are compared exactly."
    bad = """
        agents:
          write: {run: ./write.sh, emits: draft.ready}
          edit: {on: draft.redy, run: ./edit.sh}
          tell: {on: draft.ready, run: ./tell.sh}
    """
    good = """
        agents:
          write: {run: ./write.sh, emits: draft.ready}
          edit: {on: draft.ready, run: ./edit.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such name of each agent."""
        for name, agent in subject.agents.items():
            for event in agent.listens.names if agent.listens else ():
                if event not in subject.feeds.emitters and not _may_be_lost(subject, event):
                    yield Finding(
                        span=subject.word(event, "agents", name, "on"),
                        message=f'agent "{name}" listens for "{event}", which nobody emits',
                        hint=_hint(subject, event),
                    )


def _may_be_lost(subject: Subject, event: str) -> bool:
    """An automatic event of a known agent is lost with the agent; any other with anybody's ``emits``."""
    agent, _, word = event.rpartition(".")
    if word == "exhausted" and agent in subject.agents:
        return subject.lost(agent, "max-turns")
    if word in AUTOMATIC_EVENTS and agent in subject.known_ids:
        return True
    return subject.any_lost("emits")


def _hint(subject: Subject, event: str) -> str:
    agent, _, word = event.rpartition(".")
    if word == "exhausted" and agent in subject.agents:
        return f'"{agent}" has no max-turns, so it is never exhausted'
    if word in AUTOMATIC_EVENTS and agent:
        return near(event, subject.feeds.emitters) or f'there is no agent "{agent}"'
    near_event = near(event, subject.feeds.emitters)
    if not near_event:
        return f"an agent says so: emits: {event}"
    found = near_event.split('"')[1]
    return f'"{subject.feeds.emitters[found][0]}" emits "{found}"'
