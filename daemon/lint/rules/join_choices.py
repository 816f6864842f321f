"""``all`` over events that agents in a cycle choose between (semantics 14)."""

from collections.abc import Iterator

from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class JoinChoices(Rule):
    """``all`` pairs first-in first-out: one agent's word on the first draft with another's on the second."""

    name = "join-choices"
    severity = Severity.WARNING
    doc = "A join with all waits for events that agents in a cycle choose between, so it can mix turns."
    why = (
        "`all` pairs events first in, first out. In a loop one reviewer's word on the first draft could be paired "
        "with another's on the second; a quorum takes only the latest turn of each."
    )
    bad = """
        agents:
          start: {run: 'true', emits: begin}
          write: {on: {any: [begin, edit.no, legal.no]}, max-turns: 3, run: ./write.sh, emits: draft}
          edit: {on: draft, run: ./edit.sh, emits: [edit.yes, edit.no]}
          legal: {on: draft, run: ./legal.sh, emits: [legal.yes, legal.no]}
          publish: {on: {all: [edit.yes, legal.yes]}, run: ./publish.sh}
    """
    good = """
        agents:
          start: {run: 'true', emits: begin}
          write: {on: {any: [begin, edit.no, legal.no]}, max-turns: 3, run: ./write.sh, emits: draft}
          edit: {on: draft, run: ./edit.sh, emits: [edit.yes, edit.no]}
          legal: {on: draft, run: ./legal.sh, emits: [legal.yes, legal.no]}
          publish: {on: {quorum: {of: [edit.yes, legal.yes], count: 2}}, run: ./publish.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such join."""
        for name, agent in subject.agents.items():
            if agent.listens is None or agent.listens.mode != "all":
                continue
            chosen = [event for event in agent.listens.names if _is_choice_in_cycle(subject, event)]
            if chosen and len(agent.listens.names) > 1:
                names = ", ".join(agent.listens.names)
                yield Finding(
                    span=subject.word(chosen[0], "agents", name, "on"),
                    message=f'"{chosen[0]}" is one choice of an agent in a cycle: "all" may pair it with an event of another round',
                    hint=f"quorum: {{of: [{names}], count: {len(agent.listens.names)}}} takes events of latest turns only",
                )


def _is_choice_in_cycle(subject: Subject, event: str) -> bool:
    return any(
        event in subject.agents[emitter].emits
        and len(subject.agents[emitter].emits) > 1
        and emitter in subject.feeds.in_cycles
        for emitter in subject.feeds.emitters.get(event, ())
    )
