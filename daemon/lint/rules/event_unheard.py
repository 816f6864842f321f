"""An agent declares an event that nobody listens for."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import RUN_STOP
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.nodes import Mapping, at, scalars
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class EventUnheard(Rule):
    """Of a reusable agent only those events count that the chain itself declares; with ``finish: event`` one has its use unheard."""

    name = "event-unheard"
    severity = Severity.WARNING
    doc = "An agent declares an event that no agent listens for."
    why = (
        "Whatever the agent says by it is lost. Either a listener is missing or misspelt, or the declaration is left "
        "over."
    )
    bad = """
        agents:
          write: {run: ./write.sh, emits: [draft.ready, draft.empty]}
          edit: {on: draft.ready, run: ./edit.sh}
    """
    good = """
        agents:
          write: {run: ./write.sh, emits: [draft.ready, draft.empty]}
          edit: {on: draft.ready, run: ./edit.sh}
          give-up: {on: draft.empty, run: ./notify.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such event of each agent."""
        if subject.any_lost("on"):
            return
        heard = {name for agent in subject.agents.values() if agent.listens for name in agent.listens.names}
        for name, agent in subject.agents.items():
            for event in _declared(subject, name) if agent.finish == "exit" else ():
                is_heard = event in heard or event == RUN_STOP or event in subject.chain.events
                if not is_heard and event in agent.emits:
                    yield Finding(
                        span=subject.word(event, "agents", name, "emits"),
                        message=f'nobody listens for "{event}"',
                        hint=near(event, heard - set(subject.feeds.emitters)),
                    )


def _declared(subject: Subject, agent: str) -> list[str]:
    emits = at(subject.root, "agents", agent, "emits")
    if isinstance(emits, Mapping):
        return list(emits.entries)
    return [str(scalar.value) for _, scalar in scalars(emits)]
