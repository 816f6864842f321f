"""Checks by ``schema``: their files are read when a chain is loaded, and become a part of it.

A schema is taken from the commit, never from a workspace, which an agent can write to. So what an attempt is held to is pinned with the
chain of its run, and a mistake in a schema is told to its author when the chain is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from chainwright.daemon.core.graph import Agent, Chain, Check, ValueType
from chainwright.daemon.definition.form_messages import near
from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.definition.nodes import Node, Path, Sequence, at
from chainwright.daemon.definition.schema_files import SchemaFiles
from chainwright.schemas import checks as form
from chainwright.schemas.diagnostic import Span


class SchemaMisfit(NamedTuple):
    """What is wrong with a check."""

    span: Span
    rule: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenChecks:
    """The checks of an agent as they are written: below ``above`` in a file, less what was lost."""

    root: Node
    above: Path
    lost: frozenset[Path]
    checks: list[form.Check]

    def numbered(self) -> Iterator[tuple[int, form.Check]]:
        """Each with its index within the file."""
        written = at(self.root, *self.above, "checks")
        count = len(written.items) if isinstance(written, Sequence) else 0
        kept = (index for index in range(count) if (*self.above, "checks", index) not in self.lost)
        return zip(kept, self.checks, strict=False)

    @property
    def may_lack_outputs(self) -> bool:
        """Whether the agent may have outputs that could not be understood."""
        place = (*self.above, "outputs")
        return any(path[: len(place)] == place for path in self.lost)

    def span(self, index: int, field: str) -> Span:
        """Where a field of a check is written."""
        node = at(self.root, *self.above, "checks", index, field)
        return node.span if node else Span(end_column=2)


def json_outputs(outputs: Mapping[str, ValueType]) -> tuple[str, ...]:
    """The outputs of which a schema that names none may mean the only one."""
    return tuple(name for name, kind in outputs.items() if kind == "json")


def with_schemas(chain: Chain, schemas: SchemaFiles) -> Chain:
    """The chain with the schemas of its checks; one that cannot be used stays out, and :func:`schema_misfits` tells of it."""
    if not any(check.schema_path for agent in chain.agents.values() for check in agent.checks):
        return chain
    return replace(chain, agents={name: _filled(agent, schemas) for name, agent in chain.agents.items()})


def _filled(agent: Agent, schemas: SchemaFiles) -> Agent:
    outputs = json_outputs(agent.outputs)
    return replace(agent, checks=tuple(_with_schema(check, outputs, schemas) for check in agent.checks))


def _with_schema(check: Check, outputs: tuple[str, ...], schemas: SchemaFiles) -> Check:
    if not check.schema_path:
        return check
    output = check.output or (outputs[0] if len(outputs) == 1 else "")
    return replace(check, output=output, schema=schemas.known(check.schema_path))


def schema_misfits(
    written: WrittenChecks, outputs: Mapping[str, ValueType], schemas: SchemaFiles
) -> Iterator[SchemaMisfit]:
    """What is wrong with the checks by schema of an agent that has these outputs."""
    for index, check in written.numbered():
        if check.schema_ is None:
            continue
        try:
            schemas.schema(check.schema_)
        except Unusable as unusable:
            yield SchemaMisfit(written.span(index, "schema"), "schema-unusable", str(unusable), unusable.hint)
        if not written.may_lack_outputs:
            span = written.span(index, "schema" if check.output is None else "output")
            yield from _output_misfit(span, check.output, outputs)


def _output_misfit(span: Span, output: str | None, outputs: Mapping[str, ValueType]) -> Iterator[SchemaMisfit]:
    meant = json_outputs(outputs)
    if output is None and len(meant) != 1:
        said = f"{' and '.join(meant)} are of type json" if meant else "no output of the agent is of type json"
        hint = f"output: {meant[0]}" if meant else "outputs: {result: json}"
        yield SchemaMisfit(span, "check-schema", f'"schema" does not say which output it is for: {said}', hint)
    elif output is not None and output not in outputs:
        hint = near(output, outputs) or (f"its outputs: {', '.join(outputs)}" if outputs else "it declares no outputs")
        yield SchemaMisfit(span, "output-unknown", f'the agent has no output "{output}"', hint)
    elif output is not None and outputs[output] == "file":
        said = f'the output "{output}" is a file, and a schema is for a value'
        yield SchemaMisfit(span, "check-schema", said, "look into the file by a script: run")
