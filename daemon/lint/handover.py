"""How a value that a script pastes in is handed over instead: by a variable of the environment, quoted as its place asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chainwright.daemon.core.expressions import Reference
from chainwright.daemon.definition.nodes import Mapping as Keys
from chainwright.daemon.definition.nodes import Node, Path, Scalar, at, scalars
from chainwright.daemon.lint.shell_text import EXPRESSION, SHELLS, Quoting, quoting_at
from chainwright.daemon.lint.texts import Text

_NO_NAME: Final = re.compile(r"[^A-Z0-9]+")
_TAKEN: Final = re.compile(
    r"(CHAINWRIGHT|GITHUB|INPUT|LC|LD|BASH|GIT)(_.*)?|\d.*|CI|IFS|PS\d|ENV|PATH|PWD|OLDPWD|HOME|LANG|TERM|TZ|USER|SHELL"
    r"|LOGNAME|HOSTNAME|EDITOR|PAGER|UID|EUID|PPID|RANDOM|SECONDS|LINENO|OPTARG|OPTIND|REPLY"
)
"""Variables that mean something to shells and programs, or are set by Chainwright."""

_QUOTED: Final[dict[Quoting, str]] = {"bare": '"${}"', "double": "${}", "single": "'\"${}\"'"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """The expression from ``start`` to ``end`` of a script, and the variable that carries its value instead."""

    start: int
    end: int
    expression: str
    variable: str
    is_given: bool
    """Whether the environment holds it already."""
    inserted: str | None
    """What stands in the script then; None where the shell is another language, or the place is code for one."""


def handover(root: Node, text: Text, reference: Reference) -> Handover | None:
    """For an expression of a script; None when it cannot be made out in the text."""
    opened = text.written.rfind("${{", 0, reference.offset + 1)
    found = EXPRESSION.match(text.written, opened) if opened >= 0 else None
    if found is None:
        return None
    variable, is_given = _variable(root, text, reference.path, found[0])
    return Handover(
        start=found.start(),
        end=found.end(),
        expression=found[0],
        variable=variable,
        is_given=is_given,
        inserted=_inserted(root, text, found, variable),
    )


def owner_of(text: Text) -> Path:
    """The path of what has the environment of a script: its step, else its agent."""
    above = text.path[:-1]
    return above[:-2] if above[-2:-1] == ("checks",) else above


def shell_of(root: Node, text: Text, default: str = "sh") -> str:
    """The name of the interpreter that reads a script; ``default`` where none is written."""
    agent = ("agents", text.agent) if text.agent is not None else ()
    places: tuple[Path, ...] = ((*owner_of(text), "shell"), (*agent, "shell"), ("defaults", "shell"))
    written = (at(root, *place) for place in places)
    command = next((str(one.value) for one in written if isinstance(one, Scalar)), default)
    return (command.split() or [""])[0].rpartition("/")[2]


def _inserted(root: Node, text: Text, found: re.Match[str], variable: str) -> str | None:
    if shell_of(root, text) not in SHELLS:
        return None
    form = _QUOTED.get(quoting_at(text.written, found.start()))
    goes_on = re.match(r"\w", text.written[found.end() :]) is not None
    return form.format(f"{{{variable}}}" if goes_on and form == "${}" else variable) if form else None


def _variable(root: Node, text: Text, path: tuple[str, ...], expression: str) -> tuple[str, bool]:
    """A name that nothing else has, and whether the environment gives that value by it already."""
    environment = _environment(root, text)
    given = next((name for name, value in environment.items() if value == expression), None)
    if given is not None:
        return given, True
    if path[0] == "secrets" and path[-1] in _listed_secrets(root, text):
        return path[-1], True
    if text.agent is None and path[0] == "inputs" and len(path) == 2:
        return f"INPUT_{_named(path[1:])}", True
    names = [_named(path[-length:]) for length in range(1, len(path) + 1)]
    names += [f"{names[-1]}_{number}" for number in range(2, 100)]
    return next(name for name in names if _is_free(name, text, environment)), False


def _listed_secrets(root: Node, text: Text) -> list[str]:
    """Each reaches the process as the variable of its name."""
    agent = ("agents", text.agent) if text.agent is not None else ()
    return [str(scalar.value) for _, scalar in scalars(at(root, *agent, "secrets"))]


def _named(path: tuple[str, ...]) -> str:
    return _NO_NAME.sub("_", "_".join(path).upper()).strip("_") or "VALUE"


def _is_free(name: str, text: Text, environment: Mapping[str, str]) -> bool:
    in_script = EXPRESSION.sub("", text.written)
    return not _TAKEN.fullmatch(name) and name not in environment and not re.search(rf"\b{name}\b", in_script)


def _environment(root: Node, text: Text) -> dict[str, str]:
    """What the script's environment is made of, as it is written: the nearest wins."""
    agent = ("agents", text.agent) if text.agent is not None else ()
    found: dict[str, str] = {}
    for path in ((), ("defaults",), agent, owner_of(text)):
        env = at(root, *path, "env")
        for name, entry in env.entries.items() if isinstance(env, Keys) else ():
            found[name] = str(entry.value.value) if isinstance(entry.value, Scalar) else ""
    return found
