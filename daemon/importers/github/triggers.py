"""``on`` of a workflow → triggers and inputs."""

import math
from collections.abc import Iterator
from typing import Any, Final, get_args

from chainwright.daemon.core.expressions.values import parse_number, shortest
from chainwright.daemon.definition.nodes import Mapping, Node, Scalar, Sequence
from chainwright.daemon.importers.draft import Draft
from chainwright.daemon.importers.fields import NOTHING, Fields
from chainwright.daemon.importers.github.expressions import Scope
from chainwright.daemon.importers.github.values import report_rest, resolved, text_of
from chainwright.daemon.importers.names import chain_file
from chainwright.schemas.pushes import Move

_FILTERS: Final = ("branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore")
_MOVES: Final = get_args(Move)
_USUAL: Final = {"opened", "synchronize", "reopened"}
_TYPES: Final = {
    "string": "string",
    "boolean": "boolean",
    "number": "number",
    "choice": "choice",
    "environment": "string",
}
_ENDS: Final = ("succeeded", "failed", "timed_out", "cancelled", "lost")
"""What `completed` means: however it ended."""
_TOLD: Final = ("type", "required", "default", "options", "description")
_BY_HAND: Final = "Nothing that started it has an equal here, so a person starts it."


def add_triggers(draft: Draft, root: Fields, scope: Scope) -> None:
    """Puts ``on``, ``inputs`` and ``outputs``."""
    draft.put("on", value={}, origin=root.key_span("on"))
    for name, node in _events(root.get("on")):
        fields = Fields(node if isinstance(node, Mapping) else NOTHING, scope.report)
        place = root.node.entries["on"].value
        draft.came_from(("on", name), _place(place, name))
        add = _ADD.get(name)
        if add is not None:
            add(draft, name, node, fields, scope)
            report_rest(fields, f'"{name}"', scope)
        else:
            _unknown(draft, name, place, fields, scope)
    if set(draft.root["on"]) - {"manual", "call"}:
        _require_nothing(draft, scope)
    if not draft.root["on"]:
        draft.put("on", "manual", value=None)
        draft.comment(("on", "manual"), _BY_HAND)


def _require_nothing(draft: Draft, scope: Scope) -> None:
    """A trigger that brings no inputs starts a workflow whatever it requires; here it would start nothing."""
    for name, declared in draft.root.get("inputs", {}).items():
        if declared.pop("required", False):
            message = f'"{name}" is not required any more: other triggers than people and callers give no inputs'
            scope.report.note(
                draft.origin(("inputs", name)), "gha-input", message, hint="it is null then, as on GitHub"
            )


def _events(node: Node | None) -> Iterator[tuple[str, Node | None]]:
    if isinstance(node, Scalar):
        yield text_of(node), None
    elif isinstance(node, Sequence):
        yield from ((text_of(item), None) for item in node.items)
    elif isinstance(node, Mapping):
        yield from ((name, entry.value) for name, entry in node.entries.items())


def _place(node: Node, name: str) -> Any:
    if isinstance(node, Mapping):
        return node.entries[name].key.span
    items = node.items if isinstance(node, Sequence) else (node,)
    return next((item.span for item in items if text_of(item) == name), node.span)


def _filtered(draft: Draft, name: str, _: Node | None, fields: Fields, scope: Scope) -> None:
    filters = {key: [text for text, _ in fields.texts(key)] for key in _FILTERS if key in fields}
    types = _types(name, fields, scope) if "types" in fields else []
    draft.put("on", name, value=filters | ({"types": types} if types else {}) or None)


def _types(name: str, fields: Fields, scope: Scope) -> list[str]:
    """Those that a chain can hear of; nothing where they are what it hears anyway."""
    written = [text for text, _ in fields.texts("types")]
    if others := [text for text in written if text not in _MOVES]:
        hint = "a pull request starts it when its commits are others, and when it ends; a webhook hears of the rest"
        message = f"the types of {name} are not converted: {', '.join(others)}"
        scope.report.warn(fields.key_span("types"), "gha-types", message, hint=hint)
    kept = [text for text in written if text in _MOVES]
    return [] if set(kept) == _USUAL else kept


