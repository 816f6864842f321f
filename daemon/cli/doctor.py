"""``doctor``: what this machine lacks, and what the daemon knows about itself. Works without a daemon."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from chainwright.daemon.cli.failures import Failure, Unreachable
from chainwright.daemon.cli.output import Column, field, json_option, show_rows
from chainwright.daemon.cli.place import Place
from chainwright.daemon.config import Home

Check = Callable[[Home], str]
"""Looks at one thing and gives what it found; raises Unwell."""

LEAST_FREE: Final = 200 * 1024 * 1024
LEAST_SQLITE: Final = (3, 35, 0)
"""The first with RETURNING."""
LEAST_GIT: Final = (2, 28)
"""The first with `git init --initial-branch`."""
_LIMIT_S: Final = 10.0


class Unwell(Exception):
    """A check failed; the second argument says what to do."""

    def __init__(self, detail: str, hint: str) -> None:
        super().__init__(detail)
        self.hint = hint


@click.command(short_help="Check this machine and the daemon.")
@json_option
@click.pass_obj
def doctor(place: Place, as_json: bool) -> int:
    """Check this machine and, when one answers, the daemon. Exit code 1 when anything is not well."""
    looked = [_looked(name, check, place.home) for name, check in CHECKS.items()] + _daemon(place)
    found = list({one["check"]: one for one in looked}.values())  # what both look at, the daemon knows better
    show_rows(found, COLUMNS, as_json=as_json, empty="")
    return 0 if all(one["ok"] for one in found) else 1


COLUMNS: Final = (
    Column(
        "",
        lambda one: "ok" if one["ok"] else "not ok",
        lambda one: "✓ ok" if one["ok"] else "✗ not ok",
        lambda one: "green" if one["ok"] else "red",
    ),
    Column("CHECK", field("check")),
    Column("FOUND", field("detail")),
    Column("WHAT TO DO", field("hint")),
)


def _looked(name: str, check: Check, home: Home) -> dict[str, Any]:
    try:
        return {"check": name, "ok": True, "detail": check(home), "hint": ""}
    except Unwell as found:
        return {"check": name, "ok": False, "detail": str(found), "hint": found.hint}


def _daemon(place: Place) -> list[dict[str, Any]]:
    """None that answers is worth a line, and nothing wrong."""
    try:
        return place.client.items("/doctor")
    except Unreachable:
        return [{"check": "daemon", "ok": True, "detail": "not running", "hint": "chainwright up --detach starts it"}]
    except Failure as failure:
        return [{"check": "daemon", "ok": False, "detail": str(failure), "hint": failure.hint}]


# the checks of this machine


def _python(_: Home) -> str:
    return f"{sys.version.split()[0]} at {sys.executable}"


def _git(_: Home) -> str:
    try:
        told = subprocess.run(["git", "--version"], capture_output=True, text=True, timeout=_LIMIT_S, check=True).stdout
    except (OSError, subprocess.SubprocessError) as fault:
        raise Unwell(str(fault), "install git") from None
    version = told.split()[2]
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST_GIT:
        raise Unwell(told.strip(), f"install git {'.'.join(map(str, LEAST_GIT))} or newer")
    return version


def _sqlite(_: Home) -> str:
    if sqlite3.sqlite_version_info < LEAST_SQLITE:
        raise Unwell(sqlite3.sqlite_version, f"use a Python with SQLite {'.'.join(map(str, LEAST_SQLITE))} or newer")
    return sqlite3.sqlite_version


def _terminals(_: Home) -> str:
    try:
        for descriptor in os.openpty():
            os.close(descriptor)
    except OSError as fault:
        raise Unwell(str(fault), "mount devpts, or raise kernel.pty.max") from None
    return "can be opened"


def _home(home: Home) -> str:
    """The nearest folder that exists must let us write; nothing is created by asking."""
    folder = next(one for one in (home.root, *home.root.parents) if one.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise Unwell(f"{folder} cannot be written", "choose another with --home or CHAINWRIGHT_HOME")
    return str(home.root)


def _room(home: Home) -> str:
    folder = next(one for one in (home.root, *home.root.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    told = f"{free / 1e9:.1f} GB free"
    if free < LEAST_FREE:
        raise Unwell(told, f"make room at {folder}: terminal output is kept on disk")
    return told


def _socket(home: Home) -> str:
    if home.socket.exists() and not home.socket.is_socket():
        raise Unwell(f"{home.socket} is no socket", "remove it")
    return str(home.socket)


CHECKS: Final[dict[str, Check]] = {
    "python": _python,
    "git": _git,
    "sqlite": _sqlite,
    "terminals": _terminals,
    "home": _home,
    "room": _room,
    "socket": _socket,
}
