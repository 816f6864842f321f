"""The reference of the chain language, made from the models: ``python -m chainwright.schemas.reference`` writes ``docs/language.md``.

``tests/schemas/test_reference.py`` fails when the committed file is not what this gives, or a field says nothing about itself; the
examples are linted with every other document. What the fields mean together stands in the prose of other documents, not here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from chainwright.schemas.generate import schema
from chainwright.schemas.reference_examples import EXAMPLES

FILE: Final = Path(__file__).resolve().parents[1] / "docs" / "language.md"

_HEAD: Final = """# The chain language: every field

A chain is a file below `workflows/`, in YAML or JSON; a reusable agent is one in the folder `agents` there. Keys that begin with `x-`
are free, any other unknown key is an error. Durations are written `90s 20m 2h 1d`. `chainwright schema chain` prints the JSON Schema,
`chainwright lint` says what is wrong with a file, and [rules.md](rules.md) explains each of its rules.

This file is generated: `make reference`.
"""
_TITLES: Final = {"chain": "Chain file", "agent": "Reusable agent's file"}
_DURATION: Final = re.compile(r"\[smhd\]\$")


def rendered() -> str:
    """The whole document, as Markdown."""
    chapters, seen = [_HEAD], set[str]()
    for kind, title in _TITLES.items():
        whole = schema(kind)
        chapters.append(_chapter(title, whole))
        for name, form in whole["$defs"].items():
            if name not in seen and "properties" in form:
                seen.add(name)
                chapters.append(_chapter(name, form))
    return "\n".join(chapters)


def undescribed() -> list[str]:
    """The fields that say nothing about themselves, as ``Form.field``; what is a form says it there."""
    return [
        f"{name}.{field}"
        for kind in _TITLES
        for name, form in {kind: schema(kind), **schema(kind)["$defs"]}.items()
        for field, one in form.get("properties", {}).items()
        if not one.get("description") and "$ref" not in one
    ]


def _chapter(title: str, form: dict[str, Any]) -> str:
    said = " ".join(form.get("description", "").split()).replace("``", "`")
    rows = list(_rows(form))
    table = ["| field | type | meaning |", "|---|---|---|", *rows] if rows else []
    example = [f"```yaml\n{EXAMPLES[title].strip()}\n```"] if title in EXAMPLES else []
    return "\n\n".join((f"## {title}", said, *(["\n".join(table)] if table else []), *example)) + "\n"


def _rows(form: dict[str, Any]) -> Iterator[str]:
    for name, one in form["properties"].items():
        must = ", required" if name in form.get("required", ()) else _default(one)
        meaning = " ".join(one.get("description", "").split()).replace("``", "`").replace("|", "\\|")
        yield f"| `{name}` | {_type(one)}{must} | {meaning} |"


def _default(one: dict[str, Any]) -> str:
    value = one.get("default")
    if value in (None, "", []) or isinstance(value, dict):
        return ""
    if isinstance(value, float) and _is_duration(one):
        return f", `{value:g}s`"
    return f", `{str(value).lower() if isinstance(value, bool) else value}`"


def _is_duration(one: dict[str, Any]) -> bool:
    return _DURATION.search(one.get("pattern", "")) is not None


def _type(one: dict[str, Any]) -> str:
    if "$ref" in one:
        name = one["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if forms := one.get("anyOf") or one.get("oneOf") or one.get("allOf"):
        return " or ".join(dict.fromkeys(_type(form) for form in forms))
    if "const" in one or "enum" in one:
        return ", ".join(f"`{value}`" for value in dict.fromkeys(one.get("enum") or [one["const"]]))
    return _plain_type(one)


def _plain_type(one: dict[str, Any]) -> str:
    kind = one.get("type")
    if kind == "array":
        return f"list of {_type(one.get('items', {}))}"
    if kind == "object":
        values = next(iter(one.get("patternProperties", {}).values()), one.get("additionalProperties"))
        return f"map to {_type(values)}" if isinstance(values, dict) else "map"
    if _is_duration(one):
        return "duration"
    if isinstance(kind, list):
        return " or ".join(_WORDS[each] for each in kind)
    return _WORDS.get(kind or "", "anything")


_WORDS: Final = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "`true` or `false`",
    "null": "nothing",
}


if __name__ == "__main__":
    FILE.write_text(rendered(), encoding="utf-8")
