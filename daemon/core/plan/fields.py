"""Which fields of a chain or an agent differ, in the words of their author."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final

from chainwright.daemon.core.graph import Agent, Call, Chain, Webhook
from chainwright.daemon.core.plan.report import FieldChange

MAX_SHOWN: Final = 100
"""Characters of a value that are shown."""

_WORDS: Final = {
    "listens": "on",
    "condition": "if",
    "script": "run",
    "with_": "with",
    "callable": "on.call",
    "manual": "on.manual",
    "on_event": "on.event",
    "on_chain": "on.chain",
    "on_push": "on.push",
    "on_pull_request": "on.pull_request",
}
_TOLD_ELSEWHERE: Final = {
    Agent: frozenset({"id", "calls"}),
    Chain: frozenset({"id", "path", "agents", "inputs", "schedules", "webhooks"}),
    Webhook: frozenset({"id"}),
}
_UNITS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "m"))
_Described = Agent | Chain | Webhook
_SECONDS: Final = "_s"
"""How the name of a duration ends."""


def changed_fields(before: _Described, after: _Described) -> tuple[FieldChange, ...]:
    """What differs between two of a kind, but for what a plan of chains tells apart: agents, inputs, triggers."""
    return tuple(_changes(before, after, ""))


def shown(value: Any, name: str = "") -> str:
    """A value on one line, cut where it is too long; the name of the field says whether it is a duration. Empty for nothing."""
    if value is None or value == "":
        return ""
    if name.endswith(_SECONDS) and isinstance(value, int | float):
        return duration(value)
    return cut(value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False, sort_keys=True))


def options_of(value: Any, *told: str) -> str:
    """What a value says beside the fields that are told already, on one line; empty where all that is as usual."""
    said = {word: one for word, one in _plain(value).items() if word not in told}
    return cut(json.dumps(said, ensure_ascii=False, sort_keys=True)) if said else ""


def cut(text: str) -> str:
    """The text on one line, its beginning if it is long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else f"{line[: MAX_SHOWN - 1]}…"


def duration(seconds: float) -> str:
    """As an author writes it: ``90s``, ``20m``, ``2h``, ``1d``."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"


def _changes(before: Any, after: Any, within: str) -> Iterator[FieldChange]:
    for one in fields(before):
        old, new = getattr(before, one.name), getattr(after, one.name)
        if old == new or one.name in _TOLD_ELSEWHERE.get(type(before), ()):
            continue
        word = f"{within}{_word(one.name)}"
        if is_dataclass(old) and type(old) is type(new):
            yield from _changes(old, new, f"{word}.")
        else:
            yield _change(word, one.name, old, new)


def _change(word: str, name: str, old: Any, new: Any) -> FieldChange:
    before, after = shown(old, name), shown(new, name)
    if before == after:  # they differ behind the cut
        before, after = f"{before} ({_size(old)})", f"{after} ({_size(new)}, another)"
    return FieldChange(field=word, before=before, after=after)


def _size(value: Any) -> str:
    return f"{len(value if isinstance(value, str) else json.dumps(_plain(value)))} characters"


def _word(name: str) -> str:
    return _WORDS.get(name, name.removesuffix(_SECONDS).replace("_", "-"))


def _plain(value: Any) -> Any:
    """JSON of a value, without what is at its default."""
    if isinstance(value, Call):
        return value.chain
    if is_dataclass(value):
        return {_word(one.name): _plain(getattr(value, one.name)) for one in fields(value) if not _is_usual(value, one)}
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, frozenset | set):
        return sorted(_plain(one) for one in value)
    return value


def _is_usual(value: Any, one: Any) -> bool:
    default = one.default_factory() if one.default_factory is not MISSING else one.default
    return bool(getattr(value, one.name) == default)
