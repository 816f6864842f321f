"""Values that jobs, steps and whole workflows have alike: environments, shells, limits."""

import re
from typing import Any, Final

from chainwright.daemon.core.expressions import to_text
from chainwright.daemon.definition.nodes import Mapping, Node, Scalar, Sequence
from chainwright.daemon.importers.fields import Fields
from chainwright.daemon.importers.github.expressions import EXPRESSION, Scope
from chainwright.schemas.fields import ENV_NAME, FOLDER

_ENV_NAME: Final = re.compile(ENV_NAME)
_FOLDER: Final = re.compile(FOLDER)
_CONSTANT: Final = re.compile(r"\s*'((?:[^']|'')*)'\s*")
_SHELLS: Final = {
    "bash": "bash --noprofile --norc -eo pipefail",
    "sh": "sh -e",
    "python": "python3",
    "pwsh": "pwsh -File",
    "powershell": "pwsh -File",
}
_LONGEST_MINUTES: Final = 10 * 365 * 1_440.0
_FILE: Final = "{0}"


def resolved(node: Node, scope: Scope) -> Any:
    """The value with every expression in it rewritten."""
    if isinstance(node, Scalar):
        return scope.text(node) if isinstance(node.value, str) else node.value
    if isinstance(node, Sequence):
        return [resolved(item, scope) for item in node.items]
    return {key: resolved(entry.value, scope) for key, entry in node.entries.items()}


def environment(fields: Fields, scope: Scope, key: str = "env") -> dict[str, str]:
    """The variables of ``env``; one whose name cannot stand is left out, with its point."""
    node = fields.get(key)
    if isinstance(node, Scalar):
        hint = "write the variables out, one by one"
        scope.report.warn(node.span, "gha-env", '"env" as one expression is not converted', hint=hint)
    if not isinstance(node, Mapping):
        return {}
    found: dict[str, str] = {}
    for name, entry in node.entries.items():
        if _ENV_NAME.fullmatch(name) and isinstance(entry.value, Scalar):
            found[name] = scope.text(entry.value)
        else:
            hint = (
                "a letter or _, then letters, digits and _; none that Chainwright sets itself, as GitHub does its own"
            )
            scope.report.warn(
                entry.key.span, "gha-env", f'"{name}" cannot be the name of a variable; it was left out', hint=hint
            )
    return found


def constant(fields: Fields, key: str) -> str:
    """A text in which every expression is a constant, as GitHub would read it."""
    return EXPRESSION.sub(lambda found: _unquoted(found[1]), fields.text(key))


def _unquoted(expression: str) -> str:
    found = _CONSTANT.fullmatch(expression)
    return found[1].replace("''", "'") if found else expression


def shell(fields: Fields, scope: Scope, key: str = "shell") -> str:
    """The command line of a shell as we call it: the script's file is put behind it. Empty for the default, which is GitHub's."""
    text = constant(fields, key).strip()
    if not text or text in _SHELLS:
        return _SHELLS.get(text, "")
    words = text.split()
    if words[-1] != _FILE:
        hint = "the script's file is put behind the command"
        scope.report.warn(fields.span(key), "gha-shell", f'the shell "{text}" does not end with {_FILE}', hint=hint)
    return " ".join(word for word in words if word != _FILE)


def folder(fields: Fields, scope: Scope, key: str = "working-directory") -> str:
    """Where a script starts, empty for the workspace itself; a folder outside of it is left out, with its point."""
    node = fields.get(key)
    text = scope.text(node) if isinstance(node, Scalar) else ""
    if isinstance(node, Scalar) and not _FOLDER.search(text):
        hint = f'let the script begin with cd "{text}"; an agent starts within its workspace'
        scope.report.warn(node.span, "gha-folder", f'the folder "{text}" is outside of the workspace', hint=hint)
        return ""
    return text


def interpreter(command: str) -> str:
    """The name of the program that a shell's command line starts."""
    return command.split(maxsplit=1)[0].rpartition("/")[2] if command else ""


def minutes(fields: Fields, scope: Scope, key: str = "timeout-minutes") -> str | None:
    """A limit in minutes, as a duration; None when there is none, or it is known only to GitHub."""
    node = fields.get(key)
    if isinstance(node, Scalar) and isinstance(node.value, str) and "${{" in node.value:
        scope.report.warn(node.span, "gha-timeout", "a time limit cannot be an expression", hint="write timeout: 30m")
        return None
    number = fields.number(key)
    if number is None or number <= 0:
        return None
    number = min(number, _LONGEST_MINUTES)
    return f"{int(number)}m" if number == int(number) else f"{number * 60:.3f}".rstrip("0").rstrip(".") + "s"


def flag(fields: Fields, scope: Scope, key: str) -> bool:
    """True or false; an expression is reported and counts as false."""
    node = fields.get(key)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        constant_text = EXPRESSION.sub(lambda found: found[1].strip(), node.value).strip().lower()
        if constant_text not in ("true", "false"):
            scope.report.warn(node.span, "gha-expression-key", f'"{key}" cannot be an expression; it is false now')
        return constant_text == "true"
    return bool(fields.flag(key)) if node is not None else False


def text_of(node: Node | None) -> str:
    """A scalar as text; empty for anything else."""
    return to_text(node.value) if isinstance(node, Scalar) else ""


def report_rest(fields: Fields, of: str, scope: Scope) -> None:
    """A point for each key that nobody asked for."""
    for key, span in fields.rest():
        scope.report.warn(span, "gha-unused-key", f'"{key}" of {of} is not converted', hint="it has no equal here")
