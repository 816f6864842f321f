"""An expression reads an output that its agent does not declare."""

from collections.abc import Iterator, Mapping

from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.lint.expressions import is_unknown, place
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject


class OutputUnknown(Rule):
    """``needs.a.outputs.x``, and ``agents.a.outputs.x`` in the outputs of the chain."""

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
                context, name, member, output = (*reference.path, "", "", "")[:4] if reference.path else ("",) * 4
                agent = by_id.get(name.lower())
                if context not in {"needs", "agents"} or member.lower() != "outputs" or not output or agent is None:
                    continue
                if agent.strategy is not None or subject.lost(agent.id, "strategy"):
                    continue  # it has no outputs but those of its legs
                if is_unknown((output,), agent.outputs) and not subject.lost(agent.id, "outputs"):
                    yield Finding(
                        span=place(subject.document.source, text, reference),
                        message=f'agent "{agent.id}" has no output "{output}"',
                        hint=near(output, agent.outputs) or _listed(agent.outputs),
                    )


def _listed(outputs: Mapping[str, str]) -> str:
    return f"its outputs: {', '.join(outputs)}" if outputs else "it declares no outputs"
