"""What to do instead of the actions of GitHub's marketplace."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """``run`` is the script that stands for the action; without one, the step is not needed. ``hint`` is told to the person."""

    hint: str
    run: str = ""
    is_note: bool = False


_FAILS: Final = "echo '{uses} was not converted: {hint}' >&2\nexit 1\n"

_TOOLS: Final = {
    "node": "node --version",
    "python": "python3 --version",
    "go": "go version",
    "java": "java -version",
    "dotnet": "dotnet --version",
    "ruby": "ruby --version",
    "php": "php --version",
    "gradle": "gradle --version",
    "dlang": "dmd --version",
    "buildx-action": "docker buildx version",
}
_SETUP: Final = re.compile(r"(?:[\w-]+/setup-(?P<tool>[\w-]+))(?:/.*)?")

CHECKOUT: Final = "actions/checkout"

_DROPPED: Final = {
    CHECKOUT: "the workspace is a checkout of the commit of the run",
    "actions/cache": "the machine keeps what its tools cache; nothing is lost but time",
}
_INSTEAD: Final = {
    "actions/upload-artifact": "declare an output of type file and write its path to $CHAINWRIGHT_OUTPUT",
    "actions/download-artifact": "take the file from needs.<agent>.outputs",
    "actions/upload-pages-artifact": "declare an output of type file and write its path to $CHAINWRIGHT_OUTPUT",
    "actions/github-script": "write the script as run with shell: node, with a token from secrets",
    "github/codeql-action/upload-sarif": "send the file with a command line tool and a token from secrets",
}
_OTHER: Final = "run the tool that it wraps"
_CONTAINER: Final = "run it with docker run"
_LOCAL: Final = "write its steps here, or make an agent file of them"


def advice(uses: str) -> Advice:
    """What stands for the action that a step uses."""
    name = uses.partition("@")[0]
    if name in _DROPPED:
        return Advice(hint=_DROPPED[name], is_note=True)
    setup = _SETUP.fullmatch(name)
    if setup and setup["tool"] in _TOOLS:
        return Advice(hint=f"{setup['tool']} has to be installed on the machine", run=_TOOLS[setup["tool"]] + "\n")
    hint = _INSTEAD.get(name) or (
        _CONTAINER if name.startswith("docker://") else _LOCAL if name.startswith(".") else _OTHER
    )
    return Advice(hint=hint, run=_FAILS.format(uses=uses.replace("'", ""), hint=hint))
