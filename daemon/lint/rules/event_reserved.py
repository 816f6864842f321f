"""An agent declares an event whose name is taken (semantics 11)."""

from collections.abc import Iterator

from chainwright.daemon.core.feeds import automatic
from chainwright.daemon.core.graph import RUN_STOP
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class EventReserved(Rule):
    """Events that the daemon emits cannot be an agent's."""

    name = "event-reserved"
    doc = "An agent declares an event that only Chainwright emits."
    why = (
        "`<id>.started`, `.succeeded`, `.failed`, `.skipped`, `.cancelled`, `.finished` and `.exhausted` are facts "
        "that Chainwright tells; an agent that could tell them could lie. `run.…` is kept for the run itself."
    )
    bad = """
        agents:
          write: {run: ./write.sh, emits: write.finished}
          edit: {on: write.finished, run: ./edit.sh}
    """
    good = """
        agents:
          write: {run: ./write.sh}
          edit: {on: write.finished, run: ./edit.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such event of each agent."""
        taken = {event for agent in subject.known_ids for event in automatic(agent)}
        for name, agent in subject.agents.items():
            for event in agent.emits:
                if event in taken:
                    yield _finding(subject, name, event, "is emitted by itself, for every agent")
                elif event.startswith("run.") and event != RUN_STOP:
                    yield _finding(subject, name, event, f'is reserved; of "run.…" only {RUN_STOP} can be declared')


def _finding(subject: Subject, agent: str, event: str, why: str) -> Finding:
    return Finding(span=subject.word(event, "agents", agent, "emits"), message=f'"{event}" {why}')
