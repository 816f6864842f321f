"""An expression reads an output that its agent does not declare."""

from collections.abc import Iterator, Mapping

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.expressions import is_unknown, place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.daemon.lint.texts import Text


class OutputUnknown(Rule):
    """``needs.a.outputs.x``, ``agents.a.outputs.x`` in the outputs of the chain, and ``outputs.x`` in an agent's own checks."""

    name = "output-unknown"
    doc = "An expression reads an output that does not exist."
    why = "The value would always be null. An agent declares its outputs with their types."
    bad = """
        agents:
          write: {run: ./write.sh, outputs: {draft: string}}
          edit: {needs: write, env: {TEXT: '${{ needs.write.outputs.drfat }}'}, run: ./edit.sh}
    """
    good = """
        agents:
          write: {run: ./write.sh, outputs: {draft: string}}
          edit: {needs: write, env: {TEXT: '${{ needs.write.outputs.draft }}'}, run: ./edit.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such path."""
        by_id = {name.lower(): agent for name, agent in subject.agents.items()}
        for text in subject.texts:
            for reference in text.references:
                name, output = _read(text, reference.path)
                agent = by_id.get(name.lower())
                if not output or agent is None:
                    continue
                if reference.path[0] != "outputs" and (agent.strategy or subject.lost(agent.id, "strategy")):
                    continue  # it has no outputs but those of its legs
                if is_unknown((output,), agent.outputs) and not subject.lost(agent.id, "outputs"):
                    yield Finding(
                        span=place(subject.document.source, text, reference),
                        message=f'agent "{agent.id}" has no output "{output}"',
                        hint=near(output, agent.outputs) or _listed(agent.outputs),
                    )


def _read(text: Text, path: tuple[str, ...]) -> tuple[str, str]:
    """The agent and the output that a path reads; empty where it reads no single one."""
    match path:
        case ("outputs", output, *_) if text.is_asked_afterwards:
            return text.agent or "", output
        case (("needs" | "agents"), name, member, output, *_) if member.lower() == "outputs":
            return name, output
    return "", ""


def _listed(outputs: Mapping[str, str]) -> str:
    return f"its outputs: {', '.join(outputs)}" if outputs else "it declares no outputs"
