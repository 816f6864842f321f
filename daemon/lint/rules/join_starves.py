"""A join waits for automatic events of one turn that exclude each other."""

from collections.abc import Iterator
from typing import Final

from chainwright.daemon.core.graph import Listen
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject

_OUTCOMES: Final = ("succeeded", "failed", "skipped", "cancelled")
"""A turn ends in one of these ways."""


class JoinStarves(Rule):
    """Only agents that have a single turn count: one with ``on`` may succeed first and fail later."""

    name = "join-starves"
    doc = "A join waits for events of which one turn gives only one."
    why = (
        "A turn ends in one way only, so a join that waits for two ends of it is never complete and its agent never "
        "starts."
    )
    bad = """
        agents:
          build: {run: make}
          tell: {on: {all: [build.succeeded, build.failed]}, run: ./tell.sh}
    """
    good = """
        agents:
          build: {run: make}
          tell: {on: {any: [build.succeeded, build.failed]}, run: ./tell.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each agent whose join can never be complete."""
        for name, agent in subject.agents.items():
            if agent.listens is None or agent.listens.takes_one:
                continue
            wanted = len(agent.listens.names) if agent.listens.mode == "all" else agent.listens.count
            excluding = list(_excluding(subject, agent.listens))
            possible = len(agent.listens.names) - sum(len(names) - 1 for names in excluding)
            if possible < wanted:
                yield _finding(subject, name, wanted, possible, excluding)


def _excluding(subject: Subject, listens: Listen) -> Iterator[tuple[str, ...]]:
    """The names of each agent with a single turn of which at most one is emitted."""
    endings: dict[str, list[str]] = {}
    for event in listens.names:
        emitter, _, word = event.rpartition(".")
        if word in _OUTCOMES and emitter in subject.agents:
            endings.setdefault(emitter, []).append(event)
    for emitter, names in endings.items():
        if len(names) > 1 and subject.agents[emitter].listens is None and not subject.lost(emitter, "on"):
            yield tuple(names)


def _finding(subject: Subject, name: str, wanted: int, possible: int, excluding: list[tuple[str, ...]]) -> Finding:
    if not excluding:
        message = f'agent "{name}" waits for {wanted} different events of {possible}'
        span = subject.value("agents", name, "on", "quorum", "count")
        return Finding(span=span, message=message, hint=f"count: {possible}, or further events")
    listed = " and ".join(f'"{event}"' for event in excluding[0])
    return Finding(
        span=subject.word(excluding[0][1], "agents", name, "on"),
        message=f'agent "{name}" waits for {listed}, but a turn ends in one way only',
        hint=f"on: {excluding[0][0].rpartition('.')[0]}.finished, or any: instead of all:",
    )
