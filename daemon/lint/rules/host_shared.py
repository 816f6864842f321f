"""An agent follows another one on another host and is handed nothing: the files of the shared workspace are not there."""

from collections.abc import Iterator

from chainwright.daemon.core.graph import Agent
from chainwright.daemon.core.host_labels import LOCAL
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class HostShared(Rule):
    """Only followers that read nothing of the one before: whoever takes its outputs knows how things come across."""

    name = "host-shared"
    severity = Severity.WARNING
    doc = "Two agents with the shared workspace follow each other on different hosts, and nothing is handed over."
    why = (
        "`workspace: shared` is the run's checkout on one host. An agent on another host works in a checkout of its own and finds none of "
        "the files that the one before has written. Outputs of type `file` are carried from host to host."
    )
    bad = """
        agents:
          train: {runs-on: gpu, run: ./train.sh}
          publish: {needs: train, run: ./publish.sh model.bin}
    """
    good = """
        agents:
          train: {runs-on: gpu, run: ./train.sh, outputs: {model: file}}
          publish: {needs: train, env: {MODEL: '${{ needs.train.outputs.model }}'}, run: ./publish.sh "$MODEL"}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each pair, at the later one."""
        for agent in subject.agents.values():
            if agent.calls is None and not subject.lost(agent.id, "needs", "on", "workspace", "runs-on"):
                yield from self._of(subject, agent)

    def _of(self, subject: Subject, agent: Agent) -> Iterator[Finding]:
        for name in agent.needs:
            before = subject.agents.get(name)
            if before is None or not _shares_elsewhere(before, agent) or _reads(subject, agent.id, name):
                continue
            yield Finding(
                span=subject.word(name, "agents", agent.id, "needs"),
                message=f'"{agent.id}" runs on {_shown(agent)} and finds no file that "{name}" leaves on {_shown(before)}',
                hint=f"hand them over: outputs: {{…: file}} of {name}, or let both have the same runs-on",
            )


def _shares_elsewhere(before: Agent, after: Agent) -> bool:
    return (
        before.calls is None
        and before.workspace == after.workspace == "shared"
        and set(before.runs_on or (LOCAL,)) != set(after.runs_on or (LOCAL,))
    )


def _reads(subject: Subject, agent: str, of: str) -> bool:
    """Whether a text of the agent takes something of the one that it needs, or of all of them."""
    paths = (one.path for text in subject.texts if text.agent == agent for one in text.references)
    return any(path[0] == "needs" and path[1:2] in ((), (of,), (of.lower(),)) for path in paths)


def _shown(agent: Agent) -> str:
    return " ".join(agent.runs_on) or LOCAL
