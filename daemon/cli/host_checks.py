"""What ``hosts test`` and ``hosts trust`` show: the checks of a trial as they come, and a key that people compare."""

import os
import sys
from collections.abc import Iterable
from typing import Any, Final

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import printable, show_json, talk
from chainwright.daemon.web.codes import EXIT_CONFLICT, EXIT_FAILED, EXIT_OK, EXIT_USAGE

Check = dict[str, Any]

_SIGNS: Final = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red"), "skipped": ("-", "")}
_KEY_FILES: Final = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa"}
_SLOW_S: Final = 0.1


def show_checks(checks: Iterable[Check], *, as_json: bool) -> int:
    """Each as it comes; the exit code."""
    has_failed = False
    for check in checks:
        has_failed = has_failed or check["verdict"] == "failed"
        if as_json:
            show_json(check)
        elif sys.stdout.isatty():
            _show(check)
        else:
            fields = (check["verdict"], check["check"], check["detail"], check["hint"])
            click.echo("\t".join(printable(field) for field in fields))
    return EXIT_FAILED if has_failed else EXIT_OK


def _show(check: Check) -> None:
    sign, colour = _SIGNS[check["verdict"]]
    took = f"  {check['seconds']:.1f} s" if check["seconds"] >= _SLOW_S else ""
    mark = f"{sign} {check['check']:<12}"
    if colour and "NO_COLOR" not in os.environ:
        mark = click.style(mark, fg=colour)
    click.echo(f"{mark} {printable(check['detail'])}{took}")
    if check["hint"]:
        click.echo(f"{'':<15}→ {printable(check['hint'])}")


def agreed(name: str, key: dict[str, Any], *, expected: str | None, yes: bool, replace: bool) -> bool:
    """Whether the key that a host shows is to be pinned; False where it is already. Raises Failure where it may not."""
    _introduce(name, key)
    if key["is_pinned"]:
        return False
    if key["pinned"] is not None and not replace:
        why = "it was set up anew, its key was renewed, or somebody is between you and it"
        raise Failure(f"host {name} shows another key than is pinned", f"{why}; --replace pins this one", EXIT_CONFLICT)
    if expected is not None:
        return _is_expected(name, key["fingerprint"], expected)
    if yes:
        return True
    if not sys.stdin.isatty():
        hint = "compare it, and say --fingerprint SHA256:…, or --yes if you need not"
        raise Failure("nobody can be asked whether this is the right key", hint, EXIT_USAGE)
    if not click.confirm("Is this the key of that machine?", err=True):
        raise click.Abort
    return True


def _introduce(name: str, key: dict[str, Any]) -> None:
    if key["pinned"] is not None:
        talk(f"pinned   {key['pinned_algorithm']} {key['pinned']}")
    talk(f"shown    {key['algorithm']} {key['fingerprint']}")
    kind = _KEY_FILES.get(key["algorithm"], key["algorithm"].partition("-")[0])
    talk(f"compare  on {name} itself: ssh-keygen -lf /etc/ssh/ssh_host_{kind}_key.pub")


def _is_expected(name: str, shown: str, expected: str) -> bool:
    if shown.removeprefix("SHA256:") == expected.removeprefix("SHA256:").rstrip("="):
        return True
    raise Failure(
        f"host {name} shows another key than you expect", f"expected {expected}, shown {shown}", EXIT_CONFLICT
    )
