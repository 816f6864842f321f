"""The promise made visible: a run, its daemon killed in the middle, and nothing lost.

Everything goes through the command line and the API as anybody would use them; only the kill is ours.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel

from chainwright.daemon.cli.client import Client
from chainwright.daemon.cli.following import View
from chainwright.daemon.cli.watching import Watch
from chainwright.daemon.config import Home
from chainwright.daemon.demo.picture import save_picture
from chainwright.daemon.demo.seed import history_worth_reading, seed
from chainwright.daemon.demo.stage import Stage

CHAIN: Final = "demo"
VICTIM_AGENT: Final = "write"
"""While this agent is in the middle of its first turn, its daemon is killed."""
AWAY_S: Final = 2.5
LIMIT_S: Final = 110.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """What the death of the daemon looked like."""

    pid: int
    attempt_id: str
    written_before: int
    written_after: int
    """Bytes of the agent's output when the daemon died, and before the next one came."""
    new_pid: int


class Demo(Stage):
    """One telling, in a home of its own."""

    def __init__(self, home: Home, console: Console, picture: Path | None = None) -> None:
        super().__init__(home, console)
        self.picture = picture
        """Where the live view at the moment without a daemon is drawn to, if anywhere."""

    def tell(self) -> int:
        """Exit code 0 when the run succeeded and every claim held."""
        started = time.monotonic()
        repository = seed(self.home.root / "demo")
        history = history_worth_reading(Path.cwd()) or repository
        self.say(f"[bold]Nine agents[/] in shell, Python and Perl write a brief about [bold]{history.name}[/].")
        pid = self.up(repository)
        self.say(f"The daemon is up (pid {pid}); its chains come from a commit of {repository}.")
        try:
            run = self.client.post("/runs", {"chain": CHAIN, "inputs": {"repository": str(history)}})
            detail, kill = self._follow(run["id"], repository)
            return self._show_end(detail, kill, time.monotonic() - started)
        finally:
            self.chainwright("down")

    # the middle

    def _follow(self, run_id: str, repository: Path) -> tuple[dict[str, Any], Kill | None]:
        kill: Kill | None = None
        detail: dict[str, Any] = {}
        with self.view(run_id) as view, Watch(self.client, run_id) as watch:
            for detail in watch.pictures(LIMIT_S):
                view.show(detail, away=watch.away_since is not None)
                if kill is None and (attempt := _in_the_middle(detail, self.home)):
                    kill = self._kill(attempt, repository, detail, view)
        return detail, kill

    def _kill(self, attempt_id: str, repository: Path, detail: dict[str, Any], view: View) -> Kill:
        pid = self.client.get("/status")["pid"]
        before = _written(self.home, attempt_id)
        os.kill(pid, signal.SIGKILL)
        self.say(f"[bold red]kill -9 {pid}[/]: the daemon is dead, in the middle of agent [bold]{VICTIM_AGENT}[/].")
        end = time.monotonic() + AWAY_S
        while time.monotonic() < end:
            view.show(detail, away=True)
            time.sleep(0.1)
        after = _written(self.home, attempt_id)
        if self.picture:
            save_picture(self.picture, self.home, detail, away=True)
        self.say(f"Nobody told the agent: it wrote {after - before} bytes since. Starting the daemon again …")
        return Kill(
            pid=pid,
            attempt_id=attempt_id,
            written_before=before,
            written_after=after,
            new_pid=self.up(repository),
        )

    # the end

    def _show_end(self, detail: dict[str, Any], kill: Kill | None, took_s: float) -> int:
        claims = _claims(detail, kill, self.client, self.home)
        all_hold = self.tell_claims(claims)
        report = Path(detail["outputs"].get("report", ""))
        if report.is_file():
            self.console.print(Panel(Markdown(_opening(report)), title=str(report), title_align="left"))
        self.say(f"{took_s:.0f} s. What to try next:")
        self.console.print(_next_steps(self.home, detail["id"]), highlight=False, markup=False)
        return 0 if all_hold else 1


def _in_the_middle(detail: dict[str, Any], home: Home) -> str | None:
    """The attempt of the victim that has begun to write."""
    for turn in detail["agents"].get(VICTIM_AGENT, {}).get("turns", []):
        for attempt in turn["attempts"]:
            if attempt["state"] == "running" and _written(home, attempt["id"]) > 0:
                return str(attempt["id"])
    return None


def _written(home: Home, attempt_id: str) -> int:
    log = home.sessions / attempt_id / "out.log"
    return log.stat().st_size if log.exists() else 0


def _claims(detail: dict[str, Any], kill: Kill | None, client: Client, home: Home) -> list[tuple[bool, str]]:
    attempts = [one for agent in detail["agents"].values() for turn in agent["turns"] for one in turn["attempts"]]
    journal = client.items(f"/runs/{detail['id']}/journal")
    exits = sum(row["kind"] == "SessionExited" for row in journal)
    rounds = len(detail["agents"]["write"]["turns"])
    claims = [
        (detail["outcome"] == "succeeded", f"the run ended: {detail['outcome']}"),
        (rounds == 2, f"the editor sent the first draft back: {rounds} drafts"),
        (
            exits == len(attempts),
            f"{len(attempts)} attempts, {exits} exits on record: none lost or doubled",
        ),
    ]
    if kill is not None:
        log = (home.sessions / kill.attempt_id / "out.log").read_bytes()
        once = log.count(b"draft 1")
        claims += [
            (kill.written_after > kill.written_before, "the agent went on while its daemon was dead"),
            (once == 1, f"and the new daemon (pid {kill.new_pid}) attached to it: it was started {once} time"),
        ]
    else:
        claims.append((False, "the daemon was not killed: the agent was too quick"))
    return claims


def _opening(report: Path) -> str:
    return "\n".join(report.read_text().splitlines()[:14])


def _next_steps(home: Home, run_id: str) -> str:
    place = home.root
    return "\n".join(
        (
            f"  export CHAINWRIGHT_HOME={place}",
            f"  chainwright up --repo {place / 'demo'} --detach     # the daemon again",
            f"  chainwright show {run_id}            # what happened, agent by agent",
            f"  chainwright logs {run_id} write      # what an agent wrote",
            f"  chainwright explain {run_id} edit    # why it ran when it did",
            f"  $EDITOR {place / 'demo' / 'workflows' / 'demo.yaml'}; git commit, and run it again",
            "  chainwright init my-chains                       # a chain repository of your own",
        )
    )
