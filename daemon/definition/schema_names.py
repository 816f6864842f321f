"""Where a chain names JSON Schemas: each that cannot be used is found at the place that names it."""

from collections.abc import Iterator

from chainwright.daemon.definition.form import Formed
from chainwright.daemon.definition.named_files import Unusable
from chainwright.daemon.definition.nodes import Path, at
from chainwright.daemon.definition.schema_files import SchemaFiles
from chainwright.daemon.definition.source import Findings
from chainwright.schemas.chain import ChainFile


def check_schemas(form: Formed[ChainFile], schemas: SchemaFiles, findings: Findings) -> None:
    """Adds every file that is named as a schema and is not there, or is none."""
    for place, path in _named(form.model) if form.model else ():
        try:
            schemas.schema(path)
        except Unusable as unusable:
            node = at(form.root, *place) or form.root
            findings.error(node.span, "schema-unusable", str(unusable), hint=unusable.hint)


def _named(file: ChainFile) -> Iterator[tuple[Path, str]]:
    """The place of each path, and the path."""
    yield from ((("events", name), contract) for name, contract in file.events.items() if isinstance(contract, str))
