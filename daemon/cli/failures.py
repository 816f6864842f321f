"""How a command fails: what went wrong, what to do, and its exit code."""

from pathlib import Path
from typing import Any

import click

from chainwright.daemon.web.codes import EXIT_FAILED, EXIT_UNREACHABLE, exit_code


class Failure(Exception):
    """A command that could not do its work. The message says what is wrong, ``hint`` what to do about it."""

    exit_code = EXIT_FAILED

    def __init__(self, message: str, hint: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        if code is not None:
            self.exit_code = code

    def show(self) -> None:
        """Tell the person, on stderr."""
        click.echo(f"{click.style('error:', fg='red', bold=True)} {self}", err=True)
        for line in self.hint.splitlines():
            click.echo(f"  {line}", err=True)


class Unreachable(Failure):
    """Nobody answers, or the connection broke off before the answer was whole."""

    exit_code = EXIT_UNREACHABLE

    def __init__(self, socket: Path, why: str) -> None:
        super().__init__(f"no daemon answers at {socket} ({why})", "start one: chainwright up --detach")


class Refused(Failure):
    """The daemon said no; ``problem`` is its answer."""

    def __init__(self, problem: dict[str, Any]) -> None:
        lines = [problem.get("detail", ""), *map(diagnostic, problem.get("diagnostics", ()))]
        super().__init__(str(problem["title"]), "\n".join(filter(None, lines)), exit_code(problem["code"]))
        self.code = str(problem["code"])


def diagnostic(found: dict[str, Any]) -> str:
    """A diagnostic of a problem on one line; whatever it has of path and position comes first."""
    span = found.get("span") or {}
    place = [found.get("path"), span.get("line"), span.get("column")]
    return ": ".join([":".join(str(part) for part in place if part), str(found.get("message", found))])
