"""References to artifacts: what a file is called wherever values are recorded, compared and evaluated (semantics 30).

A value of type ``file`` is ``{"sha256": …, "name": …, "size": …}``. Within a text it stands as ``artifact:<sha256>/<size>/<name>;``. Whoever
starts a process puts a path of its host in the place of both, and only for artifacts that :func:`known_to` the run gives: what merely looks
like a reference, in an event's data say, opens no file.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from chainwright.daemon.core.graph import ValueType

_KEYS: Final = frozenset({"sha256", "name", "size"})
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_IN_TEXT: Final = re.compile(r"artifact:([0-9a-f]{64})/(\d{1,19})/([A-Za-z0-9._~%-]{1,765});")


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file's content by its SHA-256, with the name that it had and its bytes."""

    sha256: str
    name: str
    size: int

    def as_json(self) -> dict[str, Any]:
        """As a value."""
        return {"sha256": self.sha256, "name": self.name, "size": self.size}

    def as_text(self) -> str:
        """As it stands within a text."""
        return f"artifact:{self.sha256}/{self.size}/{quote(self.name, safe='')};"


def of_value(value: Any) -> Artifact | None:
    """The artifact that a value refers to; None for any other value."""
    if not isinstance(value, Mapping) or value.keys() != _KEYS:
        return None
    sha256, name, size = value["sha256"], value["name"], value["size"]
    fits = isinstance(sha256, str) and _DIGEST.fullmatch(sha256) and isinstance(name, str) and type(size) is int
    return Artifact(sha256=sha256, name=name, size=size) if fits and size >= 0 else None


def mentioned(value: Any) -> Iterator[Artifact]:
    """Every reference in a value, however deep, and in its texts."""
    if isinstance(value, str):
        yield from map(_of_match, _IN_TEXT.finditer(value))
    elif (artifact := of_value(value)) is not None:
        yield artifact
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from mentioned(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from mentioned(item)


def with_paths(value: Any, paths: Mapping[Artifact, str]) -> Any:
    """The value with a path in the place of each reference that has one."""
    if isinstance(value, str):
        return _IN_TEXT.sub(lambda found: paths.get(_of_match(found), found[0]), value)
    if (artifact := of_value(value)) is not None:
        return paths.get(artifact, value)
    if isinstance(value, Mapping):
        return {key: with_paths(item, paths) for key, item in value.items()}
    return [with_paths(item, paths) for item in value] if isinstance(value, (list, tuple)) else value


def of_fields(types: Mapping[str, ValueType], values: Any) -> Iterator[tuple[str, Artifact]]:
    """Those of the fields that are declared to be files, by field."""
    for name, kind in types.items() if isinstance(values, Mapping) else ():
        if kind == "file" and (artifact := of_value(values.get(name))) is not None:
            yield name, artifact


def _of_match(found: re.Match[str]) -> Artifact:
    return Artifact(sha256=found[1], size=int(found[2]), name=unquote(found[3]))
