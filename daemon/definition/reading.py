"""Bytes → text → nodes, by the ending of the file's name."""

from pathlib import PurePosixPath
from typing import Final

from chainwright.daemon.definition.json_reader import read_json
from chainwright.daemon.definition.nodes import Node
from chainwright.daemon.definition.source import Findings, Source, decode
from chainwright.daemon.definition.yaml_reader import read_yaml
from chainwright.schemas.diagnostic import Span

ENDINGS: Final = (".yaml", ".yml", ".json")
"""Of the names of definition files."""


def read(path: str, data: bytes, findings: Findings) -> tuple[Source, Node | None]:
    """The text and the value in it, None with an error in ``findings`` when there is none."""
    source = decode(path, data, findings)
    is_json = PurePosixPath(path).suffix == ".json"
    root = (read_json if is_json else read_yaml)(source, findings)
    if root is None and not findings.has_error:
        findings.error(
            Span(end_column=2), "missing-key", "the file is empty", hint="agents: {hello: {run: echo hello}}"
        )
    return source, root
