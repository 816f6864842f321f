"""What pydantic finds, in the words of a diagnostic."""

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Union, get_args, get_origin

from pydantic_core import ErrorDetails

from chainwright.daemon.definition.nodes import Path
from chainwright.daemon.definition.source import Findings
from chainwright.schemas.diagnostic import Span
from chainwright.schemas.fields import CONFLICT, EXPECTED, INCOMPLETE, Form


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """An error of pydantic's with the path of keys that it is about."""

    path: Path
    is_key: bool
    """Whether the key is wrong, not its value."""
    is_missing: bool
    """Whether ``path`` should be there."""
    details: ErrorDetails


_EXPECTED: Final = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "list_type": "a list",
    "literal_error": "{expected}",
    "greater_than_equal": "at least {ge}",
    "less_than_equal": "at most {le}",
    "too_short": "given at least one entry",
    "too_long": "given at most {max_length} entries",
    EXPECTED: "{msg}",
}


def explain(misfit: Misfit, model: type[Form], span: Span, findings: Findings) -> None:
    """Adds the diagnostic."""
    if findings.is_full:
        return
    kind = misfit.details["type"]
    if kind == "extra_forbidden":
        known = keys_at(model, misfit.path[:-1])
        key = str(misfit.path[-1])
        findings.error(span, "unknown-key", f'unknown key "{key}"', hint=_hint_for_key(key, known))
    elif misfit.is_missing:
        key = str(misfit.path[-1])
        findings.error(span, "missing-key", f'"{key}" is missing', hint=_MISSING.get(key, f"{key}: …"))
    elif kind in {INCOMPLETE, CONFLICT}:
        rule = "missing-key" if kind == INCOMPLETE else "wrong-type"
        findings.error(span, rule, misfit.details["msg"], hint=_hint_for_action(misfit))
    else:
        findings.error(span, "wrong-type", _sentence(misfit), hint=_hint(misfit))


def _hint_for_key(key: str, known: list[str]) -> str:
    """Of a mapping that has several forms, the key may be one of another's."""
    if key in known:
        return f'"{key}" goes with another form of this'
    return near(key, known) or _listed(known)


def near(word: str, known: Iterable[str]) -> str:
    """The hint with the known word that is nearest, empty when none is near."""
    found = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'did you mean "{found[0]}"?' if found else ""


def shown(value: object) -> str:
    """A value as a message shows it."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "nothing"
    if value == "":
        return "an empty text"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f'"{text if len(text) <= 60 else text[:57] + "…"}"' if isinstance(value, str) else text


def keys_at(model: type[Form], path: Path) -> list[str]:
    """The keys that the model knows at a path."""
    annotations: list[Any] = [model]
    for step in path:
        annotations = [below for annotation in annotations for below in _below(annotation, step)]
    return [key for annotation in annotations for form in _forms(annotation) for key in _fields(form)]


def _forms(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation: models, ``dict[…]``, ``list[…]``."""
    origin = get_origin(annotation)
    if origin in {Union, types.UnionType}:
        for alternative in get_args(annotation):
            yield from _forms(alternative)
    elif hasattr(annotation, "__metadata__"):  # Annotated
        yield from _forms(get_args(annotation)[0])
    else:
        yield annotation


def _below(annotation: Any, step: str | int) -> Iterator[Any]:
    for form in _forms(annotation):
        fields = _fields(form)
        if step in fields:
            yield fields[str(step)]
        elif get_origin(form) in {dict, list}:
            yield get_args(form)[-1]


def _fields(form: Any) -> dict[str, Any]:
    if not (isinstance(form, type) and issubclass(form, Form)):
        return {}
    return {field.alias or name: field.annotation for name, field in form.model_fields.items()}


def _sentence(misfit: Misfit) -> str:
    details = misfit.details
    context = {**details.get("ctx", {}), "msg": details["msg"]}
    what = _EXPECTED.get(details["type"], "otherwise: {msg}").format(**context)
    what = what.replace("'", "") if details["type"] == "literal_error" else what
    is_said = details["type"] in {"too_short", "too_long"} or misfit.is_key or what.endswith("left out")
    return f"{_named(misfit)} must be {what}" + ("" if is_said else f", not {shown(details['input'])}")


def _named(misfit: Misfit) -> str:
    """The value as its author would call it."""
    if misfit.is_key:
        return f'the name "{misfit.path[-1]}"'
    if isinstance(misfit.path[-1], int):
        return f'item {misfit.path[-1] + 1} of "{misfit.path[-2]}"'
    return f'"{misfit.path[-1]}"'


def _hint(misfit: Misfit) -> str:
    details = misfit.details
    if details["type"] == "string_type" and isinstance(details["input"], bool | int | float):
        return "put it in quotes"
    if details["type"] == "literal_error" and isinstance(details["input"], str):
        return near(
            details["input"],
            str(details.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ").split(", "),
        )
    return ""


_MISSING: Final = {"agents": "agents: {hello: {run: echo hello}}", "run": "run: ./agents/write.sh", "max": "max: 2"}
"""How a key that has to be there is written."""


def _hint_for_action(misfit: Misfit) -> str:
    if misfit.details["type"] == INCOMPLETE:
        return "run: ./agents/write.sh"
    return _TOGETHER if misfit.details["msg"].startswith('"needs"') else "keep one of them"


_TOGETHER: Final = "needs waits until agents have settled, on starts a turn for each event: keep one of them"


def _listed(known: list[str]) -> str:
    return f"known here: {', '.join(known)}" if known else ""
