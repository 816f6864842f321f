"""What every demo stands on: a home of its own, the command line as anybody would use it, and a voice."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.failures import Failure
from chainwright.daemon.cli.following import Lines, View
from chainwright.daemon.cli.live import live_view
from chainwright.daemon.config import Home

COMMAND_LIMIT_S: Final = 60.0


class Stage:
    """One home, and who tells what happens there."""

    def __init__(self, home: Home, console: Console) -> None:
        self.home = home
        self.console = console
        self.client = Client(home.socket)

    def up(self, repository: Path) -> int:
        """The process id of a daemon that serves this repository."""
        self.chainwright("up", "--repo", str(repository), "--detach")
        pid: int = self.client.get("/status")["pid"]
        return pid

    def chainwright(self, *arguments: str) -> str:
        """What the command prints. Raises Failure."""
        done = subprocess.run(
            self._command(*arguments), capture_output=True, text=True, timeout=COMMAND_LIMIT_S, check=False
        )
        if done.returncode:
            raise Failure(f"chainwright {arguments[0]} failed", done.stderr.strip())
        return done.stdout

    def show(self, *arguments: str) -> None:
        """Say a command and let it print for whoever watches. Raises Failure."""
        self.say(f"[bold]chainwright {' '.join(arguments)}[/]")
        done = subprocess.run(self._command(*arguments), timeout=COMMAND_LIMIT_S, check=False)
        if done.returncode:
            raise Failure(f"chainwright {' '.join(arguments[:2])} failed", "what it said stands above")

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "chainwright", "--home", str(self.home.root), *arguments]

    @contextmanager
    def view(self, run_id: str) -> Iterator[View]:
        """A picture of the run that moves, or lines where there is no terminal."""
        if self.console.is_terminal:
            with live_view(self.client, run_id, self.console) as view:
                yield view
        else:
            yield Lines(err=False)

    def say(self, text: str) -> None:
        """A line to whoever watches."""
        self.console.print(f"[cyan]▸[/] {text}", highlight=False)

    def tell_claims(self, claims: list[tuple[bool, str]]) -> bool:
        """Say which of them hold; whether all do."""
        for holds, claim in claims:
            self.say(f"[green]✓[/] {claim}" if holds else f"[bold red]✗ {claim}[/]")
        return all(holds for holds, _ in claims)


def fresh_home(folder: Path) -> Home:
    """An empty home; a daemon that an earlier demo left there is stopped first."""
    home = Home(folder)
    if folder.exists():
        client = Client(home.socket)
        if client.is_ready():
            os.kill(client.get("/status")["pid"], signal.SIGTERM)
        shutil.rmtree(folder)
    return home
