"""An emitter that delivers at once can start any number of turns."""

from collections.abc import Iterator

from chainwright.daemon.definition.nodes import at
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class FanoutUnbounded(Rule):
    """A staged event is one of a turn that ended; ``deliver: now`` is for emitters that live long and emit as they please."""

    name = "fanout-unbounded"
    severity = Severity.WARNING
    doc = "A long-lived emitter can start turns of an agent without end."
    why = (
        "With `deliver: now` a watcher emits as often as it pleases while it runs, and each event starts a turn. A "
        "bound makes a runaway watcher an error and not a bill."
    )
    bad = """
        agents:
          watch: {run: ./watch.sh, emits: {found: {deliver: now}}}
          handle: {on: found, run: ./handle.sh}
    """
    good = """
        agents:
          watch: {run: ./watch.sh, emits: {found: {deliver: now}}}
          handle: {on: found, max-turns: 50, run: ./handle.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each listener without ``max-turns``, unless the chain sets limits of its own."""
        limits = ("turns", "events")
        if any(at(subject.root, "limits", limit) or ("limits", limit) in subject.document.lost for limit in limits):
            return
        immediate = _immediate(subject)
        for name, agent in subject.agents.items():
            if agent.max_turns is None and not subject.lost(name, "max-turns"):
                for event in agent.listens.names if agent.listens else ():
                    if event in immediate:
                        yield _finding(subject, name, event)


def _immediate(subject: Subject) -> set[str]:
    """The events that some agent delivers at once."""
    emits = (emit for agent in subject.agents.values() for emit in agent.emits.values())
    return {emit.name for emit in emits if emit.deliver == "now"}


def _finding(subject: Subject, agent: str, event: str) -> Finding:
    return Finding(
        span=subject.word(event, "agents", agent, "on"),
        message=f'each "{event}", delivered at once, starts a turn of "{agent}", and nothing bounds them',
        hint=f'max-turns in "{agent}", or limits: {{events: …}} of the chain',
    )
