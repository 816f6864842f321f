"""A file that an agent dropped into its event folder → name, data and key of the event.

JSON, YAML, Markdown with front matter, or nothing at all: then the file's name says everything. Who may emit which event, and whether
the data fits its declaration, is decided by the core; here only the file is understood. The text comes from a program that may be
broken or hostile, so :class:`EventFileError` is all that it can cause.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chainwright.daemon.definition.json_reader import read_json
from chainwright.daemon.definition.nodes import Node, plain
from chainwright.daemon.definition.source import Findings, Source
from chainwright.daemon.definition.yaml_reader import read_yaml

MAX_CHARACTERS: Final = 256 * 1024
MAX_KEY: Final = 200
EVENT_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)

_ENDING: Final = re.compile(r"\.(json|yaml|yml|md)\Z")
_FENCE: Final = re.compile(r"---[ \t]*(?:\r\n|\r|\n|\Z)")
_FRONT_MATTER: Final = re.compile(r"---[ \t]*\r?\n(?P<fields>.*?)(?<=\n)---[ \t]*(?:\r?\n|\Z)(?P<body>.*)", re.DOTALL)
_OWN_FIELDS: Final = ("event", "data", "key")


class EventFileError(Exception):
    """The file is no event; the text is for the author of the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """What a file says. ``data`` is plain JSON; None when the file has no field of its own."""

    name: str
    data: Any
    key: str
    """Two files with the same key are the same event; without a word from the agent, the hash of name and content."""


def read_event(file_name: str, content: str) -> ReadEvent:
    """The event of a file with this name; raises :class:`EventFileError`."""
    if len(content) > MAX_CHARACTERS:
        raise EventFileError(f"longer than {MAX_CHARACTERS:,} characters")
    fields = _fields(file_name, content)
    return ReadEvent(
        name=_name(fields, file_name),
        data=_data(fields),
        key=_key(fields) or _digest(file_name, content),
    )


def _fields(file_name: str, content: str) -> dict[str, Any]:
    text = content.removeprefix("\ufeff")
    if not text.strip():
        return {}
    ending = _ENDING.search(file_name)
    if ending and ending[1] == "md":
        return _markdown(text)
    is_json = ending[1] == "json" if ending else text.lstrip().startswith("{")
    return _json(text) if is_json else _yaml(text)


def _json(text: str) -> dict[str, Any]:
    if (fields := _plain_json(text)) is not None:
        return fields
    findings = Findings(path="")
    return _object(read_json(Source("", text), findings), findings)


def _plain_json(text: str) -> dict[str, Any] | None:
    """The fields of a small, ordinary object; None for anything on which the two readers could differ.

    Bursts of tens of thousands of events are of this kind, and the reader that knows positions takes ten times as long.
    """
    if len(text) > _PLAIN_CHARACTERS or "\\" in text or text.count("[") + text.count("{") > _PLAIN_DEPTH:
        return None
    try:
        value = _PLAIN_JSON.decode(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a key stands twice")
    return fields


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is left to the other reader")


_PLAIN_CHARACTERS: Final = 4_096
_PLAIN_DEPTH: Final = 20
_PLAIN_JSON: Final = json.JSONDecoder(object_pairs_hook=_once, parse_float=_no_number, parse_constant=_no_number)
"""Fractions are left out as well: how large one may be is the other reader's rule."""


def _yaml(text: str) -> dict[str, Any]:
    findings = Findings(path="")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise EventFileError("not UTF-8 text") from None
    return _object(read_yaml(Source("", text), findings), findings)


def _object(root: Node | None, findings: Findings) -> dict[str, Any]:
    """The fields of what was read; blank lines and comments alone have none."""
    if findings.found:
        first = findings.found[0]
        raise EventFileError(f"line {first.span.line}, column {first.span.column}: {first.message}")
    value = plain(root) if root is not None else {}
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise EventFileError('fields are expected, like {"event": "draft.ready", "data": …}')
    return value


def _markdown(text: str) -> dict[str, Any]:
    """The fields of the front matter; what follows it, if anything, is the field ``body`` of the data."""
    found = _FRONT_MATTER.match(text)
    if found is None and _FENCE.match(text):
        raise EventFileError("the front matter is not closed with ---")
    fields = _yaml(found["fields"]) if found else {}
    body = found["body"] if found else text
    return _with_body(fields, body) if body.strip() else fields


def _with_body(fields: dict[str, Any], body: str) -> dict[str, Any]:
    if "data" not in fields:
        return {"body": body, **fields}
    if not isinstance(fields["data"], Mapping):
        raise EventFileError('"data" has to hold fields, for the text below the front matter joins them as "body"')
    return {**fields, "data": {"body": body, **fields["data"]}}


def _name(fields: Mapping[str, Any], file_name: str) -> str:
    name = fields.get("event")
    if name is None:
        name, origin = _ENDING.sub("", file_name), "the file's name"
    else:
        origin = '"event"'
    if not isinstance(name, str) or not EVENT_NAME.fullmatch(name):
        raise EventFileError(f"{origin} is no name of an event: {str(name)[:80]!r}")
    return name


def _data(fields: Mapping[str, Any]) -> Any:
    others = {name: value for name, value in fields.items() if name not in _OWN_FIELDS}
    if "data" not in fields:
        return others or None
    if others:
        listed = ", ".join(f'"{name[:40]}"' for name in list(others)[:3])
        raise EventFileError(f'beside "data" only "event" and "key" can stand, here is {listed}')
    return fields["data"]


def _key(fields: Mapping[str, Any]) -> str | None:
    key = fields.get("key")
    if key is None:
        return None
    if not isinstance(key, str) or not 0 < len(key) <= MAX_KEY:
        raise EventFileError(f'"key" has to be a text of at most {MAX_KEY} characters')
    return key


def _digest(file_name: str, content: str) -> str:
    whole = f"{file_name}\0{content}".encode(errors="surrogatepass")
    return hashlib.sha256(whole).hexdigest()
