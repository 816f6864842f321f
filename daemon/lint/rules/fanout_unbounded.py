"""Something can start more at once than its author has seen: an emitter that delivers at once, a matrix that is computed."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Strategy
from chainwright.daemon.core.matrix import MAX_LEGS
from chainwright.daemon.definition.nodes import at
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class FanoutUnbounded(Rule):
    """A staged event is one of a turn that ended; ``deliver: now`` is for emitters that live long and emit as they please.

    A computed matrix has up to 256 legs, and all of them begin together unless ``max-parallel`` says otherwise.
    """

    name = "fanout-unbounded"
    severity = Severity.WARNING
    doc = (
        "A long-lived emitter can start turns of an agent without end, or a computed matrix any number of legs at once."
    )
    why = (
        "With `deliver: now` a watcher emits as often as it pleases while it runs, and each event starts a turn. A "
        "bound makes a runaway watcher an error and not a bill. A computed matrix has as many legs as its values "
        "say, up to 256, and without `max-parallel` all of them begin at once."
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
        """A finding for each listener and each matrix that nothing bounds."""
        yield from _listeners(subject)
        yield from _matrices(subject)


def _listeners(subject: Subject) -> Iterator[Finding]:
    """Those without ``max-turns``, unless the chain sets limits of its own."""
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


def _matrices(subject: Subject) -> Iterator[Finding]:
    for name, agent in subject.agents.items():
        if agent.strategy is None or agent.strategy.max_parallel is not None or subject.lost(name, "strategy"):
            continue
        if _is_computed(agent.strategy):
            yield Finding(
                span=subject.key("agents", name, "strategy"),
                message=f'how many legs of "{name}" begin at once is known only when it runs',
                hint=f"max-parallel: 4, or any other bound; at most {MAX_LEGS} legs are allowed",
            )


def _is_computed(strategy: Strategy) -> bool:
    lists = strategy.matrix.values() if isinstance(strategy.matrix, dict) else [strategy.matrix]
    return any(isinstance(given, str) for given in (*lists, strategy.include))
