"""An output that nobody reads, among others that are read."""

from collections.abc import Iterator

from chainwright.daemon.definition.nodes import Mapping, at
from chainwright.daemon.lint.rule import Finding, Rule
from chainwright.daemon.lint.subject import Subject
from chainwright.schemas.diagnostic import Severity


class OutputUnused(Rule):
    """People read outputs too, so an agent of which none is read says nothing wrong, and neither does a file.

    What a reusable agent declares is for all that use it.
    """

    name = "output-unused"
    severity = Severity.NOTE
    doc = "Some outputs of an agent are read and this one is not."
    why = (
        "An agent does work for it, and whoever reads the chain looks for the reader in vain. Perhaps a reader was forgotten or "
        "takes another one by mistake."
    )
    bad = """
        agents:
          count: {run: ./count.sh, outputs: {words: integer, lines: integer}}
          tell: {needs: count, if: needs.count.outputs.words > 100, run: ./tell.sh}
    """
    good = """
        agents:
          count: {run: ./count.sh, outputs: {words: integer}}
          tell: {needs: count, if: needs.count.outputs.words > 100, run: ./tell.sh}
    """

    def check(self, subject: Subject) -> Iterator[Finding]:
        """A finding for each such output of each agent."""
        reads = subject.reads
        if reads.all_outputs:
            return
        for name, agent in subject.agents.items():
            known = {output.lower() for output in agent.outputs}
            read = known & {output for owner, output in reads.outputs if owner == name.lower()}
            used = read | _checked(subject, name)
            for output in _declared(subject, name) if read else ():
                if output.lower() not in used and agent.outputs.get(output, "file") != "file":
                    yield Finding(
                        span=subject.key("agents", name, "outputs", output),
                        message=f'nothing reads the output "{output}" of "{name}"',
                        hint=f"${{{{ needs.{name}.outputs.{output} }}}} in an agent that needs it reads it",
                    )


def _checked(subject: Subject, agent: str) -> set[str]:
    """The outputs that its own checks look at."""
    texts = (text for text in subject.texts if text.agent == agent and text.is_asked_afterwards)
    paths = (reference.path for text in texts for reference in text.references)
    read = {path[1].lower() for path in paths if path[0] == "outputs" and path[1:]}
    return read | {check.output.lower() for check in subject.agents[agent].checks}


def _declared(subject: Subject, agent: str) -> list[str]:
    outputs = at(subject.root, "agents", agent, "outputs")
    return list(outputs.entries) if isinstance(outputs, Mapping) else []
