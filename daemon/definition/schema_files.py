"""The JSON Schemas that chains name: files of the repository, read once, and found to be of use."""

from typing import Any, Final

from chainwright.daemon.definition.json_reader import read_json
from chainwright.daemon.definition.named_files import NamedFiles, ReadFile, Unusable, of_mapping
from chainwright.daemon.definition.nodes import plain
from chainwright.daemon.definition.source import Findings, decode

Schema = dict[str, Any]

_HINT: Final = "mend the schema; JSON Schema 2020-12 is meant where it names no other"


class SchemaFiles:
    """The schemas of one repository at one commit, by path."""

    def __init__(self, read: ReadFile) -> None:
        self._files = NamedFiles(read)
        self._schemas: dict[str, Schema] = {}

    def schema(self, path: str) -> Schema:
        """The schema of a file, well formed. Raises :class:`Unusable`, saying what is wrong with the file."""
        if path not in self._schemas:
            self._schemas[path] = _schema(path, self._files.content(path))
        return self._schemas[path]

    def known(self, path: str) -> Schema | None:
        """The schema of a file; None for one that cannot be used, which whoever names it reports."""
        try:
            return self.schema(path)
        except Unusable:
            return None


NO_FILES: Final = SchemaFiles(of_mapping({}))


def _schema(path: str, data: bytes) -> Schema:
    findings = Findings(path)
    root = read_json(decode(path, data, findings), findings)
    for found in findings.found:
        raise Unusable(f"{path}:{found.span.line}:{found.span.column}: {found.message}", found.hint)
    value = plain(root) if root is not None else None
    if not isinstance(value, dict):
        raise Unusable(f"{path} is no JSON Schema: it has to be an object", _HINT)
    # Where jsonschema is used: it takes 150 ms to import, and most repositories name no schema.
    from chainwright.daemon.definition.schema_form import problems  # noqa: PLC0415 - see above

    for problem in problems(value):
        raise Unusable(f"{path} is no JSON Schema that can be used: {problem}", _HINT)
    return value
