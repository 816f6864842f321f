"""Scripts of ``run``: values that GitHub pastes into them are handed over in the environment instead."""

import re
from typing import Final

from chainwright.daemon.core.expressions import to_text
from chainwright.daemon.definition.nodes import Scalar
from chainwright.daemon.importers.github.expressions import EXPRESSION, Piece, Scope
from chainwright.daemon.importers.github.names import IN_SHELL, MAY_STAND_IN_SCRIPT, VARIABLES
from chainwright.daemon.importers.names import unlike
from chainwright.schemas.diagnostic import Span

_TOKEN: Final = re.compile(
    r"""\\.|(?P<single>'[^']*(?P<single_end>')?)|(?P<double>"(?:\\.|[^"\\])*(?P<double_end>")?)"""
    r"""|<<<|<<-?\s*(?P<mark>['"\\]?)(?P<here>\w+)['"]?|(?<![^\s;&|(])\#[^\n]*|[^\\'"<#]+|.""",
    re.DOTALL,
)
_VARIABLE: Final = re.compile(r"\$\{?((?:GITHUB|RUNNER)_[A-Z_]+)\b")
_NOT_IN_NAME: Final = re.compile(r"[^A-Za-z0-9]+")
_POSIX: Final = frozenset({"", "bash", "sh", "dash", "zsh", "ksh"})
_POWERSHELL: Final = frozenset({"pwsh", "powershell"})


def script(scalar: Scalar, shell: str, env: dict[str, str], scope: Scope) -> str:
    """The script, with its values by name; ``env`` gains the variables that it needs. ``shell`` is the name of its interpreter."""
    written, parts, at = to_text(scalar.value), [""], 0
    for found in EXPRESSION.finditer(written):
        parts.append(written[at : found.start()])
        parts.append(_value(scalar, found, shell=shell, before="".join(parts), env=env, scope=scope))
        at = found.end()
    text = "".join([*parts, written[at:]])
    for name in dict.fromkeys(_VARIABLE.findall(text)):
        if name in VARIABLES and name not in env:
            scope_text = ".".join(VARIABLES[name])
            env[name] = f"${{{{ {scope.rewritten(scope_text, scalar.span)} }}}}"
    return text


def _value(scalar: Scalar, found: re.Match[str], *, shell: str, before: str, env: dict[str, str], scope: Scope) -> str:
    place = scope.source.within(scalar, found.start(), len(found[0]))
    pieces = scope.pieces(found[1].strip(), place)
    if len(pieces) == 1 and pieces[0].constant is not None:
        return to_text(pieces[0].constant)
    expression = scope.expression(scalar, found)
    if expression in MAY_STAND_IN_SCRIPT or re.fullmatch(r"vars\.[\w.-]+", expression):
        return f"${{{{ {expression} }}}}"
    if shell in _POWERSHELL:
        return f"$env:{_variable(pieces, expression, env)}"
    if shell not in _POSIX:
        hint = "read it from the environment in the script's own language"
        scope.report.error(place, "gha-inject", f'"{expression}" is pasted into a script for {shell}', hint=hint)
        return f"${{{{ {expression} }}}}"
    return _in_shell(_variable(pieces, expression, env), before, place, scope)


def _in_shell(name: str, before: str, place: Span, scope: Scope) -> str:
    """The variable as the shell expands it where it stands: between single quotes they are closed around it."""
    where = quoting(before)
    if where == "quoted here-document":
        hint = "leave the quotes at its beginning out"
        scope.report.error(place, "gha-inject", "a value is pasted into a quoted here-document", hint=hint)
    return f"'\"${{{name}}}\"'" if where == "'" else f"${{{name}}}"


def _variable(pieces: list[Piece], expression: str, env: dict[str, str]) -> str:
    """The name of the variable that holds the value: one that is there, or a new one in ``env``."""
    path = pieces[0].path if len(pieces) == 1 else ()
    if tuple(map(str.lower, path)) in IN_SHELL:
        return IN_SHELL[tuple(map(str.lower, path))]
    if len(path) == 2 and path[0].lower() == "env":
        return path[1]
    value = f"${{{{ {expression} }}}}"
    known = next((name for name, other in env.items() if other == value), None)
    if known is not None:
        return known
    words = _NOT_IN_NAME.sub("_", "_".join(path)).strip("_").upper() or "VALUE"
    name = unlike(words if words[0].isalpha() else f"_{words}", env, joined="_")
    env[name] = value
    return name


def quoting(before: str) -> str:
    """How the shell reads what follows this text: ``'``, ``"``, ``here-document``, ``quoted here-document``, or nothing special."""
    at = 0
    while found := _TOKEN.match(before, at):
        at = found.end()
        if found["single"] and not found["single_end"]:
            return "'"
        if found["double"] and not found["double_end"]:
            return '"'
        if found["here"] and (line := before.find("\n", at)) >= 0:
            closed = re.compile(rf"^\s*{found['here']}$", re.MULTILINE).search(before, line + 1)
            if closed is None:
                return "quoted here-document" if found["mark"] else "here-document"
            at = closed.end()
    return ""
