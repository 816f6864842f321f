"""The folder that is put in front of an agent's PATH: ``chainwright``, of which agents need ``emit``, and need it fast.

The command itself loads the whole command line interface (a tenth of a second and more); an agent that emits in a loop would feel
that. So a line of shell hands ``emit`` to the session host's file, compiled, without ``site``, and every other verb to the command.
"""

import os
import py_compile
import shlex
import sys
from pathlib import Path
from typing import Final

from chainwright.runners import session_host

_SHIM: Final = """\
#!/bin/sh
# The command of agents: emit goes the short way.
[ "$1" = emit ] && [ -n "$CHAINWRIGHT_EVENTS" ] && exec {session_host} "$@"
exec {command} "$@"
"""


def place(folder: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    """Put the tools into ``folder``, replacing what is there whole; returns the command line that runs the session host's file."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    compiled = folder / "session_host.pyc"
    for left in folder.glob(
        "session_host.pyc.*"
    ):  # by a daemon that was killed over it; py_compile may want the very same name
        left.unlink(missing_ok=True)
    py_compile.compile(session_host.__file__, cfile=str(compiled), doraise=True)
    host = (sys.executable, "-I", "-S", str(compiled))
    _replace(folder / "chainwright", _SHIM.format(session_host=shlex.join(host), command=shlex.join(command)))
    return host


def _replace(path: Path, text: str) -> None:
    """Whole: agents of an earlier daemon may be executing it now."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text)
    aside.chmod(0o755)
    aside.replace(path)
