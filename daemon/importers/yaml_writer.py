"""A draft → YAML: block style, two blanks, keys in their order, the same bytes for the same draft.

PyYAML's emitter knows no comments and writes texts of several lines in quotes; what is needed here is small enough to write by hand.
A text is written plain only where no reader, of YAML 1.1 or 1.2, could take it for something else.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from chainwright.daemon.definition.nodes import Path
from chainwright.daemon.importers.draft import Draft

_INDENT: Final = "  "
_SAFE: Final = r"(?:[A-Za-z0-9_./@+()=,;~^\"'\\?*<>|&!$%-]|:(?=[A-Za-z0-9_./-]))"
_PLAIN: Final = re.compile(rf"[A-Za-z_./]{_SAFE}*(?: {_SAFE}+)*|[0-9]+(?:\.[0-9]+)?[smhd]")
_TAKEN: Final = re.compile(
    r"y|n|yes|no|on|off|true|false|null|[-+.]?(?:[0-9]|inf|nan).*(?<![smhd])|\.\.\..*", re.I | re.S
)
_BLOCK: Final = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]*")
_PRINTED: Final = re.compile(r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
_SIMPLE: Final = re.compile(r'[^"\\]*')
_ESCAPED: Final = re.compile(r'["\\]|[^\x20-\x7e]')
_SHORT: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def written(draft: Draft) -> str:
    """The text of the chain file, with a line end."""
    lines = [_comment(line) for line in draft.header]
    lines += _Writer(draft).mapping(draft.root, (), "")
    return "\n".join(lines) + "\n"


def scalar(value: Any) -> str:
    """A text, number, boolean or nothing on one line."""
    if isinstance(value, str):
        return _text(value)
    return "" if value is None else json.dumps(value)


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and not _TAKEN.fullmatch(text):
        return text
    if _PRINTED.fullmatch(text) and not ("'" in text and _SIMPLE.fullmatch(text)):
        return "'" + text.replace("'", "''") + "'"
    return '"' + _ESCAPED.sub(_escape, text) + '"'


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    code = ord(character)
    return _SHORT.get(character) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def _key(key: str) -> str:
    """As a text, but that ``on`` is written as everybody writes it: files of this language are YAML 1.2."""
    return key if key == "on" else _text(key)


def _comment(line: str) -> str:
    return f"# {line}".rstrip()


class _Writer:
    def __init__(self, draft: Draft) -> None:
        self._draft = draft

    def mapping(self, values: dict[str, Any], path: Path, indent: str) -> list[str]:
        """The lines of a mapping that is not empty."""
        return [line for key, value in values.items() for line in self._entry(key, value, (*path, key), indent)]

    def _entry(self, key: str, value: Any, path: Path, indent: str) -> Iterator[str]:
        yield from (indent + _comment(line) for line in self._draft.comments(path))
        lines = self._value(_key(key) + ":", value, path, indent)
        if path in self._draft.disabled:
            lines = [indent + _comment(line.removeprefix(indent)) for line in lines]
        yield from lines

    def _value(self, head: str, value: Any, path: Path, indent: str) -> list[str]:
        if isinstance(value, dict) and value:
            return [indent + head, *self.mapping(value, path, indent + _INDENT)]
        if isinstance(value, list) and value:
            return [indent + head, *self._items(value, path, indent + _INDENT)]
        if isinstance(value, dict | list):
            return [f"{indent}{head} {json.dumps(value)}"]
        if isinstance(value, str) and _wants_block(value) and (block := _block(value, indent + _INDENT)):
            return [f"{indent}{head} {block[0]}", *block[1:]]
        return [f"{indent}{head} {scalar(value)}".rstrip() if value is None else f"{indent}{head} {scalar(value)}"]

    def _items(self, values: list[Any], path: Path, indent: str) -> Iterator[str]:
        for index, value in enumerate(values):
            below = (*path, index)
            yield from (indent + _comment(line) for line in self._draft.comments(below))
            if isinstance(value, dict) and value:
                first, *rest = self.mapping(value, below, indent + _INDENT)
                yield f"{indent}- {first.removeprefix(indent + _INDENT)}"
                yield from rest
            else:
                yield from self._value("-", value, below, indent)


def _wants_block(text: str) -> bool:
    """Whether it has several lines, or quotes of both kinds, which nobody can read in quotes."""
    return "\n" in text or ("'" in text and not _SIMPLE.fullmatch(text) and not _PLAIN.fullmatch(text))


def _block(text: str, indent: str) -> list[str] | None:
    """The header and the lines of a literal block; None for a text that one cannot hold as it is."""
    if not _BLOCK.fullmatch(text) or not text.strip("\n"):
        return None
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    chomping = "-" if ends == 0 else "" if ends == 1 else "+"
    first = body.lstrip("\n")
    indicator = str(len(_INDENT)) if first[:1] in (" ", "\t") or body != first else ""
    lines = [*body.split("\n"), *[""] * (ends - 1)]
    return [f"|{indicator}{chomping}", *(indent + line if line else "" for line in lines)]