def _schedule(draft: Draft, name: str, node: Node | None, fields: Fields, scope: Scope) -> None:
    lines = [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []
    draft.put("on", name, value=[resolved(line, scope) for line in lines])


def _manual(draft: Draft, name: str, _: Node | None, fields: Fields, scope: Scope) -> None:
    draft.put("on", "manual", value=None)
    draft.came_from(("on", "manual"), draft.origin(("on", name)))
    _inputs(draft, fields, scope)


def _call(draft: Draft, name: str, _: Node | None, fields: Fields, scope: Scope) -> None:
    draft.put("on", "call", value=None)
    draft.came_from(("on", "call"), draft.origin(("on", name)))
    _inputs(draft, fields, scope)
    for output, entry in fields.below("outputs").entries():
        told = Fields(entry.value if isinstance(entry.value, Mapping) else NOTHING, scope.report)
        value = told.get("value")
        if isinstance(value, Scalar):
            draft.put("outputs", output, value=scope.text(value), origin=entry.key.span)
        if meaning := told.text("description"):
            draft.comment(("outputs", output), meaning)
        report_rest(told, f'the output "{output}"', scope)
    for secret, entry in fields.below("secrets").entries():
        hint = "agents list the secrets that they want"
        scope.report.note(entry.key.span, "gha-secrets", f'the secret "{secret}" need not be declared', hint=hint)


def _inputs(draft: Draft, fields: Fields, scope: Scope) -> None:
    for name, entry in fields.below("inputs").entries():
        options = Fields(entry.value if isinstance(entry.value, Mapping) else NOTHING, scope.report)
        found = _input(name, options, scope)
        known = draft.root.get("inputs", {}).get(name)
        if known is not None and known != found:
            message = f'"{name}" is declared twice, differently'
            scope.report.warn(
                entry.key.span,
                "gha-input",
                message,
                hint="a chain has one declaration for every trigger: the first was kept",
            )
        elif known is None:
            draft.put("inputs", name, value=found, origin=entry.key.span)
        report_rest(options, f'the input "{name}"', scope)


def _input(name: str, options: Fields, scope: Scope) -> dict[str, Any]:
    given = {key: node for key in _TOLD if (node := options.get(key)) is not None}
    kind = _TYPES.get(text_of(given.get("type")) or "string")
    if kind is None:
        scope.report.warn(
            options.span("type"), "gha-input", f'"{text_of(given["type"])}" is no type of an input; it is a string'
        )
    found: dict[str, Any] = {"type": kind or "string"}
    found |= {key: resolved(given[key], scope) for key in ("required", "options", "description") if key in given}
    if "default" in given:
        found |= _default(name, given["default"], found["type"], scope)
    return found


def _default(name: str, node: Node, kind: str, scope: Scope) -> dict[str, Any]:
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, str) and "${{" in value:
        hint = "give it when the chain is called, or write a constant here"
        scope.report.warn(
            node.span, "gha-input", f'the default of "{name}" is an expression; it was left out', hint=hint
        )
        return {}
    if kind == "boolean":
        return {"default": value is True or str(value).lower() == "true"}
    if kind == "number":
        return _number(name, node, scope)
    return {"default": text_of(node)}


def _number(name: str, node: Node, scope: Scope) -> dict[str, Any]:
    number = parse_number(text_of(node))
    if math.isfinite(number):
        return {"default": shortest(number)}
    scope.report.warn(node.span, "gha-input", f'the default of "{name}" is no number; it was left out')
    return {}


def _after(draft: Draft, name: str, _: Node | None, fields: Fields, scope: Scope) -> None:
    """Another workflow has ended."""
    names = [chain_file(text).removesuffix(".yaml") for text, _ in fields.texts("workflows")]
    branches = [text for text, _ in fields.texts("branches")]
    others = [text for text, _ in fields.texts("types") if text != "completed"]
    options = {"outcomes": list(_ENDS), **({"branches": branches} if branches else {})}
    draft.put("on", "chain", value={"chains": names, **options})
    draft.came_from(("on", "chain"), draft.origin(("on", name)))
    if others:
        message = f"a chain starts when another has ended, not when it is {' or '.join(others)}"
        scope.report.warn(fields.key_span("types"), "gha-types", message)
    hint = f"say the ids of the chains that those workflows became: {', '.join(names)}"
    scope.report.warn(fields.span("workflows"), "gha-workflow-run", "workflows are named, chains have ids", hint=hint)


def _unknown(draft: Draft, name: str, on: Node, fields: Fields, scope: Scope) -> None:
    """An event that only a webhook could bring; of what filters it, its types can be asked for there."""
    asked = f"event.headers['x-github-event'] == '{name}'"
    if types := [text for text, _ in fields.texts("types")]:
        among = " || ".join(f"event.body.action == '{one}'" for one in types)
        asked += f" && ({among})" if len(types) > 1 else f" && {among}"
    hint = f'on: {{webhook: {{id: github, verify: {{scheme: github, secret: WEBHOOK_SECRET}}, if: "{asked}"}}}}'
    scope.report.warn(_place(on, name), "gha-trigger", f'"{name}" does not start a chain', hint=hint)
    draft.comment(("on",), f"{name} of GitHub has no equal; a webhook can start the chain:\n{hint}")
    report_rest(fields, f'"{name}"', scope)


_ADD: Final = {
    "push": _filtered,
    "pull_request": _filtered,
    "schedule": _schedule,
    "workflow_dispatch": _manual,
    "workflow_call": _call,
    "workflow_run": _after,
}
