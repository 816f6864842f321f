"""``init``: a chain repository with a chain that runs, ready for an editor that knows the schema."""

import subprocess
from importlib import resources
from pathlib import Path
from typing import Final

import click

from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.output import talk
from chainwright.daemon.cli.schema import published
from chainwright.daemon.web.codes import EXIT_CONFLICT

_LIMIT_S: Final = 30.0
_NOBODY: Final = ("-c", "user.name=chainwright", "-c", "user.email=chainwright@localhost")
"""For the first commit of a person who has not told git their name."""

WRITTEN: Final = {
    "workflows/hello.yaml": "hello.yaml",
    "workflows/agents/greeter.yaml": "greeter.yaml",
}
SCHEMAS: Final = {f".chainwright/{name}.schema.json": name for name in ("chain", "agent")}


@click.command(short_help="Begin a chain repository with a chain that runs.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def init(folder: Path) -> None:
    """Write a chain, an agent and their editor schemas into FOLDER. A folder without git becomes a repository."""
    files = _files()
    _refuse_to_overwrite(folder, files)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(path)
    if _is_repository(folder):
        talk("commit them, then:")
    else:
        _commit(folder, list(files))
        talk("committed to a new repository; now:")
    talk(f"  chainwright up --repo {folder} --detach\n  chainwright run hello -i who=you --follow")


def _files() -> dict[str, str]:
    starter = resources.files("chainwright.daemon.cli.starter")
    chains = {name: (starter / source).read_text(encoding="utf-8") for name, source in WRITTEN.items()}
    return chains | {name: published(schema, draft_07=True) for name, schema in SCHEMAS.items()}


def _refuse_to_overwrite(folder: Path, files: dict[str, str]) -> None:
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise Failure(f"{folder / there[0]} is there already", "nothing was written", EXIT_CONFLICT)


def _is_repository(folder: Path) -> bool:
    return _git(folder, "rev-parse", "--git-dir", check=False).returncode == 0


def _commit(folder: Path, files: list[str]) -> None:
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--", *files)
    named = _git(folder, "config", "user.email", check=False).returncode == 0
    identity = () if named else _NOBODY
    _git(folder, *identity, "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "Begin with a chain")


def _git(folder: Path, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise Failure(f"git cannot be used: {fault}", "chainwright doctor looks further") from None
    if check and done.returncode:
        raise Failure(f"git {arguments[0]} failed", done.stderr.strip())
    return done
